package writeout

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Score scores a <task>_write_out_info.json.
func Score(s *series.Scorer, path string) ([]series.Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	const suffix = "_write_out_info.json"
	name, named := strings.CutSuffix(filepath.Base(path), suffix)
	w := &file{Scorer: s}
	if named {
		w.begin(path, name)
	}
	err = Read(path, f, func(i int, r tasks.WriteOutDoc, problem error) error {
		if w.Tally == nil && problem == nil {
			w.begin(path, nameOf(s, r))
		}
		w.take(i, r, problem)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if w.Tally == nil {
		w.begin(path, name)
		for _, u := range w.early {
			w.Refuse(series.Place{Record: u.Record}, nil, errors.New(u.Reason))
		}
	}
	return []series.Series{w.finish(path)}, nil
}

// nameOf is the task that a document's fields tell, or "".
func nameOf(s *series.Scorer, r tasks.WriteOutDoc) string {
	t, ok := s.Find(func(spec tasks.Spec) bool {
		holds := spec.Known().WriteOut.Holds
		return spec.Protocol == tasks.HarnessEN && holds != nil && holds(r)
	})
	if !ok {
		return ""
	}
	return t.Spec().Reference
}

// file is a write-out file while it is read.
type file struct {
	*series.Scorer
	*series.Tally
	task tasks.Task
	// docs are the task's documents where --data-dir has them; noDocs says why there are none.
	docs   []tasks.Doc
	noDocs string
	// early are the documents that could not be read before the task was known.
	early []series.Unscored
}

// begin settles the task.
func (w *file) begin(path, name string) {
	source := name
	if source == "" {
		source = filepath.Base(path)
	}
	base := w.Scorer.Begin(path, series.KindWriteOut, source, tasks.HarnessEN, "")
	var ms []metrics.Metric
	t, ok := w.Scorer.Task(name, tasks.HarnessEN)
	switch {
	case ok:
		w.task, ms = t, t.Spec().Metrics
		w.noDocs = "--data-dir gives them"
		if w.Data != nil {
			var err error
			if w.docs, err = w.Scorer.Docs(t); err != nil {
				w.noDocs = jsonwords.Text(err)
			}
		}
	case name == "":
		base.Hole = "neither the file's name, <task>_write_out_info.json, nor its documents say of which task it is"
	default:
		base.Hole = "it is no task of " + w.Profile
	}
	w.Tally = series.NewTally(base, ms)
	for _, u := range w.early {
		w.Refuse(series.Place{Record: u.Record}, nil, errors.New(u.Reason))
	}
	w.early = nil
}

// take scores one document.
func (w *file) take(i int, r tasks.WriteOutDoc, problem error) {
	at := series.Place{Record: i}
	switch {
	case w.Tally == nil:
		w.early = append(w.early, series.Unscored{Record: i, Reason: jsonwords.Text(problem)})
		return
	case w.Hole != "":
		w.Total++
		return
	case problem != nil:
		w.Refuse(at, nil, problem)
		return
	}
	id := json.RawMessage(strconv.Itoa(r.DocID))
	var outputs, targets []string
	var err error
	if w.docs != nil {
		outputs, targets, err = w.known(r)
	} else {
		outputs, targets, err = w.carried(r)
	}
	if err != nil {
		w.Refuse(at, id, err)
		return
	}
	recorded := map[string]string{}
	for name, text := range r.Metrics {
		if series.ParseRecorded(series.Quoted(text)).Hole == "" {
			recorded[name] = text
		}
	}
	if pair, ok := pairOf(w.task, r); ok {
		recorded = pair.Recorded
		w.Compare(at, id, pair, r.Answers)
	}
	about := results.Sample{Exchanges: runTogether(r)}
	if w.docs != nil {
		about.DocHash = eval.DocHash(w.docs[r.DocID])
		about.Choices, about.Cluster = w.docs[r.DocID].Choices, w.docs[r.DocID].Cluster
	}
	w.Add(at, id, outputs, targets, recorded, about)
}

// carried scores a document with what the file says of it.
func (w *file) carried(r tasks.WriteOutDoc) (outputs, targets []string, err error) {
	scored := w.task.Spec().Known().WriteOut.Scored
	if scored == nil {
		return nil, nil, fmt.Errorf("the file does not say what is scored: %s", w.noDocs)
	}
	outputs, targets, err = scored(w.task, r)
	if needs := tasks.NeedsData(""); errors.As(err, &needs) {
		err = fmt.Errorf("%w: %s", err, w.noDocs)
	}
	return outputs, targets, err
}

// pairOf returns the pair that stands for a task's metrics.
func pairOf(t tasks.Task, r tasks.WriteOutDoc) (tasks.PairOf, bool) {
	pair := t.Spec().Known().Pair
	if pair == nil {
		return tasks.PairOf{}, false
	}
	text, ok := r.Metrics[pair.Metric]
	if !ok {
		return tasks.PairOf{}, false
	}
	v, err := python.Literal(text)
	if err != nil {
		return tasks.PairOf{}, false
	}
	p, err := pair.Read(v)
	return p, err == nil
}

// finish makes the series; what would take the documents' choices has a hole without them.
func (w *file) finish(path string) series.Series {
	recorded := series.NothingRecorded
	if w.task != nil {
		recorded = w.Scorer.Recorded(path, w.task.Spec().Reference)
	}
	out := w.Tally.Finish(recorded)
	if out.Hole == "" {
		for _, m := range w.Metrics[len(out.Values):] {
			out.Values = append(out.Values, series.Hole(m.Name, recorded(m.Name), "the file runs contexts and choices together, so their lengths are not known: "+w.noDocs))
		}
	}
	return out
}

// known scores a document with what the data say of it, after checking that the file asked about that document.
func (w *file) known(r tasks.WriteOutDoc) (outputs, targets []string, err error) {
	if r.DocID >= len(w.docs) {
		return nil, nil, fmt.Errorf("the data in --data-dir have %d documents", len(w.docs))
	}
	d := w.docs[r.DocID]
	requests := w.task.Requests(d, tasks.Unlimited{})
	responses, err := tasks.Answered(requests, r.Answers)
	if err != nil {
		return nil, nil, err
	}
	for i, q := range requests {
		end := q.Prompt + q.Continuation
		if q.Kind == tasks.Generate {
			end += "until"
		}
		if !strings.HasSuffix(r.Prompts[i], end) {
			return nil, nil, fmt.Errorf("prompt_%d does not ask about the document that the data in --data-dir have at its position", i)
		}
	}
	return w.task.Outputs(d, responses), d.Targets, nil
}

// runTogether are the requests of a write-out record, whose prompts hold the continuations too.
func runTogether(r tasks.WriteOutDoc) []results.Exchange {
	var list []results.Exchange
	for i, a := range r.Answers {
		x := series.Answered(r.Prompts[i], "", a)
		if a.Text != nil { // the key of the second argument stands behind the prompt
			x.Prompt = strings.TrimSuffix(x.Prompt, "until")
		}
		list = append(list, x)
	}
	return list
}
