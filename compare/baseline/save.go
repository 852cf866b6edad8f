package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// Saved says how much a baseline holds.
type Saved struct {
	Tasks, Documents int
	// Bytes are those of its samples, compressed.
	Bytes int64
}

// IncompleteError says why a run cannot be accepted.
type IncompleteError struct{ why string }

func (e *IncompleteError) Error() string { return e.why }

// Save condenses a run into dir. The names of the samples' files hold their digests, so that none replaces another: the new
// ones are written beside those of the accepted baseline, the manifest is the one switch from it to the new one, and the
// old ones go last.
func Save(from, dir string) (saved Saved, err error) {
	d, err := compare.Load(from)
	if err != nil {
		return saved, err
	}
	if d.Run.Baseline {
		return saved, fmt.Errorf("%s is a baseline already: copy it", from)
	}
	if !d.Run.Complete() || d.Run.Status != "" && d.Run.Status != "complete" {
		return saved, &IncompleteError{fmt.Sprintf("%s is not a complete run (%s): it cannot be accepted", from, lacks(d.Run))}
	}
	if err := free(dir); err != nil {
		return saved, err
	}
	if err := atomicfile.Probe(dir); err != nil {
		return saved, err
	}
	lock, err := atomicfile.LockDir(dir)
	if err != nil {
		return saved, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	run := d.Run
	run.Baseline, run.Scores = true, slices.Clone(run.Scores)
	total := 0
	keep := []string{results.RunFile}
	for i := range run.Scores {
		s := &run.Scores[i]
		if len(d.Samples[s.Task]) == 0 {
			return saved, &IncompleteError{fmt.Sprintf("%s: %s has no samples", from, s.Task)}
		}
		n, err := saveSamples(dir, s, d.Samples[s.Task])
		if err != nil {
			return saved, err
		}
		total += n
		keep = append(keep, s.SamplesFile)
	}
	if err := folder.WriteRun(dir, run); err != nil {
		return saved, err
	}
	if err := removeOthers(dir, keep); err != nil {
		return saved, err
	}
	saved = Saved{Tasks: len(run.Scores), Documents: documents(run), Bytes: int64(total)}
	return saved, err
}

// saveSamples writes the condensed samples of a task, unless they are there, and has the score name them. It returns their
// size.
func saveSamples(dir string, s *results.Score, samples []results.Sample) (int, error) {
	b, err := condense(samples)
	if err != nil {
		return 0, err
	}
	digest := sha256.Sum256(b)
	s.OriginalDigest = s.SamplesDigest
	s.SamplesDigest = "sha256:" + hex.EncodeToString(digest[:])
	s.SamplesFile = fmt.Sprintf("samples_%s.%x.jsonl%s", s.Task, digest[:6], results.CondensedSuffix)
	var packed bytes.Buffer
	if err := results.Compress(&packed, b); err != nil {
		return 0, err
	}
	name := filepath.Join(dir, s.SamplesFile)
	if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, packed.Bytes()) {
		return packed.Len(), nil
	}
	return packed.Len(), atomicfile.Write(name, func(w io.Writer) error {
		_, err := w.Write(packed.Bytes())
		return err
	})
}

func condense(samples []results.Sample) ([]byte, error) {
	var b []byte
	for _, s := range samples {
		var err error
		if b, err = results.AppendSample(b, results.Condensed(s)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// ofBaseline are the names of what a save that was killed leaves: samples named by their digest, and what every writer leaves.
var ofBaseline = regexp.MustCompile(`^(samples_[a-z0-9._-]+\.[0-9a-f]{12}\.jsonl\.zst|\..*\.[0-9a-f]{16}\.tmp|\.swallow-eval\.(lock|probe))$`)

// free says whether a baseline may be written into dir: it is not there, empty, or holds a baseline, perhaps a begun one.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !ofBaseline.MatchString(e.Name()) }) {
		return nil
	}
	if run, err := results.ReadRun(dir); err != nil || !run.Baseline {
		return fmt.Errorf("%s holds something else than a baseline: name a new directory", dir)
	}
	return nil
}

// removeOthers removes the samples that the baseline no longer has, and what saves that were killed left half-written.
func removeOthers(dir string, keep []string) error {
	var old []string
	for _, pattern := range []string{"samples_*.jsonl" + results.CondensedSuffix, ".samples_*.jsonl" + results.CondensedSuffix + ".*.tmp"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		old = append(old, found...)
	}
	for _, name := range old {
		if !slices.Contains(keep, filepath.Base(name)) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func documents(run results.Run) (n int) {
	for _, s := range run.Scores {
		n += s.N
	}
	return n
}

// lacks says in a few words what a run lacks.
func lacks(run results.Run) string {
	if holes := run.Holes(); holes != nil {
		return strings.Join(holes, ", ") + " without a number"
	}
	return run.Status
}
