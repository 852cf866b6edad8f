// Package wrapper applies the reference wrappers' rules, which are what happens between a request and a model's tokens:
// window, truncation, white space, when generation ends, decoding. Whatever answers - the engine in this binary, a
// server, another machine - is asked in tokens and answers in tokens and log-probabilities, so that all of them are
// asked the same.
//
// It promises that a request's tokens, and the answer made of a model's, depend on the request, the tokenizer and the
// number of positions alone. The rules themselves are data of package tasks.
package wrapper

import (
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Plan is what a model is asked for some requests: equal questions once, whatever their number.
type Plan struct {
	// Generations and Scorings are asked in any order; Generated and Scored take their answers.
	Generations []*Generation
	Scorings    []*Scoring

	users   map[any][]int             // of each question, the requests it answers
	windows map[*Scoring][]rolledPart // and the windows of longer texts
	settled []settled
	done    Done
}

// settled is an answer that needs no model.
type settled struct {
	question *Generation
	response tasks.Response
}

// Done takes the answer to request i; its error ends everything.
type Done func(i int, r tasks.Response) error

// Plan prepares requests, whose answers go to done, one call at a time. The error is an *eval.RequestError.
func (e *Encoder) Plan(requests []tasks.Request, done Done) (*Plan, error) {
	p := &Plan{users: make(map[any][]int, len(requests)), windows: map[*Scoring][]rolledPart{}, done: done}
	generations, scorings := map[string]*Generation{}, map[string]*Scoring{}
	for i, q := range requests {
		var g *Generation
		var s *Scoring
		var parts []*Scoring
		err := guard.Call(func() (err error) {
			if parts, err = e.rolling(q); parts == nil && err == nil {
				g, s, err = e.Prepare(q)
			}
			return err
		})
		switch {
		case err != nil:
			return nil, &eval.RequestError{Index: i, Err: err}
		case g != nil:
			p.generate(i, g, generations)
		case parts != nil:
			text := &rolled{i, make([]tasks.Response, len(parts)), len(parts)}
			for at, part := range parts {
				part = p.score(part, scorings)
				p.windows[part] = append(p.windows[part], rolledPart{text, at})
			}
		default:
			s = p.score(s, scorings)
			p.users[s] = append(p.users[s], i)
		}
	}
	return p, nil
}

// score notes that s is needed; identical ones are merged.
func (p *Plan) score(s *Scoring, seen map[string]*Scoring) *Scoring {
	key := s.key()
	if same, ok := seen[key]; ok {
		return same
	}
	seen[key] = s
	p.Scorings = append(p.Scorings, s)
	return s
}

// generate notes that request i needs g; identical ones are merged.
func (p *Plan) generate(i int, g *Generation, seen map[string]*Generation) {
	key := g.key()
	if same, ok := seen[key]; ok {
		g = same
	} else {
		seen[key] = g
		if r, ok := g.Settled(); ok {
			p.settled = append(p.settled, settled{g, r})
		} else {
			p.Generations = append(p.Generations, g)
		}
	}
	p.users[g] = append(p.users[g], i)
}

// Settle passes on the answers that need no model. It is to be called once.
func (p *Plan) Settle() error {
	for _, s := range p.settled {
		if err := p.deliver(s.question, s.response); err != nil {
			return err
		}
	}
	return nil
}

// Generated takes the answer to Generations[k], as Generation.Response does.
func (p *Plan) Generated(k int, generated []int32, finish string) error {
	g := p.Generations[k]
	return p.deliver(g, g.Response(generated, finish))
}

// Scored takes the answer to Scorings[k], as Scoring.Response does.
func (p *Plan) Scored(k int, logProbs []float64, greedy []bool) error {
	s := p.Scorings[k]
	r := s.Response(logProbs, greedy)
	if err := p.deliver(s, r); err != nil {
		return err
	}
	for _, part := range p.windows[s] {
		if whole, ok := part.add(r); ok {
			if err := p.done(part.of.request, whole); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliver passes one answer to every request it serves.
func (p *Plan) deliver(question any, r tasks.Response) error {
	for _, i := range p.users[question] {
		if err := p.done(i, r); err != nil {
			return err
		}
	}
	return nil
}

// GenerationUser and ScoringUser are the first requests that ask Generations[k] and Scorings[k].
func (p *Plan) GenerationUser(k int) int { return p.users[p.Generations[k]][0] }

// ScoringUser is described with GenerationUser.
func (p *Plan) ScoringUser(k int) int {
	s := p.Scorings[k]
	if users := p.users[s]; len(users) > 0 {
		return users[0]
	}
	return p.windows[s][0].of.request
}

// GenerationError is an error about Generations[k], as one about the first request that asks it.
func (p *Plan) GenerationError(k int, err error) error {
	return &eval.RequestError{Index: p.GenerationUser(k), Err: err}
}

// ScoringError is an error about Scorings[k], as one about the first request that asks it.
func (p *Plan) ScoringError(k int, err error) error {
	return &eval.RequestError{Index: p.ScoringUser(k), Err: err}
}
