package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// Foreign is what other programs call a task and how their files hold its documents. It lies with the task, so that
// whoever reads or writes such a file need list no tasks. The zero value is a task that nobody else has.
type Foreign struct {
	// LMEval are the tasks of lm-eval 0.4 over the same documents; exported samples have the name of the first. Where
	// there is none they have the task's own name, and such a file is read as one of them.
	LMEval []LMEvalTask
	// LMEvalRow turns a data set's row into the one that lm-eval has in memory, which is what its doc_hash is taken of;
	// nil where that is the row as it stands.
	LMEvalRow func(row python.Object, d Doc) (LMEvalRow, error)
	// LMEvalDoc makes the document of a row alone, where Docs needs more than that; prompt is what was asked of it, which ends in the
	// question. nil is Docs.
	LMEvalDoc func(row json.RawMessage, prompt string) (Doc, error)
	// WriteOut is how write-out files of EleutherAI's harness of 2023 hold the task.
	WriteOut WriteOut
	// JPHarness is how result files of the JP harness hold the task of that name.
	JPHarness JPHarness
	// Swallow are the columns of the Swallow project's table that a run of the task has numbers for.
	Swallow []SwallowColumn
	// Pair is set where the harnesses keep a pair of prediction and references in place of a document's number.
	Pair *Pair
}

// LMEvalTask is how a task of lm-eval 0.4 corresponds to one of ours (lm_eval/tasks of EleutherAI/lm-evaluation-harness,
// v0.4.0 to v0.4.9).
type LMEvalTask struct {
	Name string
	// Holds says whether a data set's row is the task's, where the file's name does not tell; nil where others share them.
	Holds func(row map[string]json.RawMessage) bool
	// Row turns the data set's row into the schema our task reads; nil where they are the same.
	Row func(row json.RawMessage) (json.RawMessage, error)
	// Part says that the file is of one part of our task, of which the published metric alone is a number.
	Part bool
	// Exact are the rules of exact_match, the versions' variants, where that is the file's metric: scoring under our task's
	// is then another protocol. nil where the recorded metrics are our task's own.
	Exact []ExactRule
}

// ExactRule brings a filtered answer and the targets to the texts that exact_match compares.
type ExactRule func(answer, target string, d Doc) (output string, targets []string)

// Columns is the Holds of rows that have all of these members.
func Columns(names ...string) func(map[string]json.RawMessage) bool {
	return func(row map[string]json.RawMessage) bool {
		for _, name := range names {
			if row[name] == nil {
				return false
			}
		}
		return true
	}
}

// LMEvalRow is a data set's row as lm-eval 0.4 has it in memory, with the target that its task makes of it.
type LMEvalRow struct {
	Doc    python.Object
	Target string
	// Whole says that every column of the published data set is there.
	Whole bool
}

// TextColumns are the named members in that order. They hold texts; some files have numbers for them. whole is false
// where one is absent or null; it is then null.
func TextColumns(row python.Object, names ...string) (picked python.Object, whole bool) {
	picked, whole = row.Pick(names...)
	for i, m := range picked {
		if n, ok := m.Value.(python.Number); ok {
			picked[i].Value = string(n)
		}
	}
	return picked, whole
}

// WriteOut is how <task>_write_out_info.json of EleutherAI's harness (lm_eval/evaluator.py at 3ccea2b) holds a task.
type WriteOut struct {
	// Holds says whether a document is the task's, where the file's name does not tell; nil where others look the same.
	Holds func(d WriteOutDoc) bool
	// Scored returns what is scored of a document that the file alone speaks of: the outputs for the first of the task's
	// metrics or for all, and the targets. What a file does not carry the error names; it is NeedsData where the data
	// have it. nil where a file carries nothing of it.
	Scored func(t Task, d WriteOutDoc) (outputs, targets []string, err error)
}

// WriteOutDoc is one document of a write-out file.
type WriteOutDoc struct {
	// DocID is the position in evaluation order, which the file also gives by its order.
	DocID int
	// Prompts are the requests' arguments run together, context and continuation; a generation's end in the word
	// "until", the key of its second argument.
	Prompts []string
	// Answers are one per request: a text, a log-probability, or one with its flag.
	Answers []Answer
	// Truth is the gold answer: the index of a choice, or the answer as it would stand in a prompt.
	Truth json.RawMessage
	// Metrics are str() of the document's value of each metric: a number, or what is aggregated later.
	Metrics map[string]string
}

// NeedsData is why a document cannot be scored from a foreign file alone, although it could with the data set.
type NeedsData string

func (e NeedsData) Error() string { return string(e) }

// Answer is what a foreign file holds of a model's answer to one request: a text, or a log-probability with or without
// whether greedy decoding gives the same.
type Answer struct {
	Text   *string
	Log    *float64
	Greedy *bool
}

// OnlyText is the one answer where it is a text.
func OnlyText(answers []Answer) (string, error) {
	if len(answers) != 1 || answers[0].Text == nil {
		return "", errors.New("it has not one text as its answer")
	}
	return *answers[0].Text, nil
}

// Answered makes responses of answers, after checking that they are of the kinds that were asked for.
func Answered(requests []Request, answers []Answer) ([]Response, error) {
	if len(requests) != len(answers) {
		return nil, fmt.Errorf("it has %d answers, want %d", len(answers), len(requests))
	}
	responses := make([]Response, len(answers))
	for i, a := range answers {
		switch {
		case requests[i].Kind == Generate && a.Text != nil:
			responses[i].Text = *a.Text
		case requests[i].Kind == LogLikelihood && a.Log != nil:
			responses[i].LogProb = *a.Log
		default:
			return nil, fmt.Errorf("answer %d is not a %s's", i, requests[i].Kind)
		}
		// Beside a text a log-likelihood stands for a probability; among others only their order counts.
		if log := responses[i].LogProb; requests[0].Kind == Generate && (math.IsNaN(log) || log > 1) {
			return nil, fmt.Errorf("answer %d: log-likelihood %v is of no probability", i, log)
		}
	}
	return responses, nil
}

// JPHarness is how a result file of the JP LM Evaluation Harness at 9b42d41, written with --verbose, holds a task.
type JPHarness struct {
	// Name is the harness's name of the task without versions, "" for none.
	Name string
	// Score returns what a document's details say is scored by the task's metrics, and what they record of it; nil where
	// the details do not hold it.
	Score func(d JPDetail) (outputs, targets []string, recorded map[string]string, err error)
	// Hole says what the details lack where Score is nil.
	Hole string
}

// JPDetail is what the JP harness keeps of one document, in evaluation order. Which fields there are depends on the
// task; a nil field is not there.
type JPDetail struct {
	// Completion is the model's text for MGSM, Response that for other tasks. A response that is a number is the index
	// of a choice.
	Completion, Response *string
	// Question is the document's own text, Context the whole prompt.
	Question, Context string
	// Extracted is the answer the harness found, "[invalid]" where it found none. Numbers keep all their digits.
	Extracted, Answer *string
	// Gold is the text to summarise to, or an object of answers, or the index of a choice.
	Gold json.RawMessage
	// Correct is the recorded verdict.
	Correct *bool
}

// SwallowColumn is a column of the Swallow project's table (scripts/column-path-key.csv of
// swallow-llm/swallow-evaluation at 57c4ecd).
type SwallowColumn struct {
	Name string
	// Metric names our number; "" is the task's published one.
	Metric string
	// Rounded marks what llm-jp-eval hands on as a text of four decimals.
	Rounded bool
}

// Pair is what the harnesses keep of a document in place of numbers, for metrics that they compute later over all
// documents: a prediction beside its references.
type Pair struct {
	// Metric is the metric that the pair is read under.
	Metric string
	// Read takes the pair from a value that was decoded from JSON or from Python's repr.
	Read func(v any) (PairOf, error)
	// Write makes the pair from lm-eval's row and the outputs by metric.
	Write func(row python.Object, outputs map[string]string) (any, error)
}

// PairOf is one document's pair.
type PairOf struct {
	// References are the gold answers.
	References []string
	// Recorded is the prediction by the harness's names.
	Recorded map[string]string
	// Differences lists where the recorded prediction is not what the answers give, which are of the kinds that the task
	// asks for.
	Differences func(answers []Answer) []Difference
}

// Difference is a recorded text beside the one that is found anew.
type Difference struct{ What, Recorded, Now string }
