package atomicfile

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
)

// Stream is a file that grows over hours under a temporary name and takes its own name when it is complete.
type Stream struct {
	f    *os.File
	w    *bufio.Writer
	path string
}

// PartialSuffix marks a Stream that was interrupted: what had been written is kept under this name.
const PartialSuffix = ".partial"

// NewStream begins the file path.
func NewStream(path string) (*Stream, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	return &Stream{f: f, w: bufio.NewWriterSize(f, 1<<20), path: path}, nil
}

// Write appends to the file.
func (s *Stream) Write(b []byte) (int, error) { return s.w.Write(b) }

// Commit gives the complete file its name and removes the remains of an earlier interrupted one.
func (s *Stream) Commit() error {
	if err := s.w.Flush(); err != nil {
		return errors.Join(err, s.f.Close(), os.Remove(s.f.Name()))
	}
	if err := commit(s.f, s.path); err != nil {
		return errors.Join(err, removeIfThere(s.f.Name()))
	}
	return removeIfThere(s.path + PartialSuffix)
}

// Discard ends a file of which nothing is wanted.
func (s *Stream) Discard() error { return errors.Join(s.f.Close(), os.Remove(s.f.Name())) }

// Keep ends an interrupted file: what was written stays under the name with PartialSuffix, or nothing stays if
// nothing was written.
func (s *Stream) Keep() error {
	if err := s.w.Flush(); err != nil {
		return errors.Join(err, s.f.Close(), os.Remove(s.f.Name()))
	}
	info, err := s.f.Stat()
	if err != nil || info.Size() == 0 {
		return errors.Join(err, s.f.Close(), os.Remove(s.f.Name()))
	}
	return commit(s.f, s.path+PartialSuffix)
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
