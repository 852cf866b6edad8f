package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

// Model is a run's model whose requests workers answer. It is an eval.Model.
type Model struct {
	wrapper.Encoder
	options  Options
	broker   *broker
	name     string // of this coordinator, at the broker
	greeting *nats.Subscription

	mutex    sync.Mutex
	want     results.Model // what a worker must be; complete when the first has come
	known    chan struct{} // closed then
	tellings map[string]*Telling
	refused  map[string]string
	batches  int
	next     uint64 // of the answers' stream, the first message that was not fetched
}

var _ eval.Streaming = (*Model)(nil)

// Open reaches the broker and waits for the first worker: its identity becomes the run's. want is what is known of the
// model already, at least tokenizer and positions; a worker that differs in it is refused, and then whoever differs from the first.
// want.Name, where there is one, is what the model is called, unless the workers ask servers.
func Open(ctx context.Context, e *wrapper.Encoder, want results.Model, o Options) (*Model, error) {
	o = o.filled()
	want.TokenizerDigest, want.Window = e.Tokenizer().Digest(), e.Window()
	m := &Model{
		Encoder: *e, options: o, name: nuid.Next(), want: want, known: make(chan struct{}),
		tellings: map[string]*Telling{}, refused: map[string]string{},
	}
	var err error
	if m.broker, err = connect(ctx, "coordinator", o); err != nil {
		return nil, err
	}
	if m.greeting, err = m.broker.nc.Subscribe(helloSubject, m.greet); err != nil {
		m.broker.nc.Close()
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	o.Say("waiting for the first worker (swallow-eval worker --model M --cluster %s)", shown(o.URL))
	select {
	case <-m.known:
		return m, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), m.Close())
	}
}

// greet answers a worker.
func (m *Model) greet(msg *nats.Msg) {
	var h hello
	if json.Unmarshal(msg.Data, &h) != nil {
		return
	}
	m.mutex.Lock()
	var out welcome
	if out.Refused = difference(m.want, h.Identity); out.Refused == "" {
		select {
		case <-m.known:
		default:
			name := m.want.Name
			if m.want = h.Identity; name != "" && m.want.Server == nil { // where a worker's files lie is no matter of the run
				m.want.Name = name
			}
			close(m.known)
		}
	}
	news := out.Refused != m.refused[h.Worker] || out.Refused == "" && m.tellings[h.Worker] == nil
	m.refused[h.Worker] = out.Refused
	if out.Refused == "" && m.tellings[h.Worker] == nil {
		m.tellings[h.Worker] = &Telling{}
	}
	m.mutex.Unlock()
	if news && out.Refused != "" {
		m.options.Say("worker %s is refused: %s", h.Worker, out.Refused)
	} else if news {
		m.options.Say("worker %s", h.Worker)
	}
	if data, err := json.Marshal(out); err == nil {
		_ = msg.Respond(data) // who hears nothing asks again
	}
}

// Identity is that of the workers.
func (m *Model) Identity() results.Model {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.want
}

// Close leaves the broker. What nobody answered is taken back, and answers are removed there.
func (m *Model) Close() error {
	err := m.greeting.Unsubscribe()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for stream, subject := range map[string]string{workStream: workSubject + kindOf(m.Identity()) + "." + m.name, answerStream: answerSubject + m.name} {
		if s, serr := m.broker.js.Stream(ctx, stream); serr == nil { // what cannot be taken back is answered in vain, and ages
			_ = s.Purge(ctx, jetstream.WithPurgeSubject(subject))
		}
	}
	m.broker.nc.Close()
	return err
}
