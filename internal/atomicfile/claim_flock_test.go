//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTakenNameIsNotRemoved: between the opening of an abandoned file and its removal the name became another file's.
func TestTakenNameIsNotRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, os.Rename(path, path+".done"))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	removeOpened(f, path)
	assert.FileExists(t, path, "another writer's")
	require.NoError(t, os.Rename(path+".done", path))
	removeOpened(f, path)
	assert.NoFileExists(t, path)
}
