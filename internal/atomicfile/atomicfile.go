// Package atomicfile writes files that are either complete or absent.
//
// A file appears under its name only after its content has reached the disk; until then it is a temporary file beside
// it, removed on any failure, or by the next writer of the same file if its own writer was killed. Readers never see
// half a file, whenever the writer dies. When a call returns nil, the loss of power takes nothing of the file.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write creates or replaces path with what write produces. The old file stays untouched if write or any step of
// storing fails.
func Write(path string, write func(io.Writer) error) error { return WriteOn(OS{}, path, write) }

// WriteOn is Write on another file system.
func WriteOn(d Disk, path string, write func(io.Writer) error) error {
	s, err := NewStreamOn(d, path)
	if err != nil {
		return err
	}
	if err := write(s); err != nil {
		return errors.Join(err, s.Discard())
	}
	return s.commit(path)
}

// bufferSize is how much is written at once.
const bufferSize = 1 << 20

// Stream is a file that grows over hours under a temporary name and takes its own name when it is complete.
type Stream struct {
	disk Disk
	f    File
	w    *bufio.Writer
	path string
	size int64
	told bool // that writing failed
}

// PartialSuffix marks a Stream that was interrupted: what had been written is kept under this name.
const PartialSuffix = ".partial"

// NewStream begins the file path.
func NewStream(path string) (*Stream, error) { return NewStreamOn(OS{}, path) }

// NewStreamOn is NewStream on another file system.
func NewStreamOn(d Disk, path string) (*Stream, error) {
	f, err := d.Create(path)
	if err != nil {
		return nil, err
	}
	return &Stream{disk: d, f: f, w: bufio.NewWriterSize(f, bufferSize), path: path}, nil
}

// Write appends to the file.
func (s *Stream) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.size += int64(n)
	s.told = s.told || err != nil
	return n, err
}

// Commit gives the complete file its name and removes the remains of an earlier interrupted one.
func (s *Stream) Commit() error {
	if err := s.commit(s.path); err != nil {
		return err
	}
	return s.removeIfThere(s.path + PartialSuffix)
}

// Keep ends an interrupted file: what was written stays under the name with PartialSuffix, or nothing stays if
// nothing was written or writing has failed.
func (s *Stream) Keep() error {
	if s.size == 0 || s.told {
		return s.Discard()
	}
	return s.commit(s.path + PartialSuffix)
}

// commit gives the file a name for good.
func (s *Stream) commit(name string) error {
	err := s.w.Flush()
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		return errors.Join(err, s.Discard())
	}
	if err := s.disk.Rename(s.f, name); err != nil {
		return errors.Join(err, s.removeIfThere(s.f.Name()))
	}
	return s.disk.SyncDir(filepath.Dir(name))
}

// Discard ends a file of which nothing is wanted.
func (s *Stream) Discard() error {
	return errors.Join(s.f.Close(), s.removeIfThere(s.f.Name()))
}

func (s *Stream) removeIfThere(name string) error {
	if err := s.disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Probe creates dir if needed and proves that files can be created, renamed and removed in it, so that hours of work
// do not end in a directory that cannot take their result.
func Probe(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file, not a directory", dir)
	}
	if err := makeDir(dir); err != nil {
		return err
	}
	name := filepath.Join(dir, ".swallow-eval.probe")
	err := Write(name, func(w io.Writer) error {
		_, err := io.WriteString(w, "probe")
		return err
	})
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", dir, pe.Err)
	}
	if err != nil {
		return err
	}
	// Another run that probes the same directory may have removed it.
	return (&Stream{disk: OS{}}).removeIfThere(name)
}

// makeDir makes a directory and those above it, durably, if they are missing.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("%s is not a directory", dir), err)
	}
	return SyncDir(parent)
}
