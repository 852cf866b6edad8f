//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package hub

import "os"

// openOwn creates a partial file under a name nobody has. Without locks nobody can tell whether the owner of an
// existing one is alive, so those are never taken over here.
func openOwn(path string, create bool) (f *os.File, ok bool, err error) {
	if !create {
		return nil, false, nil
	}
	f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, err == nil, err
}

// renameOwn gives an own file another name.
func renameOwn(f *os.File, to string) error {
	err := os.Rename(f.Name(), to)
	return oneLineOrNil(err, f.Close())
}

// removeOwn removes an own file, holding it until it is gone.
func removeOwn(f *os.File) error {
	err := unlessGone(os.Remove(f.Name()))
	return oneLineOrNil(err, f.Close())
}
