package eval

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/swallow-eval/swallow-eval/results"
)

// ErrNoSource is the error of a task that reads data where Options.Source is nil.
var ErrNoSource = errors.New("no source of data is given")

// filled puts in what zero fields stand for.
func (o Options) filled() Options {
	if o.Tasks == nil {
		o.Tasks = o.Profile.Tasks
	}
	if o.Source == nil {
		o.Source = func() Source { return noSource{} }
	}
	if o.Open == nil {
		o.Open = func(string) (SampleFile, error) { return noSamples{}, nil }
	}
	if o.Progress == nil {
		o.Progress = noProgress{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// noSource has no data.
type noSource struct{}

func (noSource) Rows(string, string) (string, []json.RawMessage, error) { return "", nil, ErrNoSource }
func (noSource) Files() []results.DataFile                              { return nil }

// noSamples keeps nothing.
type noSamples struct{}

func (noSamples) Write(b []byte) (int, error) { return len(b), nil }
func (noSamples) Name() string                { return "" }
func (noSamples) Commit(string) error         { return nil }
func (noSamples) Keep() error                 { return nil }

// noProgress tells nobody.
type noProgress struct{}

func (noProgress) Begin(string, int, int) {}
func (noProgress) Answered(int)           {}
func (noProgress) End(results.Score)      {}
