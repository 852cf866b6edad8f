//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// claim has no locks to work with here.
func claim(*os.File) bool { return true }

// abandonedAfter is how long a file that is not open has not been written to when its writer counts as dead.
const abandonedAfter = time.Hour

// removeAbandoned removes an old temporary file. Windows removes no file that a process has open.
func removeAbandoned(path string) {
	if info, err := os.Lstat(path); err == nil && runtime.GOOS == "windows" && time.Since(info.ModTime()) > abandonedAfter {
		_ = os.Remove(path) // what stays is in nobody's way
	}
}

// RemoveAbandonedFolders removes the folders in dir, whose names begin so, that hold the lock of a process which is no more: its
// file can be removed, where Windows removes no file that a process has open. Other systems here tell nothing of the kind, and
// nothing is removed.
func RemoveAbandonedFolders(dir, prefix string) {
	for _, dir := range beginning(dir, prefix) {
		if runtime.GOOS == "windows" && os.Remove(filepath.Join(dir, LockFile)) == nil {
			_ = os.RemoveAll(dir) // what stays is in nobody's way
		}
	}
}

// Rename closes first: Windows renames closed files only.
func (OS) Rename(f File, to string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), to)
}

// openLock makes the file of a lock. Windows removes no file that a process has open: what can be removed locks nothing.
func openLock(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, ErrLocked
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrLocked
	}
	return f, err
}

// removeLock closes first: Windows removes closed files only.
func removeLock(f *os.File, path string) error { return errors.Join(f.Close(), os.Remove(path)) }
