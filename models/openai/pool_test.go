package openai

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// mortal is a network on which servers die: after so many requests of a kind there is no connection to them any more.
type mortal struct {
	lives map[string]*atomic.Int64 // by host
}

func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := m.lives[r.URL.Host]; n != nil && r.URL.Path == "/v1/completions" && n.Add(-1) < 0 {
		return nil, fmt.Errorf("connection refused")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestAServerOfAPoolDies: its requests go to the others, each is answered once, and it is named once. The last one that dies
// ends the task with a document's name.
func TestAServerOfAPoolDies(t *testing.T) {
	f, url := newFake(t, "swallow-eval")
	_, url2 := newFake(t, "swallow-eval")
	host := func(u string) string { return u[len("http://"):] }
	want := answers(t, f.model, requests())
	lives := &mortal{lives: map[string]*atomic.Int64{host(url): {}}}
	lives.lives[host(url)].Store(1 << 30)
	var mutex sync.Mutex
	var said []string
	m, err := pool(t, f.model, Options{Concurrent: 4, Wire: lives, Say: func(format string, args ...any) {
		mutex.Lock()
		defer mutex.Unlock()
		said = append(said, fmt.Sprintf(format, args...))
	}}, url, url2)
	require.NoError(t, err)
	lives.lives[host(url)].Store(5)
	assert.Equal(t, want, answers(t, m, requests()))
	assert.Equal(t, want, answers(t, m, requests()))
	require.Len(t, said, 1)
	assert.Equal(t, 1, m.servers[0].attempts(assert.AnError), "who is given up is not waited for")
	assert.Equal(t, 8, m.servers[1].attempts(assert.AnError), "the last one is")
	assert.Contains(t, said[0], url+" is asked no more, 1 others are: after 3 attempts")
	lives.lives[host(url2)] = &atomic.Int64{}
	err = m.Do(t.Context(), requests(), func(int, tasks.Response) error { return nil })
	var re *eval.RequestError
	require.ErrorAs(t, err, &re)
	assert.ErrorContains(t, err, "after 8 attempts")
	assert.Len(t, said, 1)
	assert.Equal(t, 3, m.servers[1].attempts(assert.AnError), "the next question does not wait as long for who did not answer")
	lives.lives[host(url2)].Store(1 << 30)
	assert.Equal(t, want, answers(t, m, requests()))
	assert.Equal(t, 8, m.servers[1].attempts(assert.AnError), "it is there again")
}

// TestAQuestionThatEveryServerFailsAt is the question's fault, after three of them.
func TestAQuestionThatEveryServerFailsAt(t *testing.T) {
	q := newQueue(t.Context(), 1)
	for k := range serversTried {
		i, some := q.take()
		require.True(t, some)
		assert.Equal(t, 0, i)
		assert.Equal(t, k < serversTried-1, q.again(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, some := newQueue(ctx, 1).take()
	assert.False(t, some)
}

// TestNobodyLeavesBeforeTheLastAnswer: who has nothing to do waits for what others may fail at.
func TestNobodyLeavesBeforeTheLastAnswer(t *testing.T) {
	q := newQueue(t.Context(), 1)
	_, some := q.take()
	require.True(t, some)
	second := make(chan bool)
	go func() { _, some := q.take(); second <- some }()
	select {
	case <-second:
		require.Fail(t, "it did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	require.True(t, q.again(0))
	assert.True(t, <-second)
	go func() { _, some := q.take(); second <- some }()
	q.done()
	assert.False(t, <-second)
}
