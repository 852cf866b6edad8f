package eval

import (
	"context"
	"errors"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Streaming is a Model that takes further requests before it has answered those it has: nobody of many who answer then waits for
// the last of a chunk.
type Streaming interface {
	Model
	// DoParts answers the requests that next returns, part after part, until it returns none. next is called from the goroutine
	// that calls done, never within done, and may call it. Indices, those of errors too, count through all parts. Everything else
	// is as with Do.
	DoParts(ctx context.Context, next func() ([]tasks.Request, error), done func(i int, r tasks.Response) error) error
}

// DoParts has any model answer requests that come in parts. One that is not Streaming gets a part when it has answered the one
// before.
func DoParts(ctx context.Context, m Model, next func() ([]tasks.Request, error), done func(i int, r tasks.Response) error) error {
	if s, ok := m.(Streaming); ok {
		return s.DoParts(ctx, next, done)
	}
	for first := 0; ; {
		part, err := next()
		if err != nil || len(part) == 0 {
			return err
		}
		err = m.Do(ctx, part, func(i int, r tasks.Response) error { return done(first+i, r) })
		var re *RequestError
		if errors.As(err, &re) {
			return &RequestError{first + re.Index, re.Err}
		}
		if err != nil {
			return err
		}
		first += len(part)
	}
}

// Once is a call of Do as parts: one, and no other.
func Once(requests []tasks.Request) (next func() ([]tasks.Request, error)) {
	return func() ([]tasks.Request, error) {
		part := requests
		requests = nil
		return part, nil
	}
}
