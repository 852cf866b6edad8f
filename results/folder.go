package results

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
)

// Folder is the result directory of a run while it is written. The zero value, of a run that leaves nothing, takes
// everything and keeps nothing.
type Folder struct {
	dir  string
	disk atomicfile.Disk
}

// NewFolder proves that dir can take results, before any work is done. "" is no directory.
func NewFolder(dir string) (Folder, error) {
	if dir == "" {
		return Folder{}, nil
	}
	if err := atomicfile.Probe(dir); err != nil {
		return Folder{}, err
	}
	return FolderOn(atomicfile.OS{}, dir), nil
}

// FolderOn is a directory that is known to take results, on any file system.
func FolderOn(disk atomicfile.Disk, dir string) Folder { return Folder{dir, disk} }

// SamplesFile is the name of a task's samples in a result directory.
func SamplesFile(task string) string { return "samples_" + task + ".jsonl" }

// SampleStream is a task's samples file while it is written.
type SampleStream struct {
	*atomicfile.Stream // nil: nothing is kept
	name               string
}

// Samples begins a task's samples file. It becomes visible under its name when it is complete.
func (f Folder) Samples(task string) (SampleStream, error) {
	if f.dir == "" {
		return SampleStream{}, nil
	}
	name := SamplesFile(task)
	s, err := atomicfile.NewStreamOn(f.disk, filepath.Join(f.dir, name))
	return SampleStream{s, name}, err
}

// Name is the file's name within the directory.
func (s SampleStream) Name() string { return s.name }

// Write appends to the file.
func (s SampleStream) Write(b []byte) (int, error) {
	if s.Stream == nil {
		return len(b), nil
	}
	return s.Stream.Write(b)
}

// Commit makes the complete file visible.
func (s SampleStream) Commit() error {
	if s.Stream == nil {
		return nil
	}
	return s.Stream.Commit()
}

// Keep keeps what was written of an interrupted task.
func (s SampleStream) Keep() error {
	if s.Stream == nil {
		return nil
	}
	return s.Stream.Keep()
}

// Finish stores the manifest.
func (f Folder) Finish(r Run) error {
	if f.dir == "" {
		return nil
	}
	err := atomicfile.WriteOn(f.disk, filepath.Join(f.dir, RunFile), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", RunFile, err)
	}
	return nil
}

// WriteRun stores a manifest in dir, atomically.
func WriteRun(dir string, r Run) error { return FolderOn(atomicfile.OS{}, dir).Finish(r) }
