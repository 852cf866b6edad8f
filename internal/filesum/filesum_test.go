//go:build linux || darwin

package filesum_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/filesum"
)

// fixture is a file, and a memory whose clock says that it was left alone for long.
func fixture(t *testing.T) (m filesum.Memory, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weights")
	require.NoError(t, os.WriteFile(path, []byte("right"), 0o644))
	return filesum.Memory{Dir: filepath.Join(t.TempDir(), "sums"), Now: func() time.Time { return time.Now().Add(time.Hour) }}, path
}

// ask gives a content that is not the file's: the digest tells whether it was read.
func ask(t *testing.T, m filesum.Memory, path, content string) (read bool) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	got := m.Sum(path, info, []byte(content))
	if got == sha256.Sum256([]byte(content)) {
		return true
	}
	require.Equal(t, sha256.Sum256([]byte("right")), got)
	return false
}

func TestRemembersUntilTheFileChanges(t *testing.T) {
	m, path := fixture(t)
	require.True(t, ask(t, m, path, "right"))
	require.False(t, ask(t, m, path, "other"), "remembered")

	for _, c := range []struct {
		name   string
		change func() error
	}{
		{"the same content written again", func() error { return os.WriteFile(path, []byte("right"), 0o644) }},
		{"other content of the same size, with the old time", func() error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte("wrong"), 0o644); err != nil {
				return err
			}
			return os.Chtimes(path, info.ModTime(), info.ModTime())
		}},
		{"another file of that name", func() error {
			if err := os.WriteFile(path+".new", []byte("right"), 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}},
		{"longer", func() error { return os.WriteFile(path, []byte("righter"), 0o644) }},
	} {
		time.Sleep(20 * time.Millisecond) // the file system's clock ticks
		require.NoError(t, c.change())
		assert.True(t, ask(t, m, path, "other"), c.name)
		assert.True(t, ask(t, m, path, "other"), "the digest of other was remembered")
		info, err := os.Stat(path)
		require.NoError(t, err)
		m.Dir += "x" // forget
		m.Sum(path, info, []byte("right"))
		require.False(t, ask(t, m, path, "other"))
	}
}

func TestNotRemembered(t *testing.T) {
	t.Run("changed a moment ago", func(t *testing.T) {
		m, path := fixture(t)
		m.Now = nil
		require.True(t, ask(t, m, path, "right"))
		assert.True(t, ask(t, m, path, "other"))
	})
	t.Run("a folder that others may write", func(t *testing.T) {
		m, path := fixture(t)
		require.True(t, ask(t, m, path, "right"))
		require.NoError(t, os.Chmod(m.Dir, 0o777))
		assert.True(t, ask(t, m, path, "other"))
	})
	t.Run("a mark that was tampered with", func(t *testing.T) {
		m, path := fixture(t)
		require.True(t, ask(t, m, path, "right"))
		entries, err := os.ReadDir(m.Dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		mark := filepath.Join(m.Dir, entries[0].Name())
		text, err := os.ReadFile(mark)
		require.NoError(t, err)
		for _, bad := range []string{"", "x", string(text[:len(text)-5]), string(text) + "x"} {
			require.NoError(t, os.WriteFile(mark, []byte(bad), 0o600))
			info, err := os.Stat(path)
			require.NoError(t, err)
			assert.Equal(t, sha256.Sum256([]byte("right")), m.Sum(path, info, []byte("right")))
			require.NoError(t, os.WriteFile(mark, []byte(bad), 0o600))
			assert.True(t, ask(t, m, path, "other"), "%q", bad)
			require.NoError(t, os.WriteFile(mark, text, 0o600))
		}
	})
	t.Run("no folder", func(t *testing.T) {
		_, path := fixture(t)
		assert.True(t, ask(t, filesum.Memory{}, path, "right"))
		assert.True(t, ask(t, filesum.Memory{Dir: "/proc/nowhere"}, path, "right"))
	})
}
