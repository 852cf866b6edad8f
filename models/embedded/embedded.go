// Package embedded answers requests with the engine in this binary, under the rules that package wrapper applies.
//
// It promises that a request's answer depends on the request and the model alone: requests may be reordered, merged
// when identical and batched at will, and the engine below gives the same bits for each.
package embedded

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Model is a loaded model with its tokenizer. It is an eval.Model.
type Model struct {
	wrapper.Encoder
	name       string
	adapter    string // its name
	engine     *engine.Model
	generation []results.GenerationSetting
}

var _ eval.Model = (*Model)(nil)

// Open loads the model of a directory in Hugging Face layout, or of a GGUF file. name is what the results call it; window
// overrides the model's number of positions where it is not 0.
func Open(dir, name string, window int, o engine.Options) (*Model, error) {
	return OpenAt(Location{Path: dir}, name, window, o)
}

// OpenAt is Open for a model wherever it lies.
func OpenAt(l Location, name string, window int, o engine.Options) (*Model, error) {
	encoder, err := OpenEncoderAt(l, window)
	if err != nil {
		return nil, err
	}
	m, err := l.Engine(o)
	if err != nil {
		return nil, err
	}
	if n, rows := encoder.Tokenizer().VocabSize(), m.Config().VocabSize; n > rows {
		err := fmt.Errorf("%s: the tokenizer has %d pieces but the model only %d embedding rows: these files do not belong together", l.Path, n, rows)
		return nil, errors.Join(err, m.Close())
	}
	generation, err := l.generation()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", l.Path, err), m.Close())
	}
	c := m.Config()
	encoder = encoder.Of(tasks.Family{Type: c.Family, Name: name, DType: c.StoredDType})
	model := &Model{Encoder: *encoder, name: name, adapter: l.AdapterName, engine: m}
	for _, s := range generation {
		model.generation = append(model.generation, results.GenerationSetting(s))
	}
	return model, nil
}

// OpenEncoder reads the tokenizer and the configuration of a model directory. window overrides the configuration's
// number of positions where it is not 0.
func OpenEncoder(dir string, window int) (*wrapper.Encoder, error) {
	return OpenEncoderAt(Location{Path: dir}, window)
}

// OpenEncoderAt is OpenEncoder for a model wherever it lies.
func OpenEncoderAt(l Location, window int) (*wrapper.Encoder, error) {
	tok, err := l.Tokenizer()
	if err != nil {
		return nil, err
	}
	family := tasks.Family{Name: l.Path}
	if c, err := l.Config(); err == nil {
		family.Type = c.Family
		if window == 0 {
			window = c.MaxPositions
		}
	} else if window == 0 {
		return nil, err
	}
	return wrapper.NewEncoder(tok, window).Of(family), nil
}

// Close releases the weights.
func (m *Model) Close() error { return m.engine.Close() }

// Generation is what the model's files would change about generating, and which of it is obeyed.
func (m *Model) Generation() []results.GenerationSetting { return m.generation }

// Notes are the sentences about the model that belong beside every number.
func (m *Model) Notes() []string {
	return notes.OfModel(m.about())
}

// Engine is the engine below, for tools that speak tokens.
func (m *Model) Engine() *engine.Model { return m.engine }

// Identify computes what Identity says of the weights, for which all of them may be read. An error names a file that has changed since
// the model was opened.
func (m *Model) Identify() error { return m.engine.Identify() }

// Identity is what the model's answers depend on. It panics where Identify returns an error.
func (m *Model) Identity() results.Model {
	about := m.about()
	about.Digest = m.engine.Digest()
	if about.Adapter != nil {
		about.Adapter.Digest = m.engine.AdapterDigest()
	}
	return about
}

// about is the identity without the digest, which takes a reading of all weights.
func (m *Model) about() results.Model {
	c := m.engine.Config()
	var adapter *results.Adapter
	if m.adapter != "" {
		adapter = &results.Adapter{Name: m.adapter}
	}
	return results.Model{
		Adapter: adapter,
		Name:    m.name, TokenizerDigest: m.Tokenizer().Digest(),
		DType: string(m.engine.DType()), StoredDType: c.StoredDType, Numerics: m.engine.Numerics(),
		Parameters: m.engine.Parameters(), Window: m.Window(), Vocabulary: c.VocabSize, Pieces: m.Tokenizer().Tokens(),
		Generation: m.generation, IgnoredConfig: c.Ignored,
	}
}
