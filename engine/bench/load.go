package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Load is a made-up task: documents under a common header, each with choices that end its context.
type Load struct {
	Name      string
	Documents int
	Header    int // tokens that all documents begin with
	Context   int // tokens of a document after the header
	Choices   int // of each document
	Ending    int // tokens of a choice, all of which are scored
	// Without is the number of documents for the measurement without prefix reuse, which takes longer; 0 means 1.
	Without int
}

// FourShot is like a four-shot task with short answers: most of a prompt is the header.
func FourShot() Load {
	return Load{Name: "4-shot", Documents: 16, Header: 600, Context: 100, Choices: 4, Ending: 4}
}

// LoadReport is the rate at which a Load is scored. A request is one choice of one document.
type LoadReport struct {
	Name              string  `json:"name"`
	Requests          int     `json:"requests"`
	Tokens            int     `json:"tokens"`          // of all requests, whether computed or reused
	DistinctTokens    int     `json:"distinct_tokens"` // that reuse leaves to compute
	Seconds           float64 `json:"seconds"`
	RequestsPerSecond float64 `json:"requests_per_second"`
	// The same without prefix reuse, measured with fewer documents.
	RequestsPerSecondWithout float64 `json:"requests_per_second_without_reuse"`
	Speedup                  float64 `json:"speedup"` // by reuse
}

// sequences returns the requests for a number of documents.
func (l Load) sequences(m measurement, documents int) []engine.Sequence {
	header := m.tokens(l.Header, 1)
	var list []engine.Sequence
	for d := range documents {
		context := m.tokens(l.Context, 10+d)
		for c := range l.Choices {
			tokens := append(append([]int32(nil), header...), context...)
			list = append(list, engine.Sequence{Tokens: append(tokens, m.tokens(l.Ending, 1000+d*l.Choices+c)...), From: len(tokens)})
		}
	}
	return list
}

func (m measurement) timeLoad(ctx context.Context, l Load) (LoadReport, error) {
	if l.Documents < 1 || l.Header < 0 || l.Context < 0 || l.Header+l.Context < 1 || l.Choices < 1 || l.Ending < 1 || l.Without < 0 {
		return LoadReport{}, fmt.Errorf("documents, choices and endings are at least 1, and something precedes the endings: %+v", l)
	}
	if l.Without == 0 {
		l.Without = 1
	}
	all, some := l.sequences(m, l.Documents), l.sequences(m, l.Without)
	r := LoadReport{Name: l.Name, Requests: len(all)}
	var inputs [][]int32
	for _, s := range all {
		inputs = append(inputs, s.Tokens[:len(s.Tokens)-1])
		r.Tokens += len(s.Tokens) - 1
	}
	r.DistinctTokens = schedule.DistinctTokens(inputs)
	measure := func(list []engine.Sequence, reuse bool) (float64, error) {
		begin := time.Now()
		err := m.Measure(ctx, func(_ *graph.Network, s *schedule.Scheduler) error {
			var items []*schedule.Scoring
			for i, x := range list {
				items = append(items, schedule.NewScoring(i, i, x.Tokens, x.From))
			}
			return s.Run(ctx, nil, items, reuse, schedule.Done{Scored: func(_ *schedule.Scoring, err error) error { return err }})
		})
		return time.Since(begin).Seconds(), err
	}
	var err error
	if r.Seconds, err = median(m.opt.Repeats, func() (float64, error) { return measure(all, true) }); err != nil {
		return r, err
	}
	without, err := measure(some, false) // after the others, so that memory is warm; once, for it is long
	r.RequestsPerSecond = float64(len(all)) / r.Seconds
	r.RequestsPerSecondWithout = float64(len(some)) / without
	r.Speedup = r.RequestsPerSecond / r.RequestsPerSecondWithout
	return r, err
}
