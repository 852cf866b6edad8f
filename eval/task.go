package eval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"sort"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// SampleFile receives a task's samples. Exactly one of Commit and Keep is called at the end.
type SampleFile interface {
	io.Writer
	// Name is the file's name within the result directory.
	Name() string
	// Commit makes the complete file visible.
	Commit() error
	// Keep keeps what was written of an interrupted task.
	Keep() error
}

// evaluation is one task on its way from documents to a score.
type evaluation struct {
	task    tasks.Task
	model   Model
	options Options
	limit   func(t tasks.Task, total int) int

	docs     []item
	requests []tasks.Request
	score    results.Score
	stats    [][]metrics.Stat // per metric, per document in order
	samples  hash.Hash
	file     SampleFile
	written  int // documents whose samples are written
	line     []byte
}

// item is one selected document with its requests and the answers so far.
type item struct {
	position  int
	doc       tasks.Doc
	first, n  int // its requests
	responses []tasks.Response
	missing   int
}

func (e *evaluation) run(ctx context.Context) (results.Score, error) {
	spec := e.task.Spec()
	shots := Shots(e.task, e.options.Shots)
	e.score = results.Score{
		Task: spec.Name, Reference: spec.Reference, Title: spec.Title, Language: spec.Language,
		Version: spec.Version, Protocol: string(spec.Protocol), Shots: shots, Data: []results.DataFile{},
	}
	if len(spec.Metrics) == 0 {
		e.score.Hole = spec.Hole
		return e.score, nil
	}
	if err := e.prepare(spec, shots); err != nil {
		return e.score, err
	}
	e.options.Progress.Begin(spec.Name, len(e.docs), len(e.requests))
	if err := e.answer(ctx, spec); err != nil {
		return e.score, err
	}
	e.finish(spec)
	return e.score, nil
}

// prepare selects the documents and builds their requests.
func (e *evaluation) prepare(spec tasks.Spec, shots int) error {
	source := e.options.Source()
	docs, err := e.task.Docs(source, shots, e.model)
	e.score.Data = append(e.score.Data, source.Files()...)
	if err != nil {
		return err
	}
	e.score.Total = len(docs)
	positions, err := e.positions(spec, len(docs))
	if err != nil {
		return err
	}
	if len(positions) == 0 {
		return errors.New("no documents to evaluate")
	}
	digest := tasks.NewDigest()
	for _, p := range positions {
		rs := e.task.Requests(docs[p], e.model)
		for _, r := range rs {
			digest.Add(r)
		}
		e.docs = append(e.docs, item{
			position: p, doc: docs[p], first: len(e.requests), n: len(rs),
			responses: make([]tasks.Response, len(rs)), missing: len(rs),
		})
		e.requests = append(e.requests, rs...)
	}
	e.score.N = len(e.docs)
	e.score.PromptsDigest = digest.String()
	return nil
}

// positions are the positions evaluated, in order.
func (e *evaluation) positions(spec tasks.Spec, total int) ([]int, error) {
	if chosen, ok := e.options.Samples[spec.Name]; ok {
		chosen = append([]int(nil), chosen...)
		sort.Ints(chosen)
		for i, p := range chosen {
			if p < 0 || p >= total {
				return nil, fmt.Errorf("--samples: position %d is not within 0..%d", p, total-1)
			}
			if i > 0 && chosen[i-1] == p {
				return nil, fmt.Errorf("--samples: position %d is given twice", p)
			}
		}
		return chosen, nil
	}
	positions := make([]int, e.limit(e.task, total))
	for i := range positions {
		positions[i] = i
	}
	return positions, nil
}

// answer has the model answer everything and writes the samples as they become complete, in document order.
func (e *evaluation) answer(ctx context.Context, spec tasks.Spec) error {
	file, err := e.options.Open(spec.Name)
	if err != nil {
		return err
	}
	e.file, e.samples, e.stats = file, sha256.New(), make([][]metrics.Stat, len(spec.Metrics))
	owner := make([]int, len(e.requests))
	for d, it := range e.docs {
		for i := range it.n {
			owner[it.first+i] = d
		}
	}
	err = e.model.Do(ctx, e.requests, func(i int, r tasks.Response) error {
		it := &e.docs[owner[i]]
		it.responses[i-it.first] = r
		it.missing--
		e.options.Progress.Answered(r.PromptTokens - r.Dropped + r.OutputTokens)
		return e.flush(spec)
	})
	var re *RequestError
	if errors.As(err, &re) {
		doc := e.docs[owner[re.Index]]
		err = fmt.Errorf("document %s (position %d): %w", doc.doc.ID, doc.position, re.Err)
	}
	if err == nil && e.written != len(e.docs) {
		err = fmt.Errorf("the model answered %d of %d documents", e.written, len(e.docs))
	}
	if err != nil {
		return errors.Join(err, e.file.Keep())
	}
	if err := e.file.Commit(); err != nil {
		return err
	}
	e.score.SamplesFile = e.file.Name()
	e.score.SamplesDigest = "sha256:" + hex.EncodeToString(e.samples.Sum(nil))
	return nil
}

// flush writes the samples of all documents that are complete and whose predecessors are.
func (e *evaluation) flush(spec tasks.Spec) error {
	for e.written < len(e.docs) && e.docs[e.written].missing == 0 {
		it := &e.docs[e.written]
		outputs := e.task.Outputs(it.doc, it.responses)
		if len(outputs) != len(spec.Metrics) {
			panic(fmt.Sprintf("%s: %d outputs for %d metrics", spec.Name, len(outputs), len(spec.Metrics)))
		}
		var marks []results.Mark
		for k, m := range spec.Metrics {
			stat := m.Each(outputs[k], it.doc.Targets)
			e.stats[k] = append(e.stats[k], stat)
			marks = append(marks, results.Mark{Metric: m.Name, Output: outputs[k], Stat: stat})
		}
		e.count(*it)
		sample, err := makeSample(spec, *it, e.requests[it.first:it.first+it.n], marks)
		if err != nil {
			return err
		}
		if e.line, err = results.AppendSample(e.line[:0], sample); err != nil {
			return err
		}
		if _, err := e.file.Write(e.line); err != nil {
			return err
		}
		e.samples.Write(e.line)
		it.responses = nil
		e.written++
	}
	return nil
}

// count adds one document's losses to the score.
func (e *evaluation) count(it item) {
	c := &e.score.Cuts
	var dropped, lost int
	past := false
	for i, r := range it.responses {
		dropped += r.Dropped
		lost += r.Lost
		untruncated := e.requests[it.first+i].Protocol == tasks.LLMJPEval
		past = past || untruncated && r.PromptTokens+r.OutputTokens > e.model.Window()
	}
	c.DroppedTokens += dropped
	c.LostTokens += lost
	c.DroppedDocs += count(dropped > 0)
	c.LostDocs += count(lost > 0)
	c.PastWindowDocs += count(past)
	c.FaultDocs += count(it.doc.Fault != "")
	if c.Fault == "" {
		c.Fault = it.doc.Fault
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *evaluation) finish(spec tasks.Spec) {
	for k, m := range spec.Metrics {
		e.score.Values = append(e.score.Values, Score(m, e.stats[k]))
	}
}

// Score is a metric's value over documents in evaluation order.
func Score(m metrics.Metric, stats []metrics.Stat) results.Value {
	v := results.Value{Metric: m.Name, Signature: m.Signature, Max: m.Max, Value: m.Score(stats)}
	if m.StdErr != nil {
		if se := m.StdErr(stats); !math.IsNaN(se) {
			v.StdErr = &se
		}
	}
	return v
}
