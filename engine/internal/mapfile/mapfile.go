// Package mapfile opens weight files: regular files, mapped into memory where the system can, that are watched for
// changes while they are in use, or contents that are in memory anyhow. It knows nothing of their formats.
package mapfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// File is one opened file. Content is the whole of it and must not be written; it is gone after Close.
type File struct {
	Name    string // as errors call it
	Content []byte

	path       string
	handle     *os.File    // nil where the content is in memory
	unbuffered *os.File    // the same file for reads past the page cache, once Unbuffered has been called
	info       fs.FileInfo // as it was when the file was opened
}

// Read reads the file name of a file system into memory. Errors begin with the name.
func Read(files fs.FS, name string) (*File, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, Bare(name, err)
	}
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, Bare(name, err)
	}
	return &File{Name: name, Content: content, info: info}, nil
}

// Open opens the file name in dir. Errors begin with the name, which is what a reader of a shard index knows.
func Open(dir, name string) (*File, error) {
	path := filepath.Join(dir, name)
	// Stat first: opening a pipe or a device would wait or act.
	info, err := os.Stat(path)
	if err != nil {
		return nil, Bare(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	handle, err := os.Open(path)
	if err != nil {
		return nil, Bare(name, err)
	}
	f := &File{Name: name, path: path, handle: handle}
	if err := f.load(); err != nil {
		return nil, Both(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return f, nil
}

func (f *File) load() (err error) {
	if f.info, err = f.handle.Stat(); err != nil {
		return err
	}
	if !f.info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	if f.info.Size() == 0 {
		return errors.New("empty file")
	}
	if int64(int(f.info.Size())) != f.info.Size() {
		return fmt.Errorf("%d bytes do not fit this machine's address space", f.info.Size())
	}
	if f.Content, err = mapFile(f.handle, int(f.info.Size())); err != nil {
		return fmt.Errorf("cannot map %d bytes: %w", f.info.Size(), err)
	}
	return nil
}

// Info is the file's state when it was opened.
func (f *File) Info() fs.FileInfo { return f.info }

// Verify returns an error when the file's size or time of modification differ from those at opening.
func (f *File) Verify() error {
	if f.handle == nil {
		return nil // nobody else can reach it
	}
	now, err := f.handle.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return fmt.Errorf("%s: changed while in use: %d bytes of %s, now %d bytes of %s; start again when nothing writes to it", f.Name,
			f.info.Size(), f.info.ModTime().UTC().Format(time.RFC3339Nano), now.Size(), now.ModTime().UTC().Format(time.RFC3339Nano))
	}
	return nil
}

// Close releases the file without looking at it again.
func (f *File) Close() error {
	if f.handle == nil {
		f.Content = nil
		return nil
	}
	var err error
	if f.Content != nil {
		err = unmapFile(f.Content)
		f.Content = nil
	}
	if f.unbuffered != nil {
		err = Both(err, f.unbuffered.Close())
	}
	return Both(err, f.handle.Close())
}

// Summer returns the SHA-256 of a file's content. It may know it from an earlier run: path and info say which file it is.
type Summer = func(path string, info fs.FileInfo, content []byte) [sha256.Size]byte

// Sum returns the SHA-256 of the content, from sum unless that is nil. A file that has changed since it was opened is an error.
func (f *File) Sum(sum Summer) (digest [sha256.Size]byte, err error) {
	err = Guarded(f.Verify, func() error {
		if sum == nil || f.handle == nil {
			digest = sha256.Sum256(f.Content)
			return nil
		}
		digest = sum(f.path, f.info, f.Content)
		forget(f.Content) // all of it has been memory of the process
		return nil
	})
	if err == nil {
		err = f.Verify()
	}
	return digest, err
}

// Bare strips the path from a file error and leads with the name.
func Bare(name string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return fmt.Errorf("%s: %w", name, path.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Both returns two errors as one line, or whichever there is.
func Both(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
}
