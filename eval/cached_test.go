package eval

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval/store"
	"github.com/swallow-eval/swallow-eval/tasks"
)

var _ Answers = (*store.Store)(nil)

var oracleIdentity = store.Identity{Weights: "oracle", Tokenizer: "bytes", DType: "f32", Numerics: "1", Window: 4}

// watched is an oracle that notes what it is asked and is interrupted after some answers.
type watched struct {
	*oracle
	asked  map[string]int
	stop   int // the run's context ends after so many answers; negative: never
	cancel context.CancelFunc
	err    error // fails instead of answering on, after stop answers
}

func (w *watched) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for _, i := range w.order.Perm(len(qs)) {
		if w.stop == 0 && w.err != nil {
			return &RequestError{i, w.err}
		}
		if w.stop == 0 {
			w.cancel()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		w.stop--
		w.asked[fmt.Sprintf("%+v", qs[i])]++
		if err := done(i, w.answer(qs[i])); err != nil {
			return err
		}
	}
	return nil
}

// runWith evaluates once with the answers in dir, as one process would.
func runWith(t *testing.T, dir string, w *watched, ts ...tasks.Task) (map[string]string, *CachedModel, error) {
	t.Helper()
	s, err := store.Open(dir, oracleIdentity)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.cancel = cancel
	m, o := setup(ts...)
	c := Cached(w, s)
	_, err = Run(ctx, c, o)
	require.NoError(t, s.Close())
	files := map[string]string{}
	for name, f := range m.files {
		files[name] = m.ended[name] + "\n" + f.String()
	}
	return files, c, err
}

// TestResumeIsRunningAgain interrupts an evaluation after every answer: the second run writes the same bytes as an
// uninterrupted one, and no request is asked twice.
func TestResumeIsRunningAgain(t *testing.T) {
	ts := []tasks.Task{sums{name: "one", n: 7}, sums{name: "two", n: 12, protocol: tasks.HarnessEN}}
	whole := &watched{oracle: newOracle(1), asked: map[string]int{}, stop: -1}
	want, c, err := runWith(t, t.TempDir(), whole, ts...)
	require.NoError(t, err)
	total := 2*7 + 2*12
	require.Equal(t, total, c.Asked())
	require.Zero(t, c.Hits())
	for _, broken := range []error{nil, errors.New("the logits are not finite")} {
		for stop := range total {
			dir := t.TempDir()
			asked := map[string]int{}
			first := &watched{oracle: newOracle(uint64(stop)), asked: asked, stop: stop, err: broken}
			_, _, err := runWith(t, dir, first, ts...)
			require.Error(t, err, "interrupted after %d answers", stop)
			before := len(asked)
			second := &watched{oracle: newOracle(99), asked: asked, stop: -1}
			got, c, err := runWith(t, dir, second, ts...)
			require.NoError(t, err)
			assert.Equal(t, want, got, "interrupted after %d answers", stop)
			assert.Equal(t, before, c.Hits())
			assert.Len(t, asked, total)
			for q, n := range asked {
				assert.Equal(t, 1, n, "asked again: %s", q)
			}
		}
	}
}

// TestInterruptedAgainAndAgain resumes until nothing is left to ask.
func TestInterruptedAgainAndAgain(t *testing.T) {
	task := sums{name: "one", n: 20}
	want, _, err := runWith(t, t.TempDir(), &watched{oracle: newOracle(1), asked: map[string]int{}, stop: -1}, task)
	require.NoError(t, err)
	dir := t.TempDir()
	asked := map[string]int{}
	random := rand.New(rand.NewPCG(5, 0))
	for round := 0; ; round++ {
		require.Less(t, round, 100)
		got, c, err := runWith(t, dir, &watched{oracle: newOracle(uint64(round)), asked: asked, stop: 1 + random.IntN(5)}, task)
		if err != nil {
			continue
		}
		assert.Equal(t, want, got)
		assert.Equal(t, 40, c.Hits()+c.Asked())
		break
	}
	for q, n := range asked {
		assert.Equal(t, 1, n, "asked again: %s", q)
	}
	got, c, err := runWith(t, dir, &watched{oracle: newOracle(7), asked: asked, stop: 0}, task)
	require.NoError(t, err, "the model would fail if it were asked")
	assert.Equal(t, want, got)
	assert.Zero(t, c.Asked())
}

// scripted is Answers in memory that fail as told.
type scripted struct {
	known      map[string]tasks.Response
	put, flush error
	puts       int
}

func (s *scripted) Get(q tasks.Request) (tasks.Response, bool) {
	r, ok := s.known[fmt.Sprint(q)]
	return r, ok
}

func (s *scripted) Put(q tasks.Request, r tasks.Response) error {
	s.puts++
	if s.put != nil && s.puts > 3 {
		return s.put
	}
	s.known[fmt.Sprint(q)] = r
	return nil
}

func (s *scripted) Flush() error { return s.flush }

func TestFailureToStoreStopsTheRun(t *testing.T) {
	full := &os.PathError{Op: "write", Path: "/cache/1.seg", Err: syscall.ENOSPC}
	for name, a := range map[string]*scripted{"put": {put: full}, "flush": {flush: full}} {
		a.known = map[string]tasks.Response{}
		w := &watched{oracle: newOracle(1), asked: map[string]int{}, stop: -1}
		m, o := setup(sums{name: "one", n: 4}, sums{name: "two", n: 4, protocol: "other"})
		run, err := Run(context.Background(), Cached(w, a), o)
		require.ErrorIs(t, err, syscall.ENOSPC, name)
		assert.ErrorContains(t, err, "one: answers cannot be stored: write /cache/1.seg: no space left on device")
		assert.Equal(t, "incomplete", run.Status)
		assert.NotContains(t, m.ended, "commit", name)
		for q := range w.asked {
			assert.NotContains(t, q, "Protocol:other", "the model is asked no more once an answer was not stored")
		}
	}
}

func TestAnAnswerIsStoredBeforeItIsPassedOn(t *testing.T) {
	a := &scripted{known: map[string]tasks.Response{}}
	w := &watched{oracle: newOracle(3), asked: map[string]int{}, stop: -1}
	qs := []tasks.Request{{Prompt: "1+1="}, {Prompt: "2+1="}, {Prompt: "1+1="}}
	var order []int
	c := Cached(w, a)
	err := c.Do(context.Background(), qs, func(i int, r tasks.Response) error {
		order = append(order, i)
		stored, ok := a.Get(qs[i])
		assert.True(t, ok)
		assert.Equal(t, stored, r)
		return nil
	})
	require.NoError(t, err)
	assert.ElementsMatch(t, []int{0, 1, 2}, order)
	assert.Equal(t, 2, c.Asked(), "a request that occurs twice is asked once")
	assert.Equal(t, 1, c.Hits())
	assert.Equal(t, 2, a.puts)

	order = nil
	refused := errors.New("enough")
	err = c.Do(context.Background(), qs, func(i int, _ tasks.Response) error {
		order = append(order, i)
		return refused
	})
	require.ErrorIs(t, err, refused)
	assert.Equal(t, []int{0}, order)
}

// telling is a model whose answer holds every field of its request.
type telling struct{ *oracle }

func (telling) Do(_ context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for i, q := range qs {
		if err := done(i, tasks.Response{Text: fmt.Sprintf("%+v", q)}); err != nil {
			return err
		}
	}
	return nil
}

// TestRequestsThatDifferInOneFieldAreTwo walks over the fields of a request: in one call, two requests that differ in any of
// them, as the choices of one question do in their continuation, get each its own answer.
func TestRequestsThatDifferInOneFieldAreTwo(t *testing.T) {
	base := tasks.Request{Kind: tasks.LogLikelihood, Protocol: "p", Prompt: "q", Continuation: "a", Stop: []string{"s"}, MaxTokens: 1}
	qs := []tasks.Request{base}
	for i := range reflect.TypeFor[tasks.Request]().NumField() {
		if name := reflect.TypeFor[tasks.Request]().Field(i).Name; name == "Arguments" || name == "Repeats" {
			continue // what a harness says of the same request in words of its own: no model reads them
		}
		q := base
		switch f := reflect.ValueOf(&q).Elem().Field(i); f.Kind() {
		case reflect.String:
			f.SetString(f.String() + "x")
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"s", "x"}))
		case reflect.Int:
			f.SetInt(f.Int() + 1)
		case reflect.Struct:
			f.Set(reflect.ValueOf(tasks.Sampling{Temperature: 0.2, TopP: 0.95, Draw: 1, Seed: 2}))
		default:
			require.Fail(t, "a field of a kind that this test does not know", reflect.TypeFor[tasks.Request]().Field(i).Name)
		}
		qs = append(qs, q)
	}
	for _, s := range []tasks.Sampling{{Temperature: 0.2, TopP: 0.95, Seed: 2}, {Temperature: 0.2, TopP: 0.95, Draw: 1, Seed: 3}} {
		q := base
		q.Sampling = s
		qs = append(qs, q)
	}
	c := Cached(telling{newOracle(1)}, &scripted{known: map[string]tasks.Response{}})
	got := make([]string, len(qs))
	require.NoError(t, c.Do(context.Background(), qs, func(i int, r tasks.Response) error {
		got[i] = r.Text
		return nil
	}))
	for i, q := range qs {
		assert.Equal(t, fmt.Sprintf("%+v", q), got[i])
	}
	assert.Equal(t, len(qs), c.Asked())
}

func TestAnErrorNamesTheCallersRequest(t *testing.T) {
	a := &scripted{known: map[string]tasks.Response{}}
	qs := []tasks.Request{{Prompt: "1+1="}, {Prompt: "2+1="}, {Prompt: "7+1="}}
	require.NoError(t, a.Put(qs[0], tasks.Response{}))
	require.NoError(t, a.Put(qs[1], tasks.Response{}))
	w := &watched{oracle: newOracle(3), asked: map[string]int{}, stop: 0, err: errors.New("the logits are not finite")}
	err := Cached(w, a).Do(context.Background(), qs, func(int, tasks.Response) error { return nil })
	var re *RequestError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, 2, re.Index)
	assert.Len(t, a.known, 2, "a failed request leaves nothing behind")
}

func TestInterruptDuringRecall(t *testing.T) {
	a := &scripted{known: map[string]tasks.Response{}}
	qs := []tasks.Request{{Prompt: "1+1="}, {Prompt: "2+1="}}
	for _, q := range qs {
		require.NoError(t, a.Put(q, tasks.Response{}))
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := Cached(newOracle(1), a).Do(ctx, qs, func(int, tasks.Response) error {
		n++
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, n)
}
