package eval

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ask has the model answer all chunks, of which the first is built. A model that takes more before the last answer of a chunk has
// come gets the next one.
func (e *evaluation) ask(ctx context.Context, spec tasks.Spec, first *chunk) error {
	_, judged := tasks.AsJudged(e.task)
	e.late = judged && e.options.Judge != nil
	asked, built := 0, 0 // requests, documents
	next := func() ([]tasks.Request, error) {
		c := first
		if first = nil; c == nil {
			if built == len(e.positions) {
				return nil, nil
			}
			var err error
			if c, err = e.build(built); err != nil {
				return nil, &documentError{err}
			}
		}
		if !e.options.AskOnly {
			for _, r := range c.requests {
				e.prompts.Add(r)
			}
		}
		e.noteDraws(c)
		c.start, c.missing, built = asked, len(c.requests), built+len(c.items)
		asked += len(c.requests)
		e.chunks = append(e.chunks, c)
		return c.requests, nil
	}
	err := guard.Call(func() error {
		return DoParts(ctx, e.model, next, func(i int, r tasks.Response) error {
			c := e.chunkOf(i)
			if c == nil {
				return fmt.Errorf("the model answered request %d twice", i)
			}
			it := &c.items[c.owner[i-c.start]]
			it.responses[i-c.start-it.first] = r
			it.missing--
			c.missing--
			e.options.Progress.Answered(r.PromptTokens - r.Dropped + r.OutputTokens)
			return e.flush(ctx, spec)
		})
	})
	return e.blame(err, built)
}

// chunkOf is the chunk under way that has a request, nil where its samples are written.
func (e *evaluation) chunkOf(i int) *chunk {
	for _, c := range e.chunks {
		if i >= c.start && i < c.start+len(c.requests) {
			return c
		}
	}
	return nil
}

// blame names the document that an error is about.
func (e *evaluation) blame(err error, built int) error {
	var de *documentError
	var re *RequestError
	var pe *guard.Error
	switch {
	case errors.As(err, &de): // said already
	case errors.As(err, &re):
		if c := e.chunkOf(re.Index); c != nil {
			return c.items[c.owner[re.Index-c.start]].named(re.Err)
		}
	case errors.As(err, &pe) && len(e.chunks) > 0:
		// Such a panic tells no request.
		c := e.chunks[0]
		return c.items[c.written].named(fmt.Errorf("the first without all answers when the model %w", err))
	case err == nil && len(e.chunks) > 0:
		without := 0
		for _, c := range e.chunks {
			without += len(c.items) - c.written
		}
		return fmt.Errorf("the model answered %d of %d documents", built-without, built)
	}
	return err
}

// noteDraws records how a chunk's answers are drawn.
func (e *evaluation) noteDraws(c *chunk) {
	if s := c.requests[0].Sampling; s != (tasks.Sampling{}) {
		e.score.Drawn = &results.Drawn{Temperature: s.Temperature, TopP: s.TopP, Answers: c.items[0].n}
	}
}

// flush writes the samples of all documents that are complete and whose predecessors are. What is judged is judged chunk by chunk.
func (e *evaluation) flush(ctx context.Context, spec tasks.Spec) error {
	for len(e.chunks) > 0 {
		c := e.chunks[0]
		if c.items[c.written].missing > 0 || e.late && c.missing > 0 {
			return nil
		}
		if e.late && c.written == 0 {
			if err := e.judge(ctx, spec, c); err != nil {
				return err
			}
		}
		it := &c.items[c.written]
		err := guard.Call(func() error { return e.write(spec, it, c.requests[it.first:it.first+it.n]) })
		if pe := (*guard.Error)(nil); errors.As(err, &pe) {
			return &documentError{it.named(err)}
		}
		if err != nil {
			return err
		}
		*it = item{position: it.position, doc: tasks.Doc{ID: it.doc.ID}, first: it.first, n: it.n}
		if c.written++; c.written == len(c.items) {
			e.chunks = e.chunks[1:]
		}
	}
	return nil
}

// documentError is an error that names its document.
type documentError struct{ err error }

func (e *documentError) Error() string { return e.err.Error() }
func (e *documentError) Unwrap() error { return e.err }
