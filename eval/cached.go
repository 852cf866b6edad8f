package eval

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Answers remembers what a model answered. It belongs to one model: the answers of another must not come out of it.
type Answers interface {
	// Get returns the answer to a request that was put before, by this process or an earlier one.
	Get(q tasks.Request) (tasks.Response, bool)
	// Put stores an answer; when it returns, the answer survives the death of the process.
	Put(q tasks.Request, r tasks.Response) error
	// Flush makes all answers put survive the loss of power.
	Flush() error
}

// CachedModel is a model that is asked nothing twice.
type CachedModel struct {
	Model
	answers     Answers
	hits, asked atomic.Int64
	failed      error
}

var _ Model = (*CachedModel)(nil)

// Cached answers from a and asks m for the rest. Resuming an evaluation is running it again with the same answers:
// there is no other state.
func Cached(m Model, a Answers) *CachedModel { return &CachedModel{Model: m, answers: a} }

// Hits is the number of requests answered without the model: from the answers, or because the same request occurred
// twice in one call of Do. It may be called at any time.
func (c *CachedModel) Hits() int { return int(c.hits.Load()) }

// Asked is the number of requests the model has answered. It may be called at any time.
func (c *CachedModel) Asked() int { return int(c.asked.Load()) }

// Do answers what it can from the answers, in order, and then asks the model for the rest in one call, each distinct
// request once. An answer is stored before it is passed on, so that nothing that reached a result can be lost; a
// failure to store ends this and every further call. A request without answer leaves nothing behind.
func (c *CachedModel) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	if c.failed != nil {
		return c.failed
	}
	missing, err := c.recall(ctx, requests, done)
	if err != nil {
		return err
	}
	if len(missing.requests) == 0 {
		return c.flush(nil)
	}
	err = c.Model.Do(ctx, missing.requests, func(j int, r tasks.Response) error {
		if err := c.answers.Put(missing.requests[j], r); err != nil {
			return c.fail(err)
		}
		c.asked.Add(1)
		c.hits.Add(int64(len(missing.users[j]) - 1))
		for _, i := range missing.users[j] {
			if err := done(i, r); err != nil {
				return err
			}
		}
		return nil
	})
	var re *RequestError
	if errors.As(err, &re) {
		err = &RequestError{missing.users[re.Index][0], re.Err}
	}
	if c.failed != nil && !errors.Is(err, c.failed) {
		return errors.Join(c.failed, err)
	}
	if c.failed != nil {
		return err
	}
	return c.flush(err)
}

// flush makes the answers durable that results rest on, and joins a failure to err. It is also called after an
// interruption: what was answered until then is what the next run begins with.
func (c *CachedModel) flush(err error) error {
	if ferr := c.answers.Flush(); ferr != nil {
		return errors.Join(err, c.fail(ferr))
	}
	return err
}

func (c *CachedModel) fail(err error) error {
	c.failed = fmt.Errorf("answers cannot be stored: %w", err)
	return c.failed
}

// unanswered are the requests to ask the model, each once, with the indices that it serves.
type unanswered struct {
	requests []tasks.Request
	users    [][]int
}

// recall passes on every answer that is known.
func (c *CachedModel) recall(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) (unanswered, error) {
	var missing unanswered
	asked := map[[sha256.Size]byte]int{} // digests: a second copy of every prompt would be what a run needs most memory for
	for i, q := range requests {
		if err := ctx.Err(); err != nil {
			return missing, err
		}
		if r, ok := c.answers.Get(q); ok {
			c.hits.Add(1)
			if err := done(i, r); err != nil {
				return missing, err
			}
			continue
		}
		key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %d %v", q.Kind, q.Protocol, q.Prompt, q.Continuation, q.Stop, q.MaxTokens, q.Sampling))
		j, ok := asked[key]
		if !ok {
			j = len(missing.requests)
			asked[key] = j
			missing.requests = append(missing.requests, q)
			missing.users = append(missing.users, nil)
		}
		missing.users[j] = append(missing.users[j], i)
	}
	return missing, nil
}
