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
	"slices"
	"sort"

	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// SampleFile receives a task's samples. Exactly one of Commit and Keep is called at the end.
type SampleFile interface {
	io.Writer
	// Name is the file's name within the result directory.
	Name() string
	// Commit makes the complete file visible. digest is "sha256:" and that of all that was written, in hexadecimal digits.
	Commit(digest string) error
	// Keep keeps what was written of an interrupted task.
	Keep() error
}

// A task's requests are built, asked and forgotten chunk by chunk, so that memory does not grow with their number. A
// chunk is large enough for a model to find what its prompts share, and to fill its batches.
const (
	chunkRequests = 8192
	chunkBytes    = 64 << 20 // of prompts and continuations
)

// evaluation is one task on its way from documents to a score.
type evaluation struct {
	task    tasks.Task
	model   Model
	budget  tasks.Budget
	options Options
	limit   func(t tasks.Task, total int) int
	stored  string // the type of the model's weights
	// precision is the type that log-likelihoods are rounded to, "" where they are not.
	precision string

	docs      []tasks.Doc // those selected
	late      bool        // documents are judged before they are scored, a chunk at a time
	chunks    []*chunk    // under way, of which not all samples are written
	positions []int       // theirs among all of the task, ascending
	score     results.Score
	stats     [][]metrics.Stat // per metric, per document in order
	prompts   *tasks.Digest
	golds     tasks.GoldsDigest
	samples   hash.Hash
	file      SampleFile
	line      []byte
	unjudged  int      // documents with programs that nothing ran
	subjects  []string // of the documents that were scored, in order
}

// chunk is some successive documents with their requests.
type chunk struct {
	items    []item
	requests []tasks.Request
	owner    []int // of each request, its item
	start    int   // of its first request among all of the task
	missing  int   // requests without answer
	written  int   // items whose samples are written
}

// item is one selected document with its requests and the answers so far.
type item struct {
	position  int
	doc       tasks.Doc
	first, n  int // its requests within the chunk
	responses []tasks.Response
	missing   int
}

// named wraps an error with the document.
func (it *item) named(err error) error {
	return fmt.Errorf("document %s (position %d): %w", it.doc.ID, it.position, err)
}

func (e *evaluation) run(ctx context.Context) (results.Score, error) {
	spec := e.task.Spec()
	shots := Shots(e.task, e.options.Shots)
	e.score = results.Score{
		Task: spec.Name, Reference: spec.Reference, Title: spec.Title, Language: spec.Language,
		Version: spec.Version, Protocol: string(spec.Protocol), Shots: shots, Data: []results.DataFile{},
	}
	if rules, _ := spec.Protocol.Rules(); rules.BF16Scores && (tasks.Family{DType: e.stored}).BF16() {
		e.precision = "bf16"
	}
	if len(spec.Metrics) == 0 {
		e.score.Hole = spec.Hole
		return e.score, nil
	}
	if err := e.prepare(spec, shots); err != nil {
		return e.score, err
	}
	if err := e.answer(ctx, spec); err != nil {
		return e.score, err
	}
	return e.score, guard.Call(func() error { e.finish(spec); return nil })
}

// prepare reads the documents to evaluate.
func (e *evaluation) prepare(spec tasks.Spec, shots int) error {
	source := e.options.Source()
	err := guard.Call(func() (err error) {
		e.docs, e.score.Total, err = tasks.Some(e.task, source, shots, e.budget, func(total int) (_ []int, err error) {
			e.positions, err = e.choose(spec, total)
			return e.positions, err
		})
		return err
	})
	e.score.Data = append(e.score.Data, source.Files()...)
	if err != nil {
		return err
	}
	if len(e.positions) == 0 {
		return errors.New("no documents to evaluate")
	}
	e.score.N = len(e.positions)
	return nil
}

// choose returns the positions evaluated, in order.
func (e *evaluation) choose(spec tasks.Spec, total int) ([]int, error) {
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
	return tasks.Upto(e.limit(e.task, total)), nil
}

// answer has the model answer everything and writes the samples as they become complete, in document order.
func (e *evaluation) answer(ctx context.Context, spec tasks.Spec) error {
	e.golds = tasks.NewGoldsDigest()
	first, err := e.build(0)
	if err != nil {
		return err
	}
	// All documents of a task have as many requests, so far; were it otherwise, the progress alone would be off.
	e.options.Progress.Begin(spec.Name, len(e.positions), first.items[0].n*len(e.positions))
	if e.file, err = e.options.Open(spec.Name); err != nil {
		return err
	}
	e.samples, e.prompts, e.stats = sha256.New(), tasks.NewDigest(), make([][]metrics.Stat, len(spec.Metrics))
	if err := e.ask(ctx, spec, first); err != nil {
		return errors.Join(err, e.file.Keep())
	}
	digest := "sha256:" + hex.EncodeToString(e.samples.Sum(nil))
	if err := e.file.Commit(digest); err != nil {
		return err
	}
	e.score.SamplesFile = e.file.Name()
	e.score.SamplesDigest = digest
	e.score.PromptsDigest, e.score.GoldsDigest = e.prompts.String(), e.golds.String()
	return nil
}

// build makes the requests of the next documents, of one at least. The documents are then the chunk's alone.
func (e *evaluation) build(from int) (*chunk, error) {
	most := chunkRequests
	if e.options.chunk > 0 {
		most = e.options.chunk
	}
	c := &chunk{}
	size := 0
	for i := from; i < len(e.positions); i++ {
		it := item{position: e.positions[i], doc: e.docs[i], first: len(c.requests)}
		var rs []tasks.Request
		if err := guard.Call(func() error { rs = e.task.Requests(it.doc, e.budget); return nil }); err != nil {
			return nil, it.named(err)
		}
		if len(rs) == 0 {
			return nil, it.named(errors.New("the task asks nothing"))
		}
		for _, r := range rs {
			size += len(r.Prompt) + len(r.Continuation)
			c.owner = append(c.owner, len(c.items))
		}
		it.n, it.missing, it.responses = len(rs), len(rs), make([]tasks.Response, len(rs))
		if !e.options.AskOnly {
			e.golds.Add(it.doc)
		}
		c.items, c.requests = append(c.items, it), append(c.requests, rs...)
		e.docs[i] = tasks.Doc{}
		if len(c.requests) >= most || size >= chunkBytes {
			break
		}
	}
	return c, nil
}

// write scores one document and writes its sample.
func (e *evaluation) write(spec tasks.Spec, it *item, requests []tasks.Request) error {
	if e.options.AskOnly {
		return nil
	}
	marks := e.mark(spec, it)
	for _, m := range marks {
		if slices.ContainsFunc(m.Stat, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			return it.named(fmt.Errorf("%s has no number for the answer %.40q beside the references %.80q", m.Metric, m.Output, it.doc.Targets))
		}
	}
	e.count(it, requests)
	sample, err := makeSample(spec, it, requests, marks)
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
	return nil
}

// mark scores one document. There are no marks on programs that nothing ran.
func (e *evaluation) mark(spec tasks.Spec, it *item) []results.Mark {
	if _, ok := tasks.AsJudged(e.task); ok && tasks.Unjudged(it.responses) > 0 {
		e.unjudged++
		return []results.Mark{}
	}
	e.subjects = append(e.subjects, it.doc.Subject)
	outputs := e.task.Outputs(it.doc, it.responses)
	if len(outputs) != len(spec.Metrics) {
		panic(fmt.Sprintf("%d outputs for %d metrics", len(outputs), len(spec.Metrics)))
	}
	var marks []results.Mark
	for k, m := range spec.Metrics {
		stat := m.Each(outputs[k], it.doc.Targets)
		e.stats[k] = append(e.stats[k], stat)
		marks = append(marks, results.Mark{Metric: m.Name, Output: outputs[k], Stat: stat})
	}
	return marks
}

// count adds one document's losses to the score.
func (e *evaluation) count(it *item, requests []tasks.Request) {
	c := &e.score.Cuts
	var dropped, lost int
	past := false
	for i, r := range it.responses {
		dropped += r.Dropped
		lost += r.Lost
		rules, known := requests[i].Protocol.Rules()
		past = past || known && rules.RunsPast() && r.PromptTokens+r.OutputTokens > e.budget.Window()
	}
	c.DroppedTokens += dropped
	c.LostTokens += lost
	c.DroppedDocs += count(dropped > 0)
	c.LostDocs += count(lost > 0)
	c.PastWindowDocs += count(past)
	c.FewerShotsDocs += count(len(it.doc.Shots) < e.score.Shots)
	c.FaultDocs += count(it.doc.Fault != "")
	if e.precision != "" && slices.ContainsFunc(requests, func(r tasks.Request) bool { return r.Kind != tasks.Generate }) {
		e.score.Precision = e.precision // of a text nothing is rounded
	}
	c.TiedDocs += count(e.score.Precision != "" && tied(it.responses, requests))
	if c.Fault == "" {
		c.Fault = it.doc.Fault
	}
}

// tied tells whether several of a document's choices are the likeliest. Beside a text a log-likelihood is no choice.
func tied(responses []tasks.Response, requests []tasks.Request) bool {
	best, n := math.Inf(-1), 0
	for i, r := range responses {
		switch {
		case requests[i].Kind != tasks.LogLikelihood:
			return false
		case r.LogProb > best:
			best, n = r.LogProb, 1
		case r.LogProb == best:
			n++
		}
	}
	return n > 1
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *evaluation) finish(spec tasks.Spec) {
	if e.options.AskOnly {
		e.score.Hole = "asked, and nothing made of the answers"
		return
	}
	if e.unjudged > 0 {
		e.score.Hole = e.options.unjudged(e.unjudged, e.score.N)
		return
	}
	give(&e.score, spec.Metrics, e.stats)
	e.score.Subjects = bySubject(spec.Metrics[0], e.subjects, e.stats[0])
}
