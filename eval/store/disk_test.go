//go:build unix

package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, fill(t, filepath.Join(dir, "real"), model, 0, 5).Close())
	require.NoError(t, os.Symlink("real", filepath.Join(dir, "link")))
	s, err := Open(filepath.Join(dir, "link"), model)
	require.NoError(t, err, "the cache directory may be a link")
	assert.Equal(t, 5, s.Stats().Answers)
	require.NoError(t, s.Put(question(7), reply(7)))
	require.NoError(t, s.Close())

	sub := modelDir(t, filepath.Join(dir, "real"), model)
	require.NoError(t, os.Symlink(filepath.Join(sub, segmentName(1)), filepath.Join(sub, segmentName(9))))
	require.NoError(t, syscall.Mkfifo(filepath.Join(sub, segmentName(10)), 0o644), "opening it would wait for ever")
	s, err = Open(filepath.Join(dir, "real"), model)
	require.NoError(t, err)
	require.Len(t, s.Damages(), 2)
	assert.Contains(t, s.Damages()[0].String(), "00000009.seg: offset 0: a symbolic link")
	assert.Contains(t, s.Damages()[1].String(), "00000010.seg: offset 0: not a regular file")
	assert.Equal(t, 6, s.Stats().Answers)
	require.NoError(t, s.Close())
	_, err = disk{}.Open(filepath.Join(sub, segmentName(9)))
	assert.ErrorContains(t, err, "not a regular file", "a name that became a link after it was listed")

	other := filepath.Join(dir, "other")
	require.NoError(t, os.Mkdir(other, 0o755))
	require.NoError(t, os.Symlink(sub, modelDir(t, other, model)))
	_, err = Open(other, model)
	assert.ErrorContains(t, err, "is a symbolic link")
	dangling, err := Open(filepath.Join(dir, "later"), model)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "later"), 0o755))
	require.NoError(t, os.Symlink("/nowhere/at/all", modelDir(t, filepath.Join(dir, "later"), model)))
	assert.ErrorContains(t, dangling.Put(question(1), reply(1)), "is not a directory", "a link planted after opening")
	require.Error(t, dangling.Close())
}

// TestSegmentExchangedWhileItIsOpened gives the name to another file after the look at it and before the opening.
func TestSegmentExchangedWhileItIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), segmentName(1))
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
	before, err := os.Lstat(path)
	require.NoError(t, err)
	f, err := openAs(path, before)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	require.NoError(t, os.Rename(path, path+".old"))
	require.NoError(t, os.WriteFile(path, []byte("theirs"), 0o600))
	_, err = openAs(path, before)
	assert.ErrorContains(t, err, "changed while it was opened")
	require.NoError(t, os.Remove(path))
	other := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(other, []byte("secret"), 0o600))
	require.NoError(t, os.Symlink(other, path))
	_, err = openAs(path, before)
	assert.ErrorContains(t, err, "changed while it was opened", "a link planted in between")
}

func TestOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make another user's files")
	}
	const other = 65534
	dir := t.TempDir()
	require.NoError(t, fill(t, dir, model, 0, 5).Close())
	sub := modelDir(t, dir, model)
	seg := filepath.Join(sub, segmentName(1))
	answers := func() (int, []Damage) {
		s, err := Open(dir, model)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		return s.Stats().Answers, s.Damages()
	}
	chown := func(path string, uid int) { require.NoError(t, os.Chown(path, uid, -1)) }
	chmod := func(path string, mode fs.FileMode) { require.NoError(t, os.Chmod(path, mode)) }

	chown(seg, other)
	n, _ := answers()
	assert.Equal(t, 5, n, "a cache that others fill is used where only they may write")
	chmod(sub, 0o777)
	n, damages := answers()
	assert.Zero(t, n)
	require.Len(t, damages, 1)
	assert.Contains(t, damages[0].Reason, "another user's file in a directory that everybody may write to")
	chown(seg, 0)
	n, _ = answers()
	assert.Equal(t, 5, n)
	chmod(seg, 0o666)
	n, damages = answers()
	assert.Zero(t, n)
	assert.Contains(t, damages[0].Reason, "everybody may write to it")
	chmod(seg, 0o644)

	for _, d := range []string{sub, dir} {
		chown(d, other)
		chmod(d, 0o777)
		_, err := Open(dir, model)
		assert.ErrorIs(t, err, ErrUntrusted)
		assert.ErrorContains(t, err, d)
		chmod(d, 0o755)
		n, _ = answers()
		assert.Equal(t, 5, n)
		chown(d, 0)
	}
	chown(dir, other)
	chmod(dir, 0o777|fs.ModeSticky)
	_, err := List(dir)
	assert.ErrorIs(t, err, ErrUntrusted)
}

// TestReadOnlyCache answers from a cache that cannot be written to, and says so when it must be.
func TestReadOnlyCache(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere; TestEveryOperationFails covers it")
	}
	dir := t.TempDir()
	require.NoError(t, fill(t, dir, model, 0, 5).Close())
	sub := modelDir(t, dir, model)
	require.NoError(t, os.Chmod(sub, 0o555))
	defer func() { assert.NoError(t, os.Chmod(sub, 0o755)) }()
	s, err := Open(dir, model)
	require.NoError(t, err)
	_, ok := s.Get(question(1))
	assert.True(t, ok)
	require.NoError(t, s.Flush())
	err = s.Put(question(9), reply(9))
	assert.ErrorIs(t, err, fs.ErrPermission)
	assert.ErrorContains(t, err, sub)
	require.Error(t, s.Close())
}
