package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// source is what reading needs of a file system.
type source interface {
	// Segments lists the names of a directory's segments in ascending order, and those refused for what they are. A
	// directory that is missing has none; one that cannot be trusted is an error.
	Segments(dir string) (names []string, refused []Damage, err error)
	// Open opens a segment.
	Open(path string) (segmentFile, error)
}

// segmentFile is a segment opened for reading.
type segmentFile interface {
	io.ReaderAt
	// Sync makes durable what its writer may have died before syncing.
	Sync() error
	io.Closer
}

// sink is what writing needs of a file system.
type sink interface {
	// MakeDir makes a directory and those above it, durably, if they are missing.
	MakeDir(dir string) error
	// Create makes a new file; fs.ErrExist if the name is taken.
	Create(path string) (appender, error)
	// SyncDir makes the entries of a directory durable.
	SyncDir(dir string) error
	// Remove deletes a file.
	Remove(path string) error
}

// appender is a segment being written.
type appender interface {
	io.Writer
	Sync() error
	io.Closer
}

// ErrUntrusted reports a directory in which somebody else may have planted answers.
var ErrUntrusted = errors.New("belongs to another user and everybody may write to it")

const segmentSuffix = ".seg"

// segmentName is the name of a process's segment. Names only ever need to differ, which O_EXCL sees to: no clock and
// no random number enters, so neither can collide.
func segmentName(n int) string { return fmt.Sprintf("%08d%s", n, segmentSuffix) }

// segmentNumber is the number in a segment's name, or -1 for another file.
func segmentNumber(name string) int {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || segmentName(n) != name {
		return -1
	}
	return n
}

// disk is the operating system's file system.
type disk struct{}

func (disk) Segments(dir string) ([]string, []Damage, error) {
	// The cache directory may be a symbolic link: its owner chose where to keep answers. What lies in it may not, for
	// a link planted there could point anywhere.
	if _, err := trusted(filepath.Dir(dir), os.Stat); err != nil {
		return nil, nil, err
	}
	open, err := trusted(dir, os.Lstat)
	if err != nil {
		return nil, nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var names []string
	var refused []Damage
	for _, e := range entries {
		if segmentNumber(e.Name()) < 0 {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed by another process just now
		}
		if err != nil {
			return nil, nil, err
		}
		if reason := suspicious(info, open); reason != "" {
			refused = append(refused, Damage{filepath.Join(dir, e.Name()), 0, reason})
			continue
		}
		names = append(names, e.Name())
	}
	return names, refused, nil
}

// trusted checks a directory's owner and mode. It says whether everybody may write to it, which only the user's own
// directories may allow.
func trusted(dir string, stat func(string) (fs.FileInfo, error)) (open bool, err error) {
	info, err := stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return false, fmt.Errorf("%s is a symbolic link, which nothing in an answer store is", dir)
	}
	if !info.IsDir() {
		return false, fmt.Errorf("%s is a file, not a directory", dir)
	}
	open = runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0
	if open && !ours(info) {
		return false, fmt.Errorf("%s %w: choose another cache directory, or take that right away", dir, ErrUntrusted)
	}
	return open, nil
}

// suspicious says why a file is not read as a segment, or "".
func suspicious(info fs.FileInfo, openDir bool) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return "a symbolic link, not a segment"
	case !info.Mode().IsRegular():
		return "not a regular file"
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0:
		return "everybody may write to it"
	case openDir && !ours(info):
		return "another user's file in a directory that everybody may write to"
	}
	return ""
}

func (disk) Open(path string) (segmentFile, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return openAs(path, before)
}

// openAs opens the file that was found at path before. Between the two calls the name may have become a link or another file's.
func openAs(path string, before fs.FileInfo) (segmentFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if after, err := f.Stat(); err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(fmt.Errorf("%s changed while it was opened", path), err, f.Close())
	}
	return segmentOnDisk{f}, nil
}

// segmentOnDisk is a file opened for reading.
type segmentOnDisk struct{ *os.File }

// Sync takes no offence where the system lets only writers sync: a segment that cannot be written to by this process
// was written by one that is not its predecessor.
func (f segmentOnDisk) Sync() error {
	err := f.File.Sync()
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

func (d disk) MakeDir(dir string) error {
	if info, err := os.Lstat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		if parent == dir {
			return fmt.Errorf("%s is not a directory", dir)
		}
		if err := d.MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("%s is not a directory", dir), err)
	}
	return d.SyncDir(parent)
}

func (disk) Create(path string) (appender, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err // not f: a nil *os.File in an interface is not nil
	}
	return f, nil
}

// SyncDir syncs a directory. Windows has no such call and needs none.
func (disk) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (disk) Remove(path string) error { return os.Remove(path) }
