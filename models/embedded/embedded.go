// Package embedded answers requests with the engine in this binary: it is the place where the reference wrappers'
// rules of window, truncation, white space and decoding are applied.
//
// It promises that a request's answer depends on the request and the model alone: requests may be reordered, merged
// when identical and batched at will, and the engine below gives the same bits for each.
package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Model is a loaded model with its tokenizer. It is an eval.Model.
type Model struct {
	Encoder
	name       string
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
	if n, rows := encoder.tok.VocabSize(), m.Config().VocabSize; n > rows {
		err := fmt.Errorf("%s: the tokenizer has %d pieces but the model only %d embedding rows: these files do not belong together", l.Path, n, rows)
		return nil, errors.Join(err, m.Close())
	}
	generation, err := l.generation()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", l.Path, err), m.Close())
	}
	model := &Model{Encoder: *encoder, name: name, engine: m}
	for _, s := range generation {
		model.generation = append(model.generation, results.GenerationSetting(s))
	}
	return model, nil
}

// Close releases the weights.
func (m *Model) Close() error { return m.engine.Close() }

// Generation is what the model's files would change about generating, and which of it is obeyed.
func (m *Model) Generation() []results.GenerationSetting { return m.generation }

// Engine is the engine below, for tools that speak tokens.
func (m *Model) Engine() *engine.Model { return m.engine }

// Identity is what the model's answers depend on.
func (m *Model) Identity() results.Model {
	c := m.engine.Config()
	return results.Model{
		Name: m.name, Digest: m.engine.Digest(), TokenizerDigest: m.tok.Digest(),
		DType: string(m.engine.DType()), StoredDType: c.StoredDType, Numerics: m.engine.Numerics(),
		Parameters: m.engine.Parameters(), Window: m.window, Vocabulary: c.VocabSize, Generation: m.generation,
	}
}

// Do answers the requests. What they have in common at their beginnings is computed once, whether they generate or score.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	generate := newPlan[generation](len(requests))
	score := newPlan[scoring](len(requests))
	for i, q := range requests {
		var g *generation
		var s *scoring
		err := eval.Guard(func() (err error) {
			g, s, err = m.prepare(q)
			return err
		})
		switch {
		case err != nil:
			return &eval.RequestError{Index: i, Err: err}
		case g != nil:
			generate.add(i, g.key(), g)
		default:
			score.add(i, s.key(), s)
		}
	}
	asked, prompts, err := m.prompts(generate, done)
	if err != nil {
		return err
	}
	if len(prompts)+len(score.jobs) == 0 {
		return nil
	}
	err = m.engine.Answer(ctx, prompts, sequencesOf(score.jobs), func(i int, out engine.Generated, err error) error {
		g := asked[i]
		if err != nil {
			return &eval.RequestError{Index: generate.users[g][0], Err: err}
		}
		return generate.deliver(g, m.reply(g, out), done)
	}, func(i int, s engine.Scored, err error) error {
		job := score.jobs[i]
		if err != nil {
			return &eval.RequestError{Index: score.users[job][0], Err: err}
		}
		return score.deliver(job, job.response(s), done)
	})
	return blamed(err, func(item int) int {
		if item < len(asked) {
			return generate.users[asked[item]][0]
		}
		return score.users[score.jobs[item-len(asked)]][0]
	})
}

// blamed turns an error about the engine's items into one about a request: the first of them, where several were
// computed together.
func blamed(err error, request func(item int) int) error {
	var items *engine.ItemsError
	if !errors.As(err, &items) || len(items.Items) == 0 {
		return err
	}
	cause := items.Err
	if others := len(items.Items) - 1; others > 0 {
		cause = fmt.Errorf("computed together with %d others: %w", others, cause)
	}
	return &eval.RequestError{Index: request(items.Items[0]), Err: cause}
}

// plan holds what the engine is asked once, with the requests each answer serves.
type plan[T any] struct {
	jobs  []*T
	users map[*T][]int
	byKey map[string]*T
}

func newPlan[T any](n int) *plan[T] {
	return &plan[T]{users: make(map[*T][]int, n), byKey: make(map[string]*T, n)}
}

// add notes that request i needs job; identical jobs are merged.
func (p *plan[T]) add(i int, key string, job *T) {
	if same, ok := p.byKey[key]; ok {
		job = same
	} else {
		p.byKey[key] = job
		p.jobs = append(p.jobs, job)
	}
	p.users[job] = append(p.users[job], i)
}

// deliver passes one response to every request it serves.
func (p *plan[T]) deliver(job *T, r tasks.Response, done func(int, tasks.Response) error) error {
	for _, i := range p.users[job] {
		if err := done(i, r); err != nil {
			return err
		}
	}
	return nil
}
