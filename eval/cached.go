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
	return c.DoParts(ctx, Once(requests), done)
}

// DoParts does so with requests that come in parts: the model gets of each part what is not known, as soon as it takes more.
func (c *CachedModel) DoParts(ctx context.Context, next func() ([]tasks.Request, error), done func(i int, r tasks.Response) error) error {
	if c.failed != nil {
		return c.failed
	}
	r := &recalling{c: c, next: next, done: done, waiting: map[int]*unanswered{}, asked: map[[sha256.Size]byte]int{}}
	err := DoParts(ctx, c.Model, func() ([]tasks.Request, error) { return r.part(ctx) }, r.take)
	var re *RequestError
	if errors.As(err, &re) {
		if w := r.waiting[re.Index]; w != nil {
			err = &RequestError{w.users[0], re.Err}
		}
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

// unanswered is a request that the model is asked, with the indices that it serves.
type unanswered struct {
	request tasks.Request
	key     [sha256.Size]byte
	users   []int
}

// recalling is one call of DoParts.
type recalling struct {
	c       *CachedModel
	next    func() ([]tasks.Request, error)
	done    func(i int, r tasks.Response) error
	first   int                       // index of the next part's first request
	sent    int                       // requests that the model was asked
	waiting map[int]*unanswered       // by the model's index
	asked   map[[sha256.Size]byte]int // digests of those waiting: a second copy of every prompt would be what a run needs most memory for
}

// part passes on what is known of the next parts, until there is something to ask the model.
func (r *recalling) part(ctx context.Context) ([]tasks.Request, error) {
	for {
		if r.first > 0 {
			if err := r.c.flush(nil); err != nil {
				return nil, err
			}
		}
		part, err := r.next()
		if err != nil || len(part) == 0 {
			return nil, err
		}
		missing, err := r.recall(ctx, part)
		if err != nil || len(missing) > 0 {
			return missing, err
		}
	}
}

// recall passes on every answer that is known.
func (r *recalling) recall(ctx context.Context, part []tasks.Request) (missing []tasks.Request, err error) {
	first := r.first
	r.first += len(part)
	for i, q := range part {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if answer, ok := r.c.answers.Get(q); ok {
			r.c.hits.Add(1)
			if err := r.done(first+i, answer); err != nil {
				return nil, err
			}
			continue
		}
		key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %d %v", q.Kind, q.Protocol, q.Prompt, q.Continuation, q.Stop, q.MaxTokens, q.Sampling))
		j, ok := r.asked[key]
		if !ok {
			j = r.sent
			r.sent++
			r.asked[key], r.waiting[j] = j, &unanswered{request: q, key: key}
			missing = append(missing, q)
		}
		r.waiting[j].users = append(r.waiting[j].users, first+i)
	}
	return missing, nil
}

// take stores an answer and passes it on.
func (r *recalling) take(j int, answer tasks.Response) error {
	w := r.waiting[j]
	if w == nil {
		return fmt.Errorf("the model answered request %d twice", j)
	}
	if err := r.c.answers.Put(w.request, answer); err != nil {
		return r.c.fail(err)
	}
	delete(r.waiting, j)
	delete(r.asked, w.key)
	r.c.asked.Add(1)
	r.c.hits.Add(int64(len(w.users) - 1))
	for _, i := range w.users {
		if err := r.done(i, answer); err != nil {
			return err
		}
	}
	return nil
}
