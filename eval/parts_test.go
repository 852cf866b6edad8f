package eval

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// eager takes parts while those before are not answered, up to so many, and answers all it has in an order of its own.
type eager struct {
	*oracle
	most  int
	parts []int // how many it had at each time
}

func (e *eager) DoParts(ctx context.Context, next func() ([]tasks.Request, error), done func(int, tasks.Response) error) error {
	for first := 0; ; {
		var all []tasks.Request
		n := 0
		for ; n < e.most; n++ {
			part, err := next()
			if err != nil {
				return err
			}
			if len(part) == 0 {
				break
			}
			all = append(all, part...)
		}
		if len(all) == 0 {
			return nil
		}
		e.parts = append(e.parts, n)
		if err := e.Do(ctx, all, func(i int, r tasks.Response) error { return done(first+i, r) }); err != nil {
			var re *RequestError
			if errors.As(err, &re) {
				return &RequestError{first + re.Index, re.Err}
			}
			return err
		}
		first += len(all)
	}
}

// TestTheNextChunkMayCome before the last answer of this one: the samples are the same bytes, with and without remembered answers.
func TestTheNextChunkMayCome(t *testing.T) {
	task := sums{name: "sums", reference: "sums", protocol: tasks.HarnessEN, n: 23}
	calm, o := setup(task)
	o.chunk = 4
	want, err := Run(t.Context(), newOracle(1), o)
	require.NoError(t, err)
	for seed := range uint64(5) {
		stored := map[string]tasks.Response{}
		for range 2 {
			m := &eager{oracle: newOracle(seed), most: 3}
			got, o := setup(task)
			o.chunk = 4
			cached := Cached(m, kept(stored))
			run, err := Run(t.Context(), cached, o)
			require.NoError(t, err)
			assert.Equal(t, calm.files["sums"].String(), got.files["sums"].String())
			assert.Equal(t, want.Scores, run.Scores)
			assert.Equal(t, 46, cached.Asked()+cached.Hits())
			if len(m.parts) > 0 {
				assert.Equal(t, []int{3, 3, 3, 3}, m.parts)
				assert.Equal(t, 46, cached.Asked())
			}
		}
		assert.Len(t, stored, 46)
	}
}

// kept are answers in memory.
type kept map[string]tasks.Response

func (k kept) Get(q tasks.Request) (tasks.Response, bool) {
	r, ok := k[q.Prompt+string(q.Kind)]
	return r, ok
}
func (k kept) Put(q tasks.Request, r tasks.Response) error {
	k[q.Prompt+string(q.Kind)] = r
	return nil
}
func (kept) Flush() error { return nil }

// TestALaterChunksErrorNamesItsDocument, and whatever is answered before it is written.
func TestALaterChunksErrorNamesItsDocument(t *testing.T) {
	for _, cached := range []bool{false, true} {
		m := &eager{oracle: newOracle(3), most: 2}
		m.failAt = "13+1="
		got, o := setup(sums{name: "sums", reference: "sums", protocol: tasks.HarnessEN, n: 23})
		o.chunk = 4
		var model Model = m
		if cached {
			model = Cached(m, kept{"2+1=" + string(tasks.Generate): (&oracle{}).answer(tasks.Request{Prompt: "2+1="})})
		}
		_, err := Run(t.Context(), model, o)
		assert.ErrorContains(t, err, "document 13 (position 13): the logits are not finite")
		assert.Equal(t, "keep", got.ended["sums"])
	}
}

// TestOneRequestInTwoParts is asked once, also where the first has no answer yet.
func TestOneRequestInTwoParts(t *testing.T) {
	m := &eager{oracle: newOracle(1), most: 9}
	c := Cached(m, kept{})
	parts := [][]tasks.Request{{{Prompt: "1+1="}, {Prompt: "2+1="}}, {{Prompt: "2+1="}, {Prompt: "3+1="}}}
	times := map[int]int{}
	require.NoError(t, c.DoParts(t.Context(), func() ([]tasks.Request, error) {
		if len(parts) == 0 {
			return nil, nil
		}
		p := parts[0]
		parts = parts[1:]
		return p, nil
	}, func(i int, r tasks.Response) error { times[i]++; return nil }))
	assert.Equal(t, map[int]int{0: 1, 1: 1, 2: 1, 3: 1}, times)
	assert.Equal(t, 3, m.calls)
	assert.Equal(t, 1, c.Hits())
}

// twice answers its first request twice.
type twice struct{ *oracle }

func (m twice) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for _, i := range append([]int{0}, m.order.Perm(len(qs))...) {
		if err := done(i, m.answer(qs[i])); err != nil {
			return err
		}
	}
	return nil
}

// TestAnAnswerThatComesTwiceIsAnError where its document is written, or its request remembered.
func TestAnAnswerThatComesTwiceIsAnError(t *testing.T) {
	_, o := setup(sums{name: "sums", reference: "sums", protocol: tasks.HarnessEN, n: 23})
	o.chunk = 1
	_, err := Run(t.Context(), Cached(twice{newOracle(1)}, kept{}), o)
	assert.ErrorContains(t, err, "request 0 twice")
}
