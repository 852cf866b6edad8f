package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Disk is what writing needs of a file system. OS is the real one; tests have others, which fail.
type Disk interface {
	// Create begins a temporary file beside path under a name that nobody has, after removing what dead writers of
	// the same path left there.
	Create(path string) (File, error)
	// Rename gives a temporary file its final name, in place of what has that name, and closes it.
	Rename(f File, to string) error
	// Remove deletes a file; fs.ErrNotExist if there is none.
	Remove(path string) error
	// SyncDir makes the entries of a directory durable.
	SyncDir(dir string) error
}

// File is a temporary file being written.
type File interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// OS is the operating system's file system.
type OS struct{}

var _ Disk = OS{}

const (
	tmpSuffix  = ".tmp"
	namesTried = 1000
)

// Create gives the file the permissions that the user's umask allows.
func (OS) Create(path string) (File, error) {
	sweep(path)
	prefix := tmpPrefix(path)
	for range namesTried {
		f, err := os.OpenFile(fmt.Sprintf("%s%016x%s", prefix, rand.Uint64(), tmpSuffix), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			pe.Path = path // the name that the user knows
		}
		if err != nil {
			return nil, err
		}
		// Between its creation and its claim another process may have taken the file for abandoned.
		if claim(f) && isNamed(f) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: no temporary name free after %d tries", path, namesTried)
}

// tmpPrefix is how the names of path's temporary files begin.
func tmpPrefix(path string) string {
	dir, base := filepath.Split(path)
	return dir + "." + base + "."
}

// isNamed says whether the file still has its name.
func isNamed(f *os.File) bool {
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(here, there)
}

// beginning are the folders in dir, links to such not among them, whose names begin so. Where they cannot be listed there are none.
func beginning(dir, prefix string) (paths []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// sweep removes the temporary files of path whose writers died. What cannot be removed stays: it is in nobody's way.
func sweep(path string) {
	dir, prefix := filepath.Dir(path), filepath.Base(tmpPrefix(path))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // creating a file there will say why
	}
	for _, e := range entries {
		random, temporary := strings.CutSuffix(e.Name(), tmpSuffix)
		random, ofPath := strings.CutPrefix(random, prefix)
		if temporary && ofPath && len(random) == 16 && e.Type().IsRegular() {
			removeAbandoned(filepath.Join(dir, e.Name()))
		}
	}
}

// Remove deletes a file.
func (OS) Remove(path string) error { return os.Remove(path) }

// SyncDir makes the entries of a directory durable. Windows has no such call and needs none.
func (OS) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// SyncDir is OS.SyncDir.
func SyncDir(dir string) error { return OS{}.SyncDir(dir) }
