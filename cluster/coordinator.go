package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
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

var _ eval.Model = (*Model)(nil)

// Telling is what a worker has done.
type Telling struct {
	Batches, Requests int
	Took              time.Duration
}

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

// Told lists what each worker has done, one line each.
func (m *Model) Told() (lines []string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, name := range slices.Sorted(maps.Keys(m.tellings)) {
		t := m.tellings[name]
		rate := 0.0
		if t.Took > 0 {
			rate = float64(t.Requests) / t.Took.Seconds()
		}
		lines = append(lines, fmt.Sprintf("worker %s: %d requests in %d batches, %.1f requests/s", name, t.Requests, t.Batches, rate))
	}
	return lines
}

// asking is one call of Do.
type asking struct {
	m        *Model
	requests []tasks.Request
	done     func(i int, r tasks.Response) error
	waiting  []group          // not published yet
	pending  map[string]group // published, by the batch's id
}

// Do has workers answer the requests.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) (err error) {
	list, bad, err := groups(requests, batchRequests)
	if err != nil {
		return &eval.RequestError{Index: bad, Err: err}
	}
	a := &asking{m: m, requests: requests, done: done, waiting: list, pending: map[string]group{}}
	ctx, cancel := context.WithCancel(ctx)
	answers, lost, received := make(chan answer), make(chan error, 1), make(chan struct{})
	go func() { defer close(received); lost <- m.receive(ctx, answers) }()
	defer func() { cancel(); <-received }() // the next call goes on where this one was
	for len(a.waiting)+len(a.pending) > 0 {
		if err := a.publish(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-lost:
			return err
		case got := <-answers:
			if err := a.take(got); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish hands out what waits, as far as so much may be under way.
func (a *asking) publish(ctx context.Context) error {
	for len(a.waiting) > 0 && len(a.pending) < a.m.options.Outstanding {
		g := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.m.batches++
		id := fmt.Sprintf("%s-%d", a.m.name, a.m.batches)
		a.pending[id] = g
		if err := a.m.broker.publish(ctx, workSubject+kindOf(a.m.Identity())+"."+a.m.name, id, g.batch(id, a.m.name, a.requests)); err != nil {
			return err
		}
	}
	return nil
}

// take passes an answer on, once: what is not awaited any more came twice.
func (a *asking) take(got answer) error {
	g, awaited := a.pending[got.ID]
	if !awaited {
		return nil
	}
	delete(a.pending, got.ID)
	switch {
	case got.Deadly > 0 && len(g.requests) > 1:
		a.m.options.Say("%d workers died of a batch of %d requests, which are tried one by one", got.Deadly, len(g.requests))
		for _, i := range g.requests {
			a.waiting = append(a.waiting, group{a.requests[i].Prompt, []int{i}})
		}
		return nil
	case got.Deadly > 0:
		return &eval.RequestError{Index: g.requests[0], Err: fmt.Errorf("%d workers died of it", got.Deadly)}
	case got.Failed != "":
		if got.Index < 0 || got.Index >= len(g.requests) {
			return fmt.Errorf("worker %s: an error about request %d of %d: %s", got.Worker, got.Index, len(g.requests), got.Failed)
		}
		return &eval.RequestError{Index: g.requests[got.Index], Err: fmt.Errorf("worker %s: %s", got.Worker, got.Failed)}
	case len(got.Responses) != len(g.requests):
		return &eval.RequestError{Index: g.requests[0], Err: fmt.Errorf("worker %s: %d answers to %d requests", got.Worker, len(got.Responses), len(g.requests))}
	}
	a.m.tell(got)
	for k, i := range g.requests {
		if err := a.done(i, got.Responses[k].tasks()); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) tell(got answer) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	t := m.tellings[got.Worker]
	if t == nil {
		t = &Telling{}
		m.tellings[got.Worker] = t
	}
	t.Batches++
	t.Requests += len(got.Responses)
	t.Took += got.Took
}

// receive fetches this coordinator's answers from the first on, and from where it was when the broker has been away. Answers that
// come again are no matter. It ends with ctx, or where the broker does not want this run any more.
func (m *Model) receive(ctx context.Context, answers chan<- answer) error {
	for {
		m.fetch(ctx, answers)
		if err := m.broker.wait(ctx); err != nil {
			return err
		}
	}
}

// fetch passes answers on until one may have been lost on the way: then it begins anew, behind the last one that has come.
func (m *Model) fetch(ctx context.Context, answers chan<- answer) {
	c := jetstream.ConsumerConfig{
		FilterSubject: answerSubject + m.name, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, InactiveThreshold: time.Minute,
	}
	if m.next > 0 {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, m.next
	}
	connected := m.broker.nc.Stats().Reconnects
	consumer, err := m.broker.js.CreateConsumer(ctx, answerStream, c)
	if err != nil {
		return
	}
	list, err := consumer.Messages(jetstream.PullMaxMessages(fetchedAhead))
	if err != nil {
		return
	}
	defer list.Stop()
	for taken := uint64(0); m.broker.nc.Stats().Reconnects == connected; {
		msg, err := list.Next(jetstream.NextMaxWait(time.Second))
		if ctx.Err() != nil || err != nil && !nothingYet(err) {
			return
		}
		if err != nil {
			continue
		}
		meta, err := msg.Metadata()
		if taken++; err != nil || meta.Sequence.Consumer != taken {
			return
		}
		m.next = meta.Sequence.Stream + 1
		var got answer
		if json.Unmarshal(msg.Data(), &got) != nil {
			continue // of another version; the batch's next delivery answers it
		}
		select {
		case answers <- got:
		case <-ctx.Done():
			return
		}
	}
}

// fetchedAhead is how many answers may be on their way at one time.
const fetchedAhead = 32
