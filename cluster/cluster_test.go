package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/pause"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func encoder(t testing.TB) *wrapper.Encoder {
	t.Helper()
	files, _, err := smokemodel.Files(smokemodel.Name)
	require.NoError(t, err)
	tok, err := tokenizer.LoadFS(files)
	require.NoError(t, err)
	return wrapper.NewEncoder(tok, 64)
}

// oracle answers by what it is asked alone.
type oracle struct {
	*wrapper.Encoder
	about results.Model
	// asked, where not nil, is called before each request.
	asked func(q tasks.Request)
	calls atomic.Int64
}

func newOracle(e *wrapper.Encoder) *oracle {
	return &oracle{Encoder: e, about: results.Model{Name: "oracle", Digest: "sha256:1", TokenizerDigest: e.Tokenizer().Digest(), DType: "f32", Numerics: "f32-2", Window: e.Window()}}
}

func (o *oracle) Identity() results.Model { return o.about }

func (o *oracle) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for i, q := range qs {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.calls.Add(1)
		if o.asked != nil {
			o.asked(q)
		}
		if strings.Contains(q.Prompt, "impossible") {
			return &eval.RequestError{Index: i, Err: fmt.Errorf("logits are not finite")}
		}
		if err := done(i, reply(q)); err != nil {
			return err
		}
	}
	return nil
}

func reply(q tasks.Request) tasks.Response {
	return tasks.Response{
		Text: "\xff" + q.Prompt + q.Continuation, LogProb: -1 / float64(3+len(q.Prompt)), Greedy: len(q.Prompt)%2 == 0,
		PromptTokens: len(q.Prompt), OutputTokens: q.MaxTokens, Dropped: len(q.Stop), Lost: 1, Finish: fmt.Sprint("stop", q.Sampling),
	}
}

func questions(n int) (qs []tasks.Request) {
	for i := range n {
		q := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: fmt.Sprintf("%s shots of task %d, question %d \xfe", strings.Repeat("long ", 40), i%7, i), Continuation: " a"}
		if i%3 == 0 {
			q = tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessJP, Prompt: q.Prompt, Stop: []string{"\n", "\xfd"}, MaxTokens: i}
		}
		if i%6 == 0 {
			q.Sampling = tasks.Drawn("t", tasks.RowID(0), i, 0.2, 0.95)
		}
		qs = append(qs, q)
	}
	return qs
}

// answered asks m and checks that every request is answered once, with its own answer.
func answered(t *testing.T, m *Model, qs []tasks.Request) {
	t.Helper()
	times := make([]int, len(qs))
	require.NoError(t, m.Do(t.Context(), qs, func(i int, r tasks.Response) error {
		times[i]++
		assert.Equal(t, reply(qs[i]), r)
		return nil
	}))
	for i, n := range times {
		assert.Equal(t, 1, n, "request %d", i)
	}
}

func quick(url string) Options { return Options{URL: url, Patience: 600 * time.Millisecond} }

// open starts workers and a coordinator.
func open(t *testing.T, url string, want results.Model, workers ...*oracle) *Model {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() { assert.ErrorIs(t, Work(ctx, fmt.Sprintf("w%d", i), w, quick(url)), context.Canceled) })
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
	m, err := Open(t.Context(), encoder(t), want, quick(url))
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestWorkersAnswerOnce: three workers, answers of all fields and of texts that are not UTF-8, several calls.
func TestWorkersAnswerOnce(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	list := []*oracle{newOracle(encoder(t)), newOracle(encoder(t)), newOracle(encoder(t))}
	m := open(t, s.ClientURL(), results.Model{}, list...)
	assert.Equal(t, list[0].about, m.Identity())
	answered(t, m, questions(1000))
	answered(t, m, questions(20))
	answered(t, m, nil)
	total := int64(0)
	for _, w := range list {
		total += w.calls.Load()
	}
	assert.EqualValues(t, 1020, total)
	told := strings.Join(m.Told(), "\n")
	assert.Contains(t, told, "worker w0: ")
	err := m.Do(t.Context(), append(questions(5), tasks.Request{Prompt: "impossible"}), func(int, tasks.Response) error { return nil })
	var re *eval.RequestError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, 5, re.Index)
	assert.ErrorContains(t, err, "logits are not finite")
	answered(t, m, questions(50))
	assert.ErrorIs(t, m.Do(t.Context(), questions(9), func(int, tasks.Response) error { return assert.AnError }), assert.AnError)
	answered(t, m, questions(50))
}

// TestTheBrokerMayGoAway in the middle of the work, and come back with what it kept.
func TestTheBrokerMayGoAway(t *testing.T) {
	dir := t.TempDir()
	s := startBroker(t, dir, -1)
	var once sync.Once
	half := make(chan bool)
	list := []*oracle{newOracle(encoder(t)), newOracle(encoder(t))}
	for _, w := range list {
		w.asked = func(q tasks.Request) {
			time.Sleep(500 * time.Microsecond)
			if w.calls.Load() > 100 {
				once.Do(func() { close(half) })
			}
		}
	}
	m := open(t, s.ClientURL(), results.Model{}, list...)
	restarted := make(chan *anyBroker)
	go func() {
		<-half
		stopBroker(s)
		time.Sleep(300 * time.Millisecond)
		restarted <- startBroker(t, dir, s.port)
	}()
	answered(t, m, questions(800))
	t.Cleanup(func() { stopBroker(<-restarted) })
}

// TestOthersAreRefused: workers whose answers would be another model's are told why, and end.
func TestOthersAreRefused(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	m := open(t, s.ClientURL(), results.Model{DType: "f32"}, newOracle(encoder(t)))
	for want, change := range map[string]func(*results.Model){
		"weights": func(m *results.Model) { m.Digest = "sha256:2" }, "tokenizer": func(m *results.Model) { m.TokenizerDigest = "sha256:3" },
		"arithmetic": func(m *results.Model) { m.DType = "bf16" }, "numerics": func(m *results.Model) { m.Numerics = "f32-1" },
		"positions": func(m *results.Model) { m.Window = 7 },
	} {
		w := newOracle(encoder(t))
		change(&w.about)
		err := Work(t.Context(), "other", w, quick(s.ClientURL()))
		assert.ErrorIs(t, err, ErrRefused)
		assert.ErrorContains(t, err, want)
		assert.Zero(t, w.calls.Load())
	}
	answered(t, m, questions(30))
}

// TestTheRunNamesTheModel: where a worker's files lie is no matter of the run's, but servers are named by those who ask them.
func TestTheRunNamesTheModel(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	m := open(t, s.ClientURL(), results.Model{Name: "the run's"}, newOracle(encoder(t)))
	assert.Equal(t, "the run's", m.Identity().Name)
	asks := newOracle(encoder(t))
	asks.about.Server = &results.Server{}
	m = &Model{options: Options{}.filled(), want: results.Model{Name: "the run's", Window: asks.about.Window}, known: make(chan struct{}), tellings: map[string]*Telling{}, refused: map[string]string{}}
	data, err := json.Marshal(hello{"w", asks.about})
	require.NoError(t, err)
	m.greet(&nats.Msg{Data: data})
	assert.Equal(t, "oracle", m.Identity().Name)
}

// TestVictim is a worker in a process of its own, which a request may kill. It is started by the test below.
func TestVictim(t *testing.T) {
	url := os.Getenv("SWALLOW_EVAL_TEST_BROKER")
	if url == "" {
		t.Skip("only as another test's worker")
	}
	w := newOracle(encoder(t))
	w.asked = func(q tasks.Request) {
		time.Sleep(time.Millisecond)
		if strings.Contains(q.Prompt, "deadly") {
			p, _ := os.FindProcess(os.Getpid())
			_ = p.Kill()
			select {}
		}
	}
	_ = Work(t.Context(), fmt.Sprintf("victim-%d", os.Getpid()), w, quick(url))
}

// victims keeps so many workers alive, each in a process, until the test ends. kill kills one of them.
func victims(t *testing.T, url string, n int) (kill func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var mutex sync.Mutex
	running := map[*exec.Cmd]bool{}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestVictim$")
				c.Env = append(os.Environ(), "SWALLOW_EVAL_TEST_BROKER="+url)
				mutex.Lock()
				err := c.Start()
				running[c] = err == nil
				mutex.Unlock()
				if err == nil {
					_ = c.Wait()
				}
				mutex.Lock()
				delete(running, c)
				mutex.Unlock()
			}
		})
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
	return func() {
		mutex.Lock()
		defer mutex.Unlock()
		for c, alive := range running {
			if alive {
				_ = c.Process.Kill()
				return
			}
		}
	}
}

// TestWorkersAreKilled again and again: no answer is lost and none counted twice. A request that kills whoever takes it is an
// error with its number, and its neighbours are answered.
func TestWorkersAreKilled(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	kill := victims(t, s.ClientURL(), 3)
	m, err := Open(t.Context(), encoder(t), results.Model{}, quick(s.ClientURL()))
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 6 {
			if pause.For(ctx, 250*time.Millisecond) != nil {
				return
			}
			kill()
		}
	}()
	answered(t, m, questions(1500))
	cancel()

	qs := questions(20)
	qs[13].Prompt += " deadly"
	got := 0
	err = m.Do(t.Context(), qs, func(i int, r tasks.Response) error {
		got++
		assert.Equal(t, reply(qs[i]), r)
		assert.NotEqual(t, 13, i)
		return nil
	})
	var re *eval.RequestError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, 13, re.Index)
	assert.ErrorContains(t, err, "3 workers died of it")
}

// TestTheSameAnswerTwice: a batch that is published again, and an answer that comes again after the broker has forgotten its number,
// change nothing.
func TestTheSameAnswerTwice(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	w := newOracle(encoder(t))
	m := open(t, s.ClientURL(), results.Model{}, w)
	b, err := connect(t.Context(), "forger", quick(s.ClientURL()).filled())
	require.NoError(t, err)
	defer b.nc.Close()
	answered(t, m, questions(200))
	stream, err := b.js.Stream(t.Context(), answerStream)
	require.NoError(t, err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		msg, err := stream.GetMsg(t.Context(), seq)
		require.NoError(t, err)
		_, err = b.js.Publish(t.Context(), msg.Subject, msg.Data)
		require.NoError(t, err)
	}
	answered(t, m, questions(200))
	first, err := stream.GetMsg(t.Context(), info.State.FirstSeq)
	require.NoError(t, err)
	before := info.State.Msgs
	_, err = b.js.Publish(t.Context(), first.Subject, first.Data, jetstream.WithMsgID(first.Header.Get("Nats-Msg-Id")))
	require.NoError(t, err)
	info, err = stream.Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3*before, info.State.Msgs, "the broker has dropped what it knew")
}

// TestGroups: requests that begin alike are together, every one is there once, and none is too large.
func TestGroups(t *testing.T) {
	qs := questions(500)
	list, _, err := groups(qs, batchRequests)
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, g := range list {
		assert.LessOrEqual(t, len(g.requests), batchRequests)
		b := g.batch("1", "c", qs)
		assert.Greater(t, len(b.Prefix), 200, "the examples")
		for k, q := range b.requests() {
			assert.False(t, seen[g.requests[k]])
			seen[g.requests[k]] = true
			assert.Equal(t, qs[g.requests[k]], q)
		}
	}
	assert.Len(t, seen, len(qs))
	qs[3].Prompt = strings.Repeat("x", batchBytes+1)
	_, bad, err := groups(qs, batchRequests)
	assert.ErrorContains(t, err, "a message at most")
	assert.Equal(t, 3, bad)
}
