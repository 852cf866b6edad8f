// Package serve answers the OpenAI protocol over HTTP with an engine, so that programs that know that protocol alone, such
// as lm-evaluation-harness, get the engine's numbers.
//
// It promises that what a client reads depends on the client's request and the model alone: requests of many clients are
// computed together and share what their prompts have in common, and every bit is that of a request computed alone. What
// the engine does not do - sampling, penalties, constraints - is refused by name, never passed over.
//
// docs/servers.md describes each endpoint field by field.
package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

// Engine computes; *engine.Model is one.
type Engine interface {
	Answer(ctx context.Context, prompts []engine.Prompt, seqs []engine.Sequence,
		generated func(i int, g engine.Generated, err error) error, scored func(i int, s engine.Scored, err error) error) error
}

// Model is what is served.
type Model struct {
	Engine  Engine
	Encoder *wrapper.Encoder
	// Identity is told to clients that ask; its Name is the one they must ask for.
	Identity results.Model
	// EOS are the tokens at which the engine ends a text.
	EOS []int32
	// Chat makes a prompt of messages; nil where the model has no chat template.
	Chat Chat
}

// Chat makes the tokens of a prompt of a conversation, the beginning of the answer included.
type Chat func(messages []Message) ([]int32, error)

// Message is one turn of a conversation.
type Message struct {
	Role    string
	Content string
}

// Limits are what one server takes on. The zero value of a field stands for its default.
type Limits struct {
	// Body is the most bytes of one request; all requests under way have at most eight times as much together.
	Body int64
	// Queue is the most prompts that wait or are computed at one time.
	Queue int
	// Time is how long one request may take, waiting included.
	Time time.Duration
	// Grace is how long requests under way may go on when the server ends.
	Grace time.Duration
}

// bodiesAtOnce is how many bodies of the largest size may be in memory together.
const bodiesAtOnce = 8

func (l Limits) filled() Limits {
	if l.Body == 0 {
		l.Body = 32 << 20
	}
	if l.Queue == 0 {
		l.Queue = 4096
	}
	if l.Time == 0 {
		l.Time = 30 * time.Minute
	}
	if l.Grace == 0 {
		l.Grace = 30 * time.Second
	}
	return l
}

// Server answers requests. It is to be made by New and ended by Close.
type Server struct {
	model  Model
	key    string
	limits Limits
	bodies *semaphore.Weighted
	gather *gatherer
	counts *counts
	start  time.Time
	serial serial
}

// New returns a server of a model. key, where not empty, must come with every request but those for /health.
func New(m Model, key string, l Limits) *Server {
	l = l.filled()
	c := newCounts()
	return &Server{
		model: m, key: key, limits: l, bodies: semaphore.NewWeighted(bodiesAtOnce * l.Body),
		gather: newGatherer(m.Engine, l.Queue, c), counts: c, start: time.Now(),
	}
}

// Close ends computing; requests under way end with an error.
func (s *Server) Close() { s.gather.close() }

// Handler answers the endpoints.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.health)
	mux.Handle("GET /metrics", s.guarded("metrics", s.metrics))
	mux.Handle("GET /v1/models", s.guarded("models", s.models))
	mux.Handle("GET /v1/models/{id...}", s.guarded("models", s.oneModel))
	mux.Handle("GET /tokenizer_info", s.guarded("tokenizer_info", s.tokenizerInfo))
	mux.Handle("POST /tokenize", s.guarded("tokenize", s.tokenize))
	mux.Handle("POST /detokenize", s.guarded("detokenize", s.detokenize))
	mux.Handle("POST /v1/completions", s.guarded("completions", s.completions))
	mux.Handle("POST /v1/chat/completions", s.guarded("chat", s.chat))
	mux.Handle("/", s.guarded("unknown", func(w http.ResponseWriter, r *http.Request) error {
		return &problem{status: http.StatusNotFound, message: fmt.Sprintf("there is no %s %s here", r.Method, r.URL.Path)}
	}))
	return mux
}

// Run serves a listener until ctx ends. Then no request is taken any more, those under way have the grace that the
// limits give, and Run returns nil when all of them were answered.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		s.Close()
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.Grace)
	defer cancel()
	err := h.Shutdown(grace)
	s.Close()
	if err != nil {
		return errors.Join(fmt.Errorf("requests were still under way %v after the end was asked for: %w", s.limits.Grace, err), h.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
