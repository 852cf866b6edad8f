package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// carried are the tasks of EleutherAI's harness whose write-out files say what is scored, and how: the outputs for the
// first of the task's metrics or for all, and the targets. What a file does not carry the error names.
var carried = map[string]func(t tasks.Task, r results.WriteOutRecord) (outputs, targets []string, err error){
	"gsm8k":        carriedGSM8K,
	"triviaqa":     carriedTriviaQA,
	"squad2":       carriedSQuAD2,
	"openbookqa":   carriedChoice,
	"hellaswag":    carriedChoice,
	"xwinograd_en": carriedChoice,
}

// writeOut scores a <task>_write_out_info.json.
func (s *scorer) writeOut(path string) ([]scored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	const suffix = "_write_out_info.json"
	name, named := strings.CutSuffix(filepath.Base(path), suffix)
	w := &writeOutFile{scorer: s}
	if named {
		w.begin(path, name)
	}
	err = results.ReadWriteOut(path, f, func(i int, r results.WriteOutRecord, problem error) error {
		if w.tally == nil && problem == nil {
			w.begin(path, contentTask(r))
		}
		w.take(i, r, problem)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if w.tally == nil {
		w.begin(path, name)
		for _, u := range w.early {
			w.refuse(results.Place{Record: u.Record}, nil, errors.New(u.Reason))
		}
	}
	return []scored{w.finish(path)}, nil
}

// contentTask is the task that a document's fields tell, or "".
func contentTask(r results.WriteOutRecord) string {
	var truth string
	solution := json.Unmarshal(r.Truth, &truth) == nil && strings.Contains(truth, "#### ")
	switch {
	case r.Metrics["em"] != "":
		return "triviaqa"
	case r.Metrics["HasAns_exact"] != "":
		return "squad2"
	case r.Metrics["acc"] != "" && solution:
		return "gsm8k"
	}
	return ""
}

// writeOutFile is a write-out file while it is read.
type writeOutFile struct {
	*scorer
	*tally
	task tasks.Task
	// docs are the task's documents where --data-dir has them; noDocs says why there are none.
	docs   []tasks.Doc
	noDocs string
	// early are the documents that could not be read before the task was known.
	early []unscored
}

// begin settles the task.
func (w *writeOutFile) begin(path, name string) {
	source := name
	if source == "" {
		source = filepath.Base(path)
	}
	base := w.series(path, results.KindWriteOut, source, tasks.HarnessEN, "")
	var ms []metrics.Metric
	t, ok := w.scorer.task(name, tasks.HarnessEN)
	switch {
	case ok:
		w.task, ms = t, t.Spec().Metrics
		w.noDocs = "--data-dir gives them"
		if w.data != nil {
			var err error
			if w.docs, err = w.scorer.docs(t); err != nil {
				w.noDocs = err.Error()
			}
		}
	case name == "":
		base.Hole = "neither the file's name, <task>_write_out_info.json, nor its documents say of which task it is"
	default:
		base.Hole = "it is no task of " + w.profile.Name
	}
	w.tally = newTally(base, ms)
	for _, u := range w.early {
		w.refuse(results.Place{Record: u.Record}, nil, errors.New(u.Reason))
	}
	w.early = nil
}

// take scores one document.
func (w *writeOutFile) take(i int, r results.WriteOutRecord, problem error) {
	at := results.Place{Record: i}
	switch {
	case w.tally == nil:
		w.early = append(w.early, unscored{Record: i, Reason: problem.Error()})
		return
	case w.Hole != "":
		w.Total++
		return
	case problem != nil:
		w.refuse(at, nil, problem)
		return
	}
	id := json.RawMessage(strconv.Itoa(r.DocID))
	var outputs, targets []string
	var err error
	if w.docs != nil {
		outputs, targets, err = w.known(r)
	} else {
		outputs, targets, err = carried[w.task.Spec().Reference](w.task, r)
		if err == errAliases {
			err = fmt.Errorf("%w: %s", err, w.noDocs)
		}
	}
	if err != nil {
		w.refuse(at, id, err)
		return
	}
	recorded := map[string]string{}
	for name, text := range r.Metrics {
		if results.ParseRecorded(quoted(text)).Hole == "" {
			recorded[name] = text
		}
	}
	if pair, ok := squadPair(r); ok {
		recorded = map[string]string{"prediction_text": pair.Prediction, "no_answer_probability": number(pair.Probability)}
		w.compareSQuAD(at, id, pair, r.Answers)
	}
	about := results.Sample{Exchanges: runTogether(r)}
	if w.docs != nil {
		if about.DocHash, err = eval.DocHash(w.docs[r.DocID]); err != nil {
			w.refuse(at, id, err)
			return
		}
		about.Choices, about.Cluster = w.docs[r.DocID].Choices, w.docs[r.DocID].Cluster
	}
	w.add(at, id, outputs, targets, recorded, about)
}

// finish makes the series; what would take the documents' choices has a hole without them.
func (w *writeOutFile) finish(path string) scored {
	recorded := nothingRecorded
	if w.task != nil {
		recorded = w.scorer.recorded(path, w.task.Spec().Reference)
	}
	out := w.tally.finish(recorded)
	if out.Hole == "" {
		for _, m := range w.metrics[len(out.Values):] {
			out.Values = append(out.Values, hole(m.Name, recorded(m.Name), "the file runs contexts and choices together, so their lengths are not known: "+w.noDocs))
		}
	}
	return out
}

// known scores a document with what the data say of it, after checking that the file asked about that document.
func (w *writeOutFile) known(r results.WriteOutRecord) (outputs, targets []string, err error) {
	if r.DocID >= len(w.docs) {
		return nil, nil, fmt.Errorf("the data in --data-dir have %d documents", len(w.docs))
	}
	d := w.docs[r.DocID]
	requests := w.task.Requests(d, tasks.Unlimited{})
	responses, err := responsesTo(requests, r.Answers)
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

// responsesTo checks that answers are of the kinds that were asked for.
func responsesTo(requests []tasks.Request, answers []results.Answer) ([]tasks.Response, error) {
	if len(requests) != len(answers) {
		return nil, fmt.Errorf("it has %d answers, want %d", len(answers), len(requests))
	}
	responses := make([]tasks.Response, len(answers))
	for i, a := range answers {
		switch {
		case requests[i].Kind == tasks.Generate && a.Text != nil:
			responses[i].Text = *a.Text
		case requests[i].Kind == tasks.LogLikelihood && a.Log != nil:
			responses[i].LogProb = *a.Log
		default:
			return nil, fmt.Errorf("answer %d is not a %s's", i, requests[i].Kind)
		}
		// Beside a text a log-likelihood stands for a probability; among others only their order counts.
		if log := responses[i].LogProb; requests[0].Kind == tasks.Generate && (math.IsNaN(log) || log > 1) {
			return nil, fmt.Errorf("answer %d: log-likelihood %v is of no probability", i, log)
		}
	}
	return responses, nil
}

func carriedGSM8K(_ tasks.Task, r results.WriteOutRecord) (outputs, targets []string, err error) {
	text, err := onlyText(r.Answers)
	if err != nil {
		return nil, nil, err
	}
	var truth string
	if json.Unmarshal(r.Truth, &truth) != nil || metrics.GSM8KAnswer(truth) == metrics.Invalid {
		return nil, nil, errors.New(`truth holds no "#### " with a number`)
	}
	return []string{metrics.GSM8KAnswer(text)}, []string{metrics.GSM8KAnswer(truth)}, nil
}

// errAliases is why TriviaQA's documents cannot be scored from the file alone.
var errAliases = errors.New("the file holds one gold answer, and em is scored against all its aliases")

func carriedTriviaQA(tasks.Task, results.WriteOutRecord) (outputs, targets []string, err error) {
	return nil, nil, errAliases
}

// carriedSQuAD2 finds the gold answers in what the harness prints of its metric, which it aggregates later.
func carriedSQuAD2(t tasks.Task, r results.WriteOutRecord) (outputs, targets []string, err error) {
	text, ok := r.Metrics["exact"]
	if !ok {
		return nil, nil, errors.New("exact, which carries the gold answers, is missing")
	}
	pair, err := results.ParseSQuADPair(text)
	if err != nil {
		return nil, nil, fmt.Errorf("the gold answers are not in exact: %w", err)
	}
	d := tasks.Doc{Targets: pair.Answers}
	if len(d.Targets) == 0 {
		d.Targets = []string{""}
	}
	responses, err := responsesTo(t.Requests(d, tasks.Unlimited{}), r.Answers)
	if err != nil {
		return nil, nil, err
	}
	return t.Outputs(d, responses), d.Targets, nil
}

// carriedChoice takes the likeliest choice. The choices' texts are not in the file, so what depends on their lengths is
// not scored.
func carriedChoice(_ tasks.Task, r results.WriteOutRecord) (outputs, targets []string, err error) {
	logs := make([]float64, len(r.Answers))
	for i, a := range r.Answers {
		if a.Log == nil {
			return nil, nil, fmt.Errorf("logit_%d is no log-likelihood", i)
		}
		logs[i] = *a.Log
	}
	var gold int
	if err := json.Unmarshal(r.Truth, &gold); err != nil || gold < 0 || gold >= len(logs) {
		return nil, nil, errors.New("truth is missing or the index of none of its choices")
	}
	return []string{strconv.Itoa(metrics.ArgMax(logs))}, []string{strconv.Itoa(gold)}, nil
}

func onlyText(answers []results.Answer) (string, error) {
	if len(answers) != 1 || answers[0].Text == nil {
		return "", errors.New("it has not one text as its answer")
	}
	return *answers[0].Text, nil
}

// squadPair returns the pair that stands for SQuAD's metrics.
func squadPair(r results.WriteOutRecord) (results.SQuADPair, bool) {
	text, ok := r.Metrics["exact"]
	if !ok {
		return results.SQuADPair{}, false
	}
	pair, err := results.ParseSQuADPair(text)
	return pair, err == nil
}

// compareSQuAD notes where the recorded pair is not what the answers give.
func (t *tally) compareSQuAD(at results.Place, id json.RawMessage, pair results.SQuADPair, answers []results.Answer) {
	if text := *answers[0].Text; text != pair.Prediction {
		t.change(at, id, "prediction_text", pair.Prediction, text)
	}
	// exp is another C library's: the last bit may differ.
	if p := math.Exp(*answers[1].Log); math.Abs(p-pair.Probability) > 1e-12 {
		t.change(at, id, "no_answer_probability", number(pair.Probability), number(p))
	}
}
