package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// LockFile is the name of the file in a directory that is there while a process has locked the directory. The file of a
// process that was killed locks nothing: the next process takes it over.
const LockFile = ".swallow-eval.lock"

// ErrLocked reports a directory that another process writes to.
var ErrLocked = errors.New("another process is writing there")

// Lock is a directory that this process alone writes to, as long as all others ask.
type Lock struct {
	f    *os.File
	path string
}

// LockDir locks a directory until Unlock or the end of the process, and waits for nobody: the error is then ErrLocked. On
// file systems without locks every process gets one.
func LockDir(dir string) (*Lock, error) {
	path := filepath.Join(dir, LockFile)
	for range namesTried {
		f, err := openLock(path)
		if errors.Is(err, ErrLocked) {
			return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
		}
		if err != nil {
			return nil, err
		}
		if !claim(f) {
			return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrLocked), f.Close())
		}
		// Between the opening and the claim its holder may have removed it.
		if isNamed(f) {
			return &Lock{f, path}, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: not lockable after %d tries", dir, namesTried)
}

// Unlock lets others write. A directory that was renamed or removed meanwhile is left as it is.
func (l *Lock) Unlock() error {
	var err error
	if isNamed(l.f) {
		err = removeLock(l.f, l.path)
	}
	if cerr := l.f.Close(); !errors.Is(cerr, fs.ErrClosed) {
		err = errors.Join(err, cerr)
	}
	return err
}
