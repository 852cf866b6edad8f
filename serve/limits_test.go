package serve

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

// fakeEngine does what a test says in each call.
type fakeEngine struct {
	mutex sync.Mutex
	calls [][]int32 // the first tokens of each call's prompts
	do    func(call int, prompts []engine.Prompt) error
}

func (e *fakeEngine) Answer(ctx context.Context, prompts []engine.Prompt, _ []engine.Sequence, generated func(int, engine.Generated, error) error, _ func(int, engine.Scored, error) error) error {
	e.mutex.Lock()
	var first []int32
	for _, p := range prompts {
		first = append(first, p.Tokens[0])
	}
	e.calls = append(e.calls, first)
	call := len(e.calls)
	e.mutex.Unlock()
	if e.do != nil {
		if err := e.do(call, prompts); err != nil {
			return err
		}
	}
	for i, p := range prompts {
		if err := ctx.Err(); err != nil {
			return err
		}
		var bad error
		if p.Tokens[0] == 66 {
			bad = errors.New("this one cannot be")
		}
		if err := generated(i, engine.Generated{Tokens: p.Tokens[:1], Finish: engine.FinishLength}, bad); err != nil {
			return err
		}
	}
	return nil
}

func faked(t *testing.T, e Engine, key string, l Limits) (*Server, *httptest.Server) {
	t.Helper()
	files, _, err := smokemodel.Files(smokemodel.Name)
	require.NoError(t, err)
	tok, err := tokenizer.LoadFS(files)
	require.NoError(t, err)
	s := New(Model{Engine: e, Encoder: wrapper.NewEncoder(tok, 64), Identity: results.Model{Name: "m", Vocabulary: tok.VocabSize()}}, key, l)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() { h.Close(); s.Close() })
	return s, h
}

// TestRequestsAreGathered: what comes while the engine computes is computed in its next call, together. A prompt that cannot be
// answered ends its own request alone.
func TestRequestsAreGathered(t *testing.T) {
	begun, release := make(chan bool), make(chan bool)
	e := &fakeEngine{do: func(call int, _ []engine.Prompt) error {
		if call == 1 {
			close(begun)
			<-release
		}
		return nil
	}}
	s, h := faked(t, e, "", Limits{})
	var wg sync.WaitGroup
	send := func(body string, status int) {
		wg.Go(func() {
			got, text := post(t, h.URL+"/v1/completions", body)
			assert.Equal(t, status, got, text)
		})
	}
	send(`{"prompt":[50]}`, 200)
	<-begun
	send(`{"prompt":[51]}`, 200)
	send(`{"prompt":[[52],[53]]}`, 200)
	send(`{"prompt":[[54],[66]]}`, 500)
	require.Eventually(t, func() bool { return s.counts.waiting.Load() == 6 }, 5*time.Second, time.Millisecond)
	close(release)
	wg.Wait()
	require.Len(t, e.calls, 2)
	assert.ElementsMatch(t, []int32{51, 52, 53, 54, 66}, e.calls[1])
	assert.Zero(t, s.counts.waiting.Load())
}

// TestABrokenRoundEndsThoseItNames: a panic of the engine names items; the requests of others are computed again.
func TestABrokenRoundEndsThoseItNames(t *testing.T) {
	begun, release := make(chan bool), make(chan bool)
	e := &fakeEngine{do: func(call int, prompts []engine.Prompt) error {
		if call == 1 {
			close(begun)
			<-release
		}
		for i, p := range prompts {
			if p.Tokens[0] == 77 {
				return &engine.ItemsError{Items: []int{i}, Err: errors.New("engine panicked")}
			}
			if p.Tokens[0] == 78 {
				panic("of the engine")
			}
		}
		return nil
	}}
	s, h := faked(t, e, "", Limits{})
	var wg sync.WaitGroup
	send := func(body, want string, status int) {
		wg.Go(func() {
			got, text := post(t, h.URL+"/v1/completions", body)
			assert.Equal(t, status, got, text)
			assert.Contains(t, text, want)
		})
	}
	send(`{"prompt":[50]}`, "cmpl", 200)
	<-begun
	send(`{"prompt":[51]}`, "cmpl", 200)
	send(`{"prompt":[77]}`, "engine panicked", 500)
	send(`{"prompt":[52]}`, "cmpl", 200)
	require.Eventually(t, func() bool { return s.counts.waiting.Load() == 4 }, 5*time.Second, time.Millisecond)
	close(release)
	wg.Wait()
	send(`{"prompt":[78]}`, "panicked at limits_test.go", 500)
	wg.Wait()
	send(`{"prompt":[53]}`, "cmpl", 200)
	wg.Wait()
}

func TestLimits(t *testing.T) {
	release := make(chan bool)
	e := &fakeEngine{do: func(call int, _ []engine.Prompt) error {
		if call == 1 {
			<-release
		}
		return nil
	}}
	s, h := faked(t, e, "secret", Limits{Body: 200, Queue: 2, Time: 300 * time.Millisecond})
	send := func(key, body string) (int, string, http.Header) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/v1/completions", strings.NewReader(body))
		require.NoError(t, err)
		if key != "" {
			q.Header.Set("Authorization", "Bearer "+key)
		}
		r, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return r.StatusCode, string(b), r.Header
	}
	for _, key := range []string{"", "secre", "secret2"} {
		status, text, head := send(key, `{"prompt":[50]}`)
		assert.Equal(t, 401, status)
		assert.Contains(t, message(t, text), "key of this server")
		assert.NotContains(t, text, "secret")
		assert.Equal(t, "Bearer", head.Get("WWW-Authenticate"))
	}
	r, err := http.Get(h.URL + "/health")
	require.NoError(t, err)
	assert.Equal(t, 200, r.StatusCode, "whoever looks after the process needs no key")
	assert.NoError(t, r.Body.Close())

	status, text, _ := send("secret", `{"prompt":"`+strings.Repeat("a", 300)+`"}`)
	assert.Equal(t, 413, status)
	assert.Contains(t, message(t, text), "more than 200 bytes")
	status, text, _ = send("secret", `{"prompt":[[50],[51],[52]]}`)
	assert.Equal(t, 413, status)
	assert.Contains(t, message(t, text), "3 prompts in one request, at most 2")

	status, text, _ = send("secret", `{"prompt":[[50],[51]]}`)
	assert.Equal(t, 504, status)
	assert.Contains(t, message(t, text), "longer than this server lets one take")
	status, text, head := send("secret", `{"prompt":[50]}`)
	assert.Equal(t, 429, status, "the two are still with the engine")
	assert.Contains(t, message(t, text), "queue is full")
	assert.NotEmpty(t, head.Get("Retry-After"))
	close(release)
	require.Eventually(t, func() bool { return s.counts.waiting.Load() == 0 }, 5*time.Second, time.Millisecond)
	status, _, _ = send("secret", `{"prompt":[50]}`)
	assert.Equal(t, 200, status)
	s.Close()
	status, text, head = send("secret", `{"prompt":[50]}`)
	assert.Equal(t, 503, status)
	assert.Contains(t, message(t, text), "ending")
	assert.NotEmpty(t, head.Get("Retry-After"))
}

// TestTheEndIsGraceful: a request under way when the end is asked for is answered, one that outlasts the grace is not.
func TestTheEndIsGraceful(t *testing.T) {
	for _, patient := range []bool{true, false} {
		begun, release := make(chan bool), make(chan bool)
		e := &fakeEngine{do: func(int, []engine.Prompt) error { close(begun); <-release; return nil }}
		s, _ := faked(t, e, "", Limits{Grace: map[bool]time.Duration{true: time.Minute, false: time.Millisecond}[patient]})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended, answered := make(chan error, 1), make(chan int, 1)
		go func() { ended <- s.Run(ctx, l) }()
		go func() {
			r, err := http.Post("http://"+l.Addr().String()+"/v1/completions", "application/json", strings.NewReader(`{"prompt":[50]}`))
			if err != nil {
				answered <- 0
				return
			}
			_ = r.Body.Close()
			answered <- r.StatusCode
		}()
		<-begun
		cancel()
		if !patient {
			time.AfterFunc(50*time.Millisecond, func() { close(release) })
			assert.ErrorContains(t, <-ended, "still under way")
			assert.NotEqual(t, 200, <-answered)
			continue
		}
		close(release)
		assert.Equal(t, 200, <-answered)
		assert.NoError(t, <-ended)
	}
}

// TestWhoGoesAwayIsComputedNoFurther: the engine's work ends when all its clients have gone, and a client that leaves before its
// turn is not computed at all.
func TestWhoGoesAwayIsComputedNoFurther(t *testing.T) {
	begun, release := make(chan bool), make(chan bool)
	stopped := make(chan bool, 1)
	e := &fakeEngine{do: func(call int, prompts []engine.Prompt) error {
		if call > 1 {
			return nil
		}
		close(begun)
		<-release
		for !prompts[0].Stop([]int32{50}) {
			time.Sleep(time.Millisecond)
		}
		stopped <- true
		return nil
	}}
	s, h := faked(t, e, "", Limits{})
	send := func(ctx context.Context, body string) {
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL+"/v1/completions", strings.NewReader(body))
		if assert.NoError(t, err) {
			r, err := http.DefaultClient.Do(q)
			if err == nil {
				_ = r.Body.Close()
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { send(ctx, `{"prompt":[50]}`) })
	<-begun
	wg.Go(func() { send(ctx, `{"prompt":[51]}`) })
	require.Eventually(t, func() bool { return s.counts.waiting.Load() == 2 }, 5*time.Second, time.Millisecond)
	cancel()
	wg.Wait()
	require.Eventually(t, func() bool { // the server learns a little later than the client that it has gone
		s.counts.mutex.Lock()
		defer s.counts.mutex.Unlock()
		var n int64
		for _, c := range s.counts.requests {
			n += c
		}
		return n == 2
	}, 5*time.Second, time.Millisecond)
	close(release)
	<-stopped
	require.Eventually(t, func() bool { return s.counts.waiting.Load() == 0 }, 5*time.Second, time.Millisecond)
	assert.Len(t, e.calls, 1)
}

// TestStopStringsAreHeldBack: a stream never shows the beginning of a stop string that then ends the text.
func TestStopStringsAreHeldBack(t *testing.T) {
	assert.Equal(t, 2, heldBack("ab##", []string{"###"}))
	assert.Equal(t, 0, heldBack("ab", []string{"###", "x"}))
	assert.Equal(t, 3, heldBack("\n\nQ", []string{"\n\nQ:"}))
	assert.Equal(t, 0, heldBack("", []string{"a"}))
	assert.Equal(t, 1, heldBack("a", []string{"abc", "ax"}))
}

// TestAnErrorWithinAStreamIsTold, since the status is out already.
func TestAnErrorWithinAStreamIsTold(t *testing.T) {
	watched := make(chan bool)
	e := &fakeEngine{do: func(_ int, prompts []engine.Prompt) error {
		prompts[0].Stop([]int32{2200})
		<-watched
		return errors.New("the disk broke")
	}}
	_, h := faked(t, e, "", Limits{})
	r, err := http.Post(h.URL+"/v1/completions", "application/json", strings.NewReader(`{"prompt":[50],"stream":true}`))
	require.NoError(t, err)
	defer r.Body.Close()
	assert.Equal(t, 200, r.StatusCode)
	scan := bufio.NewScanner(r.Body)
	require.True(t, scan.Scan())
	close(watched)
	rest, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	var all strings.Builder
	for scan.Scan() {
		all.WriteString(scan.Text())
	}
	assert.Contains(t, all.String()+string(rest), "the disk broke")
	assert.NotContains(t, all.String(), "[DONE]")
}
