package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/results"
)

// Originals reads single samples of a run whole, of which condensed ones are in memory. It is for several at once.
type Originals struct {
	files map[string]*original // by task
}

// original is a file of samples and where it has which.
type original struct {
	name string
	f    *os.File
	at   map[string]span // by document id
}

type span struct {
	at     int64
	length int
}

// note keeps where a sample stands. Samples of a compressed file are small, without requests, and stay as they are.
func (o *Originals) note(name string, s results.Sample, at int64, length int) error {
	if ext := filepath.Ext(name); ext == results.CondensedSuffix || ext == ".gz" {
		return nil
	}
	file := o.files[s.Task]
	if file == nil {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		file = &original{name: name, f: f, at: map[string]span{}}
		o.files[s.Task] = file
	}
	file.at[string(s.DocID)] = span{at, length}
	return nil
}

// Whole is the whole sample of which c is the condensed one. A file that was changed since is an error.
func (o *Originals) Whole(c results.Sample) (results.Sample, error) {
	file := o.files[c.Task]
	if file == nil {
		return c, nil
	}
	place, ok := file.at[string(c.DocID)]
	if !ok {
		return c, fmt.Errorf("%s: it has no document %s", file.name, c.DocID)
	}
	line := make([]byte, place.length)
	if _, err := file.f.ReadAt(line, place.at); err != nil {
		return c, fmt.Errorf("%s: document %s: %w", file.name, c.DocID, err)
	}
	var s results.Sample
	err := json.Unmarshal(line, &s)
	if err == nil && s.Requests() != c.RequestsDigest {
		err = errors.New("its requests are others")
	}
	if err != nil || s.DocHash != c.DocHash || string(s.DocID) != string(c.DocID) {
		return c, errors.Join(fmt.Errorf("%s: document %s was changed while it was read", file.name, c.DocID), err)
	}
	s.Marks = c.Marks // those that are compared
	return s, nil
}

// Close closes the files.
func (o *Originals) Close() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.f.Close())
	}
	return errors.Join(errs...)
}
