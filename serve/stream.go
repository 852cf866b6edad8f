package serve

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// parts makes the events of one kind of stream.
type parts interface {
	// opening are events before any text, of prompt i.
	opening(i int) []any
	// text is an event with more text of prompt i.
	text(i int, added string) any
	// end is the event with which prompt i ends.
	end(i int, finish string) any
	// usage is an event without text.
	usage(u usage) any
}

// completionStream makes the events of /v1/completions.
type completionStream struct{ head textCompletion }

func (c completionStream) event(ch choice) any {
	e := c.head
	e.Choices = []choice{ch}
	return e
}
func (c completionStream) opening(int) []any { return nil }
func (c completionStream) text(i int, added string) any {
	return c.event(choice{Index: i, Text: added})
}
func (c completionStream) end(i int, finish string) any {
	return c.event(choice{Index: i, Finish: &finish})
}
func (c completionStream) usage(u usage) any {
	e := c.head
	e.Choices, e.Usage = []choice{}, &u
	return e
}

// mailbox holds the newest tokens of each prompt. The engine puts them and never waits: a client that reads slowly gets
// more text at a time.
type mailbox struct {
	mutex sync.Mutex
	newer [][]int32 // nil where nothing is new
	wake  chan struct{}
}

func (m *mailbox) put(i int, generated []int32) {
	m.mutex.Lock()
	m.newer[i] = slices.Clone(generated)
	m.mutex.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) take() [][]int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	taken := m.newer
	m.newer = make([][]int32, len(taken))
	return taken
}

// eventWriter writes server-sent events.
type eventWriter struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

func newEventWriter(w http.ResponseWriter) eventWriter {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	return eventWriter{w, http.NewResponseController(w)}
}

func (e eventWriter) send(v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	return e.raw(bytes.TrimSuffix(b, []byte("\n")))
}

func (e eventWriter) raw(b []byte) error {
	if _, err := e.w.Write(slices.Concat([]byte("data: "), b, []byte("\n\n"))); err != nil {
		return err
	}
	return e.out.Flush()
}

// streamed answers a request while it is computed.
func (s *Server) streamed(w http.ResponseWriter, r *http.Request, q *completionRequest, p parts) error {
	box := &mailbox{newer: make([][]int32, len(q.prompts)), wake: make(chan struct{}, 1)}
	type outcome struct {
		list []completion
		err  error
	}
	// What is wrong with the request is said with its status, before the stream begins.
	plans := make([]completion, len(q.prompts))
	for i := range plans {
		if err := s.plan(q, &plans[i], q.prompts[i]); err != nil {
			return bad(err)
		}
	}
	ended := make(chan outcome, 1)
	go func() {
		list, err := s.answers(r.Context(), q, box.put)
		ended <- outcome{list, err}
	}()
	t := &teller{parts: p, stops: q.stops, sent: make([]string, len(plans)), begun: make([]bool, len(plans)), plans: plans, echo: q.echo}
	for {
		select {
		case <-box.wake:
			t.begin(w)
			if err := t.tell(box.take()); err != nil {
				return err
			}
		case o := <-ended:
			if o.err != nil && t.events == nil {
				return o.err
			}
			t.begin(w)
			if o.err != nil {
				return t.events.send(problemOf(o.err).body()) // the status is out already
			}
			return t.finish(o.list, s.count(o.list), q.usage)
		}
	}
}

// teller sends the part of growing texts that has not been sent.
type teller struct {
	events *eventWriter
	parts  parts
	stops  []string
	plans  []completion
	sent   []string
	begun  []bool
	echo   bool
}

func (t *teller) begin(w http.ResponseWriter) {
	if t.events == nil {
		e := newEventWriter(w)
		t.events = &e
	}
}

// tell sends what is new and final. A character whose bytes are still arriving, and what may be the beginning of a stop
// string, is held back.
func (t *teller) tell(newer [][]int32) error {
	for i, generated := range newer {
		if generated == nil {
			continue
		}
		text := strings.TrimRight(t.plans[i].plan.Text(generated), "\ufffd")
		if err := t.send(i, text[:len(text)-heldBack(text, t.stops)]); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) send(i int, text string) error {
	if !t.begun[i] {
		t.begun[i] = true
		first := t.parts.opening(i)
		if t.echo {
			first = append(first, t.parts.text(i, t.plans[i].text))
		}
		for _, e := range first {
			if err := t.events.send(e); err != nil {
				return err
			}
		}
	}
	added, ok := strings.CutPrefix(text, t.sent[i])
	if !ok || added == "" {
		return nil // a run of bytes changed its reading; the finished text settles it
	}
	t.sent[i] = text
	return t.events.send(t.parts.text(i, added))
}

func (t *teller) finish(list []completion, u usage, withUsage bool) error {
	for i := range list {
		text, finish := list[i].reply()
		if err := t.send(i, text); err != nil {
			return err
		}
		if err := t.events.send(t.parts.end(i, finish)); err != nil {
			return err
		}
	}
	if withUsage {
		if err := t.events.send(t.parts.usage(u)); err != nil {
			return err
		}
	}
	return t.events.raw([]byte("[DONE]"))
}

// heldBack is how many bytes at the end of a text may be the beginning of a stop string.
func heldBack(text string, stops []string) int {
	most := 0
	for _, stop := range stops {
		for n := min(len(stop)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, stop[:n]) {
				most = n
			}
		}
	}
	return most
}
