package safetensors

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// file is one opened weight file; content is the whole of it.
type file struct {
	name    string // in the checkpoint's directory
	handle  *os.File
	info    fs.FileInfo // as it was when the file was opened
	content []byte
	entries []entry
	data    int // where the data begin in content
}

// openFile opens dir/name and checks its structure; everything is released again when that fails.
func openFile(dir, name string) (*file, error) {
	path := filepath.Join(dir, name)
	// Stat first: opening a pipe or a device would wait or act.
	info, err := os.Stat(path)
	if err != nil {
		return nil, bare(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	handle, err := os.Open(path)
	if err != nil {
		return nil, bare(name, err)
	}
	f := &file{name: name, handle: handle}
	if err := f.load(); err != nil {
		return nil, both(fmt.Errorf("%s: %w", name, err), f.release())
	}
	return f, nil
}

func (f *file) load() (err error) {
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
	if f.content, err = mapFile(f.handle, int(f.info.Size())); err != nil {
		return fmt.Errorf("cannot map %d bytes: %w", f.info.Size(), err)
	}
	if f.entries, f.data, err = parseFile(f.content); err != nil {
		if what := Impostor(f.content); what != "" {
			return errors.New(what)
		}
		return err
	}
	return nil
}

// verify returns an error when the file's size or time of modification differ from those at opening.
func (f *file) verify() error {
	now, err := f.handle.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	if now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return fmt.Errorf("%s: changed while in use: %d bytes of %s, now %d bytes of %s", f.name,
			f.info.Size(), f.info.ModTime().UTC().Format(time.RFC3339Nano), now.Size(), now.ModTime().UTC().Format(time.RFC3339Nano))
	}
	return nil
}

func (f *file) release() error {
	var err error
	if f.content != nil {
		err = unmapFile(f.content)
		f.content = nil
	}
	return both(err, f.handle.Close())
}

func (f *file) sum() [sha256.Size]byte { return sha256.Sum256(f.content) }

// bare strips the path from a file error and leads with the name, which is what a reader of a shard index knows.
func bare(name string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return fmt.Errorf("%s: %w", name, path.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// both returns two errors as one line, or whichever there is.
func both(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
}
