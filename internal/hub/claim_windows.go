package hub

import (
	"os"
	"syscall"
)

// openOwn creates (a name nobody has) or opens (what a dead process left) a partial file so that no second process can
// open it as its own until it is closed or this one dies: it is opened without sharing. ok is false if somebody else
// has it.
func openOwn(path string, create bool) (f *os.File, ok bool, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, false, err
	}
	mode := uint32(syscall.OPEN_EXISTING)
	if create {
		mode = syscall.CREATE_NEW
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, mode, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	const sharingViolation = syscall.Errno(32)
	if err == sharingViolation && !create {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), true, nil
}

// renameOwn gives an own file another name; Windows renames closed files only.
func renameOwn(f *os.File, to string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), to)
}

// removeOwn removes an own file; Windows removes closed files only.
func removeOwn(f *os.File) error {
	err := f.Close()
	return oneLineOrNil(err, unlessGone(os.Remove(f.Name())))
}
