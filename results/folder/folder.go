// Package folder is the result directory of a run while it is written: what is in it, what may join that, and files that are complete or
// absent.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/results"
)

// Folder is the result directory of a run while it is written, by one process at a time. The zero value, of a run that
// leaves nothing, takes everything and keeps nothing.
//
// Its manifest never vouches for a file that it does not describe: before a file of samples is replaced by another, its
// score leaves the manifest, and the new score enters it when the file is in place.
type Folder struct {
	dir  string
	disk atomicfile.Disk
	lock *atomicfile.Lock // nil on the disks of tests
	held *results.Run     // what the manifest says, nil where there is none
}

// Open proves that dir can take results, before any work is done, keeps other writers out until Close and reads
// the manifest of the runs that are in it. "" is no directory. Where the manifest cannot be read the error is an
// *UnreadableError, and the folder is good for SetAside and Close alone.
func Open(dir string) (*Folder, error) {
	if dir == "" {
		return &Folder{}, nil
	}
	if err := atomicfile.Probe(dir); err != nil {
		return nil, err
	}
	lock, err := atomicfile.LockDir(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, disk: atomicfile.OS{}, lock: lock}
	run, err := results.ReadRun(filepath.Join(dir, results.RunFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return f, &UnreadableError{err}
	case run.Baseline:
		return f, &UnreadableError{fmt.Errorf("%s holds an accepted baseline", dir)}
	default:
		f.held = &run
	}
	return f, nil
}

// UnreadableError is why a folder's manifest is none that a run can join.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// On is a directory that is known to take results, on any file system, with what its manifest says, if anything.
func On(disk atomicfile.Disk, dir string, held *results.Run) *Folder {
	return &Folder{dir: dir, disk: disk, held: held}
}

// Held is the manifest of the runs that are in the folder, nil for none.
func (f *Folder) Held() *results.Run { return f.held }

// SetAside moves everything that is in the folder into a new one beside it, by one rename, and returns its name. The
// folder is empty then.
func (f *Folder) SetAside() (string, error) {
	dir, err := filepath.Abs(f.dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir) // the content moves, not a link to it
	}
	if err != nil {
		return "", err
	}
	aside, err := freeName(dir)
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "windows" { // which renames no directory that holds an open file
		if err := f.lock.Unlock(); err != nil {
			return "", err
		}
	}
	if err := os.Rename(dir, aside); err != nil {
		return "", err
	}
	if err := atomicfile.SyncDir(filepath.Dir(dir)); err != nil {
		return aside, err
	}
	old := f.lock
	next, err := Open(dir)
	if err != nil {
		return aside, err
	}
	f.dir, f.lock, f.held = next.dir, next.lock, nil
	if runtime.GOOS == "windows" {
		return aside, nil
	}
	return aside, errors.Join(old.Unlock(), removeIfThere(filepath.Join(aside, atomicfile.LockFile)))
}

// asideTried is how many names for what is set aside are tried.
const asideTried = 10_000

// freeName is the first name behind dir that nobody has.
func freeName(dir string) (string, error) {
	for n := 1; n <= asideTried; n++ {
		name := fmt.Sprintf("%s.old%d", dir, n)
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: %d earlier ones were set aside", dir, asideTried)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Close lets others write into the folder.
func (f *Folder) Close() error {
	if f == nil || f.lock == nil {
		return nil
	}
	lock := f.lock
	f.lock = nil
	return lock.Unlock()
}

// Samples is a task's samples file while it is written.
type Samples struct {
	*atomicfile.Stream // nil: nothing is kept
	folder             *Folder
	name               string
}

// Samples begins a task's samples file. It becomes visible under its name when it is complete.
func (f *Folder) Samples(task string) (Samples, error) {
	if f.dir == "" {
		return Samples{}, nil
	}
	name := results.SamplesFile(task)
	s, err := atomicfile.NewStreamOn(f.disk, filepath.Join(f.dir, name))
	return Samples{s, f, name}, err
}

// Name is the file's name within the directory.
func (s Samples) Name() string { return s.name }

// Write appends to the file.
func (s Samples) Write(b []byte) (int, error) {
	if s.Stream == nil {
		return len(b), nil
	}
	return s.Stream.Write(b)
}

// Commit makes the complete file, which has the digest, visible, in place of one that the manifest then no longer vouches for.
func (s Samples) Commit(digest string) error {
	if s.Stream == nil {
		return nil
	}
	if err := s.folder.withdraw(s.name, digest); err != nil {
		return errors.Join(err, s.Discard())
	}
	return s.Stream.Commit()
}

// Keep keeps what was written of an interrupted task.
func (s Samples) Keep() error {
	if s.Stream == nil {
		return nil
	}
	return s.Stream.Keep()
}

// withdraw takes a samples file out of the manifest unless it has the digest.
func (f *Folder) withdraw(name, digest string) error {
	if f.held == nil {
		return nil
	}
	at := slices.IndexFunc(f.held.Scores, func(s results.Score) bool { return s.SamplesFile == name })
	if at < 0 || f.held.Scores[at].SamplesDigest == digest {
		return nil
	}
	less := *f.held
	less.Unfinished = append(slices.Clone(less.Unfinished), less.Scores[at].Task)
	less.Scores = slices.Delete(slices.Clone(less.Scores), at, at+1)
	less.Status = results.StatusIncomplete
	less.Verified = nil // it counted the score
	return f.Finish(less)
}

// Finish stores the manifest.
func (f *Folder) Finish(r results.Run) error {
	if f.dir == "" {
		return nil
	}
	err := atomicfile.WriteOn(f.disk, filepath.Join(f.dir, results.RunFile), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", results.RunFile, err)
	}
	f.held = &r
	return nil
}

// WriteRun stores a manifest in dir, atomically.
func WriteRun(dir string, r results.Run) error { return On(atomicfile.OS{}, dir, nil).Finish(r) }
