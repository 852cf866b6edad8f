//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package hub

import (
	"os"
	"syscall"
)

// openOwn creates (a name nobody has) or opens (what a dead process left) a partial file so that no second process can
// open it as its own until it is closed or this one dies. ok is false if somebody else has it.
//
// The lock never makes anybody wait: who does not get a partial file starts another one.
func openOwn(path string, create bool) (f *os.File, ok bool, err error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE | os.O_EXCL
	}
	if f, err = os.OpenFile(path, flag, 0o600); err != nil {
		return nil, false, err
	}
	raw, err := f.SyscallConn()
	if err == nil {
		var lockErr error
		err = raw.Control(func(fd uintptr) { lockErr = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
		ok = err == nil && lockErr == nil
	}
	// On file systems without locks a new file is ours by its name, and nobody will be able to claim it.
	if create || ok {
		return f, true, nil
	}
	return nil, false, f.Close()
}

// renameOwn gives an own file another name, holding it until the name is given.
func renameOwn(f *os.File, to string) error {
	err := os.Rename(f.Name(), to)
	return oneLineOrNil(err, f.Close())
}

// removeOwn removes an own file, holding it until it is gone.
func removeOwn(f *os.File) error {
	err := unlessGone(os.Remove(f.Name()))
	return oneLineOrNil(err, f.Close())
}
