// Package series is what the foreign formats share: the kinds of files, what a file records, a series of stored outputs
// that are scored again, and the scorer that knows the profile and the files beside a file.
package series

import (
	"encoding/json"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// Series is one task's stored outputs scored again: one series of documents of one file.
type Series struct {
	File string `json:"file"`
	// Format is the kind of file, Protocol whose rules the values follow.
	Format   Kind   `json:"format"`
	Protocol string `json:"protocol"`
	// Task is our name, "" where the task is none of the profile's; Source is the file's own, Filter how it reduced answers.
	Task   string `json:"task"`
	Source string `json:"source_task"`
	Filter string `json:"filter,omitempty"`
	Title  string `json:"title"`
	// N counts the documents scored, Total those in the file.
	N     int `json:"n"`
	Total int `json:"total"`
	// Values are the metrics, the published column first where the task has one.
	Values []Value `json:"values"`
	// Subjects are the first metric's numbers by the parts of a benchmark that has parts, of our own samples.
	Subjects []results.Subject `json:"subjects,omitempty"`
	// Hole says why there is no number at all.
	Hole string `json:"hole,omitempty"`
	// Unvouched says why no run.json vouches for a file of our own samples, "" where one does; Misfiled that one is there and
	// does not.
	Unvouched string `json:"unvouched,omitempty"`
	Misfiled  bool   `json:"misfiled,omitempty"`
	// Changed lists what scores differently from what the file records of the document.
	Changed []eval.Changed `json:"changed"`
	// Unscored lists the documents that cannot be scored; they are in no value.
	Unscored []Unscored `json:"unscored,omitempty"`
	Records  []Record   `json:"records,omitempty"`

	// Group tells that it is an average over tasks.
	Group bool `json:"group,omitempty"`

	// Exported says that this program wrote the file: the numbers are the profile's own.
	Exported bool `json:"-"`
	// Evidence are the scored documents as compare takes them, by the metrics of their marks.
	Evidence []results.Sample `json:"-"`
	By       []metrics.Metric `json:"-"`
	// Totals are what a file without outputs records of the task by metric, nil of one with outputs.
	Totals map[string]Recorded `json:"-"`
	// Lacks says what of a task that is none of ours keeps its recorded values from being compared.
	Lacks string `json:"-"`
	// Failed is why the file could not be read to its end.
	Failed error `json:"-"`
}

// Value is a metric's number beside the recorded one.
type Value struct {
	results.Value
	// Recorded and RecordedStdErr are as the file gives them.
	Recorded       string `json:"recorded,omitempty"`
	RecordedStdErr string `json:"recorded_stderr,omitempty"`
	// Verdict says how the two agree.
	Verdict string `json:"verdict"`
	// Hole says why there is no number; value, max and signature then mean nothing.
	Hole string `json:"hole,omitempty"`
	// Unmeasured tells that the hole is one for want of documents.
	Unmeasured bool `json:"-"`
}

// Unscored is a document that cannot be scored.
type Unscored struct {
	Record int             `json:"record"`
	Line   int             `json:"line,omitempty"`
	DocID  json.RawMessage `json:"doc_id,omitempty"`
	Reason string          `json:"reason"`
}

// Refused is the document at a place, with the reason.
func Refused(at Place, id json.RawMessage, reason error) Unscored {
	return Unscored{at.Record, at.Line, id, jsonwords.Text(reason)}
}

// Record is a document with what it scores and what the file records of it.
type Record struct {
	Record   int               `json:"record"`
	Line     int               `json:"line,omitempty"`
	DocID    json.RawMessage   `json:"doc_id,omitempty"`
	Marks    []results.Mark    `json:"marks"`
	Recorded map[string]string `json:"recorded,omitempty"`
}

// Verdicts beyond the agreements of a value with a recorded one.
const (
	VerdictPartial = "not all documents scored"
	VerdictOther   = "another protocol than the file's"
	// VerdictEach and verdictChanged compare document by document where the file records no corpus score.
	VerdictEach    = "as recorded of each document"
	VerdictChanged = "changed"
)
