//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// claim marks a temporary file as having a living writer: a lock that nobody waits for and that ends with the process.
// It is false if another process is just removing the file as abandoned. File systems without locks have no claims, and
// nothing is removed there.
func claim(f *os.File) bool { return !errors.Is(lock(f), syscall.EWOULDBLOCK) }

func lock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	if err := raw.Control(func(fd uintptr) { locked = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) }); err != nil {
		return err
	}
	return locked
}

// removeAbandoned removes a temporary file that no living process has claimed.
func removeAbandoned(path string) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	removeOpened(f, path)
}

// removeOpened is removeAbandoned of a file that was opened under that name: meanwhile its writer may have given it its own
// name, and somebody else may have taken this one.
func removeOpened(f *os.File, path string) {
	if lock(f) == nil && isNamed(f) {
		_ = os.Remove(path) // what stays is in nobody's way
	}
}

// RemoveAbandonedFolders removes the folders in dir, whose names begin so, that hold the lock of a process which is no more. One
// without a lock is being made, and on file systems without locks nothing is removed.
func RemoveAbandonedFolders(dir, prefix string) {
	for _, dir := range beginning(dir, prefix) {
		f, err := os.OpenFile(filepath.Join(dir, LockFile), os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue // nobody's yet, or another user's
		}
		if lock(f) == nil && isNamed(f) {
			_ = os.RemoveAll(dir) // what stays is in nobody's way
		}
		_ = f.Close() // nothing was written
	}
}

// Rename holds the claim until the file has its name.
func (OS) Rename(f File, to string) error {
	err := os.Rename(f.Name(), to)
	return errors.Join(err, f.Close())
}

// openLock opens the file of a lock, which is claimed next.
func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o666)
}

// removeLock removes the file while it is claimed: who opened it meanwhile finds that it has lost its name.
func removeLock(_ *os.File, path string) error { return os.Remove(path) }
