package mapfile_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// opened is a file of two pages.
func opened(t *testing.T) (f *mapfile.File, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "weights")
	require.NoError(t, os.WriteFile(path, make([]byte, 2*os.Getpagesize()), 0o666))
	f, err := mapfile.Open(dir, "weights")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	return f, path
}

// TestGuarded: a fault is an error, which says what the file's state says; whatever else happens passes.
func TestGuarded(t *testing.T) {
	fine := func() error { return nil }
	mine := errors.New("mine")
	require.NoError(t, mapfile.Guarded(fine, fine))
	require.ErrorIs(t, mapfile.Guarded(fine, func() error { return mine }), mine)
	var none []int
	assert.PanicsWithError(t, "runtime error: index out of range [0] with length 0", func() { _ = mapfile.Guarded(fine, func() error { none[len(none)] = 1; return nil }) })
	assert.PanicsWithValue(t, "a value", func() { _ = mapfile.Guarded(fine, func() error { panic("a value") }) })
	shorttest.NeedsFaults(t)
	f, path := opened(t)
	require.NoError(t, os.Truncate(path, 1))
	sum := 0
	read := func() error {
		for _, b := range f.Content {
			sum += int(b)
		}
		return nil
	}
	require.ErrorContains(t, mapfile.Guarded(f.Verify, read), "weights: changed while in use")
	assert.EqualError(t, mapfile.Guarded(fine, read), "content of a weight file could not be read: it was cut short, or its disk failed", "an unchanged file whose disk failed")
}

// TestSumOfChangedFile: a digest of something else than what was opened is none.
func TestSumOfChangedFile(t *testing.T) {
	f, path := opened(t)
	want := sha256.Sum256(f.Content)
	got, err := f.Sum(nil)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	remembered := func(string, fs.FileInfo, []byte) [sha256.Size]byte { return [sha256.Size]byte{7} }
	got, err = f.Sum(remembered)
	require.NoError(t, err)
	assert.Equal(t, [sha256.Size]byte{7}, got)
	shorttest.NeedsFaults(t)
	for _, size := range []int64{1, 1 << 20} {
		require.NoError(t, os.Truncate(path, size))
		for _, sum := range []mapfile.Summer{nil, remembered} {
			_, err := f.Sum(sum)
			require.ErrorContains(t, err, "weights: changed while in use")
		}
	}
}
