package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// scored is one task's stored outputs scored again: one series of documents of one file.
type scored struct {
	File string `json:"file"`
	// Format is the kind of file, Protocol whose rules the values follow.
	Format   results.Kind `json:"format"`
	Protocol string       `json:"protocol"`
	// Task is our name, "" where the task is none of the profile's; Source is the file's own, Filter how it reduced answers.
	Task   string `json:"task"`
	Source string `json:"source_task"`
	Filter string `json:"filter,omitempty"`
	Title  string `json:"title"`
	// N counts the documents scored, Total those in the file.
	N     int `json:"n"`
	Total int `json:"total"`
	// Values are the metrics, the published column first where the task has one.
	Values []scoredValue `json:"values"`
	// Hole says why there is no number at all.
	Hole string `json:"hole,omitempty"`
	// Changed lists what scores differently from what the file records of the document.
	Changed []eval.Changed `json:"changed"`
	// Unscored lists the documents that cannot be scored; they are in no value.
	Unscored []unscored     `json:"unscored,omitempty"`
	Records  []scoredRecord `json:"records,omitempty"`

	// exported says that this program wrote the file: the numbers are the profile's own.
	exported bool
	// evidence are the scored documents as compare takes them, by the metrics of their marks.
	evidence []results.Sample
	by       []metrics.Metric
	// lacks says what of a task that is none of ours keeps its recorded values from being compared.
	lacks string
	// failed is why the file could not be read to its end.
	failed error
}

// scoredValue is a metric's number beside the recorded one.
type scoredValue struct {
	results.Value
	// Recorded and RecordedStdErr are as the file gives them.
	Recorded       string `json:"recorded,omitempty"`
	RecordedStdErr string `json:"recorded_stderr,omitempty"`
	// Verdict says how the two agree.
	Verdict string `json:"verdict"`
	// Hole says why there is no number; value, max and signature then mean nothing.
	Hole string `json:"hole,omitempty"`
}

// unscored is a document that cannot be scored.
type unscored struct {
	Record int             `json:"record"`
	Line   int             `json:"line,omitempty"`
	DocID  json.RawMessage `json:"doc_id,omitempty"`
	Reason string          `json:"reason"`
}

// scoredRecord is a document with what it scores and what the file records of it.
type scoredRecord struct {
	Record   int               `json:"record"`
	Line     int               `json:"line,omitempty"`
	DocID    json.RawMessage   `json:"doc_id,omitempty"`
	Marks    []results.Mark    `json:"marks"`
	Recorded map[string]string `json:"recorded,omitempty"`
}

// verdicts beyond the agreements of a value with a recorded one.
const (
	verdictPartial = "not all documents scored"
	verdictOther   = "another protocol than the file's"
	// verdictEach and verdictChanged compare document by document where the file records no corpus score.
	verdictEach    = "as recorded of each document"
	verdictChanged = "changed"
)

// tally gathers the documents of a series and makes its values.
type tally struct {
	scored
	metrics  []metrics.Metric
	stats    [][]metrics.Stat // by metric
	compared map[string]int   // documents whose recorded value of a metric was compared
}

func newTally(s scored, ms []metrics.Metric) *tally {
	t := &tally{scored: s, compared: map[string]int{}}
	t.scoreBy(ms)
	return t
}

// scoreBy sets the metrics of a tally that has scored nothing yet.
func (t *tally) scoreBy(ms []metrics.Metric) {
	t.metrics, t.stats = ms, make([][]metrics.Stat, len(ms))
}

// refuse counts a document that cannot be scored.
func (t *tally) refuse(at results.Place, id json.RawMessage, reason error) {
	t.Total++
	t.Unscored = append(t.Unscored, unscored{at.Record, at.Line, id, reason.Error()})
}

// add scores a document: outputs stand for the first of the metrics, or for all. recorded is what the file says of it;
// its values under the metrics' names are compared with ours. about is what the file holds of the document itself, for
// comparing it with another file's.
func (t *tally) add(at results.Place, id json.RawMessage, outputs, targets []string, recorded map[string]string, about results.Sample) {
	t.Total++
	t.N++
	record := scoredRecord{Record: at.Record, Line: at.Line, DocID: id, Recorded: recorded}
	for k, output := range outputs {
		m := t.metrics[k]
		stat := m.Each(output, targets)
		t.stats[k] = append(t.stats[k], stat)
		record.Marks = append(record.Marks, results.Mark{Metric: m.Name, Output: output, Stat: stat})
		text, ok := recorded[m.Name]
		if !ok || m.Width != 1 {
			continue
		}
		r := results.ParseRecorded(quoted(text))
		if r.Hole != "" {
			continue
		}
		t.compared[m.Name]++
		if value := m.Corpus(stat, 1); r.Agrees(value) == results.Different {
			t.change(at, id, m.Name, text, number(value))
		}
	}
	t.Records = append(t.Records, record)
	about.DocID, about.Targets, about.Marks = id, targets, record.Marks
	if about.DocID == nil {
		about.DocID = json.RawMessage(strconv.Itoa(at.Record))
	}
	about.Position = len(t.evidence)
	t.evidence = append(t.evidence, about)
}

// change notes that a document scores differently.
func (t *tally) change(at results.Place, id json.RawMessage, what, recorded, now string) {
	t.Changed = append(t.Changed, eval.Changed{DocID: id, Position: at.Record, Metric: what, Recorded: recorded, Now: now})
}

// finish makes the values. recorded says what the file records of a metric under a key.
func (t *tally) finish(recorded func(key string) results.Recorded) scored {
	t.Values, t.by = []scoredValue{}, t.metrics
	if t.N == 0 && t.Hole == "" {
		t.Hole = "none of its documents can be scored"
		if t.Total == 0 {
			t.Hole = "it holds no documents"
		}
	}
	if t.Hole != "" {
		return t.scored
	}
	for k, m := range t.metrics {
		if len(t.stats[k]) != t.N {
			continue
		}
		v := scoredValue{Value: eval.Score(m, t.stats[k])}
		v.compare(recorded(m.Name), recorded(m.Name+"_stderr"))
		switch {
		case v.Verdict != string(results.Unrecorded) && t.N < t.Total:
			v.Verdict = verdictPartial
		case v.Verdict == string(results.Unrecorded) && t.compared[m.Name] == t.N:
			v.Verdict = t.eachVerdict(m.Name)
		}
		t.Values = append(t.Values, v)
	}
	return t.scored
}

// eachVerdict says whether any document scores differently by a metric.
func (s scored) eachVerdict(metric string) string {
	if slices.ContainsFunc(s.Changed, func(c eval.Changed) bool { return c.Metric == metric }) {
		return verdictChanged
	}
	return verdictEach
}

// compare gives the verdict: the worse of the value's and the standard error's agreements.
func (v *scoredValue) compare(value, stderr results.Recorded) {
	v.Recorded, v.RecordedStdErr = value.Text, stderr.Text
	agreement := value.Agrees(v.Value.Value)
	v.Verdict = string(agreement)
	if agreement == results.Unrecorded {
		if value.Text != "" {
			v.Verdict = value.Hole
		}
		return
	}
	if agreement == results.Identical && value.Decimals >= 0 {
		v.Verdict = fmt.Sprintf("identical to %d decimals", value.Decimals)
	}
	if stderr.Hole != "" || v.StdErr == nil {
		return
	}
	if a := stderr.Agrees(*v.StdErr); a == results.Different || a == results.Close && agreement == results.Identical {
		v.Verdict = string(a)
	}
}

// hole is a metric without a number.
func hole(metric string, recorded results.Recorded, why string) scoredValue {
	return scoredValue{Value: results.Value{Metric: metric, Max: 1}, Recorded: recorded.Text, Verdict: "not scored", Hole: why}
}

// nothingRecorded is a file that records no values of a task.
func nothingRecorded(string) results.Recorded { return results.ParseRecorded(nil) }

// quoted makes a JSON string of a text.
func quoted(text string) json.RawMessage {
	b, err := json.Marshal(text)
	if err != nil {
		panic("swallow-eval: a string that is not JSON: " + err.Error())
	}
	return b
}

// number prints a double in full.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// report is all that score found.
type report struct {
	Tasks []scored `json:"tasks"`
	// Ignored are files of a directory that hold no stored outputs.
	Ignored []string `json:"ignored,omitempty"`
}

// problem says in one line what keeps the numbers from being whole, or nothing.
func (r report) problem() string {
	var changed, refused, holes int
	var different []string
	for _, t := range r.Tasks {
		changed += len(t.Changed)
		refused += len(t.Unscored)
		if t.Hole != "" || len(t.Values) > 0 && t.Values[0].Hole != "" {
			holes++
		}
		for _, v := range t.Values {
			if v.Verdict == string(results.Different) {
				different = append(different, t.name()+" "+v.Metric)
			}
		}
	}
	var parts []string
	if changed > 0 {
		parts = append(parts, fmt.Sprintf("records that score differently from what the file says: %d", changed))
	}
	if len(different) > 0 {
		parts = append(parts, "another score than recorded: "+strings.Join(different, ", "))
	}
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("records that cannot be scored: %d", refused))
	}
	if holes > 0 {
		parts = append(parts, fmt.Sprintf("series without a number: %d of %d", holes, len(r.Tasks)))
	}
	return strings.Join(parts, "; ")
}

// name is a series' own name in tables and notes: that of the file it comes from.
func (s scored) name() string {
	name := s.Source
	if name == "" {
		name = filepath.Base(s.File)
	}
	if s.Format == results.KindSamples && s.Title != "" {
		name = s.Title
	}
	if s.Filter != "" {
		name += " [" + s.Filter + "]"
	}
	return textsafe.Terminal(name)
}

// print writes the table and the notes under it.
func (r report) print(w io.Writer) error {
	rows := [][]string{}
	head := []string{"task", "metric", "score", "± stderr", "n", "recorded", "verdict"}
	several := slices.ContainsFunc(r.Tasks, func(s scored) bool { return filepath.Dir(s.File) != filepath.Dir(r.Tasks[0].File) })
	if several {
		head = append(head, "folder")
	}
	for _, s := range r.Tasks {
		n := strconv.Itoa(s.N)
		if s.N != s.Total {
			n = fmt.Sprintf("%d of %d", s.N, s.Total)
		}
		if len(s.Values) == 0 {
			rows = append(rows, []string{s.name(), "", "—", "", n, "", ""})
		}
		for _, v := range s.Values {
			score := "—"
			if v.Hole == "" {
				score = decimal(v.Value.Value / v.Max)
			}
			rows = append(rows, []string{s.name(), textsafe.Terminal(v.Metric), score, stderrCell(v.Value), n, textsafe.Terminal(v.Recorded), v.Verdict})
		}
		for i := range rows {
			if several && len(rows[i]) < len(head) {
				rows[i] = append(rows[i], textsafe.Terminal(filepath.Dir(s.File)))
			}
		}
	}
	if len(rows) > 0 {
		if err := writeRows(w, head, rows); err != nil {
			return err
		}
	}
	for _, note := range r.notes() {
		if _, err := fmt.Fprintln(w, note); err != nil {
			return err
		}
	}
	return nil
}

// shownChanges is how many changed documents of a series the table's notes list; JSON lists all.
const shownChanges = 20

// notes are the lines under the table.
func (r report) notes() []string {
	var notes []string
	add := func(format string, a ...any) { notes = append(notes, fmt.Sprintf(format, a...)) }
	for _, s := range r.Tasks {
		if s.Protocol == suite.Default().Name && s.Format == results.KindLMEval && !s.exported {
			add("* %s: the outputs are lm-eval 0.4's, cut and scored as %s does: not the file's protocol, and the prompts are not %[2]s's", s.name(), s.Protocol)
		}
		if s.Hole != "" {
			add("* %s: no number: %s", s.name(), textsafe.Terminal(s.Hole))
		}
		for _, v := range s.Values {
			if v.Hole != "" {
				add("* %s: no %s: %s", s.name(), textsafe.Terminal(v.Metric), textsafe.Terminal(v.Hole))
			}
		}
		notes = append(notes, s.refusals()...)
		for i, c := range s.Changed {
			if i == shownChanges {
				add("* %s: %d more records score differently; --format json lists them", s.name(), len(s.Changed)-i)
				break
			}
			add("* %s record %d: %s recorded %s, now %s", s.name(), c.Position, textsafe.Terminal(c.Metric),
				textsafe.Terminal(strconv.Quote(c.Recorded)), textsafe.Terminal(strconv.Quote(c.Now)))
		}
	}
	for _, name := range r.Ignored {
		add("* %s: no stored outputs", textsafe.Terminal(name))
	}
	return notes
}

// refusals groups the documents that cannot be scored by the reason, in the order of their first.
func (s scored) refusals() []string {
	type group struct {
		reason string
		first  unscored
		n      int
	}
	var groups []group
	for _, u := range s.Unscored {
		i := slices.IndexFunc(groups, func(g group) bool { return g.reason == u.Reason })
		if i < 0 {
			groups = append(groups, group{u.Reason, u, 1})
			continue
		}
		groups[i].n++
	}
	var lines []string
	for i, g := range groups {
		if i == shownChanges {
			lines = append(lines, fmt.Sprintf("* %s: %d more reasons; --format json lists them", s.name(), len(groups)-i))
			break
		}
		at := results.Place{Record: g.first.Record, Line: g.first.Line}
		where := at.String()
		if g.n > 1 {
			where = fmt.Sprintf("%d records, first %s", g.n, at)
		}
		lines = append(lines, fmt.Sprintf("* %s: %s not scored: %s", s.name(), where, textsafe.Terminal(g.reason)))
	}
	return lines
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

func stderrCell(v results.Value) string {
	if v.StdErr == nil {
		return ""
	}
	return "± " + decimal(*v.StdErr/v.Max)
}
