package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
)

// counts are the figures of /metrics, in the text format of Prometheus. They are counters and a gauge, a line each; its
// client library would bring more code than the whole server has.
type counts struct {
	prompt, output, rounds, items, waiting atomic.Int64

	mutex    sync.Mutex
	requests map[[2]string]int64
}

func newCounts() *counts { return &counts{requests: map[[2]string]int64{}} }

// answered counts a request by its endpoint, one of a fixed list, and the status of its answer.
func (c *counts) answered(endpoint string, status int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.requests[[2]string{endpoint, fmt.Sprint(status)}]++
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) error {
	var b bytes.Buffer
	c := s.counts
	head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	line := func(name, kind, help string, v int64) {
		head(name, kind, help)
		fmt.Fprintf(&b, "%s %d\n", name, v)
	}
	const requests = "swallow_eval_requests_total"
	head(requests, "counter", "Requests by endpoint and status.")
	c.mutex.Lock()
	for _, k := range sortedKeys(c.requests) {
		fmt.Fprintf(&b, "%s{endpoint=%q,status=%q} %d\n", requests, k[0], k[1], c.requests[k])
	}
	c.mutex.Unlock()
	line("swallow_eval_prompt_tokens_total", "counter", "Tokens of prompts that were answered.", c.prompt.Load())
	line("swallow_eval_generation_tokens_total", "counter", "Tokens that were generated.", c.output.Load())
	line("swallow_eval_rounds_total", "counter", "Calls of the engine.", c.rounds.Load())
	line("swallow_eval_round_items_total", "counter", "Prompts and sequences in all calls of the engine.", c.items.Load())
	line("swallow_eval_waiting", "gauge", "Prompts and sequences that wait or are computed.", c.waiting.Load())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(b.Bytes())
	return err
}
