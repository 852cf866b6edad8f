package series

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Tally gathers the documents of a series and makes its values.
type Tally struct {
	Series
	Metrics  []metrics.Metric
	stats    [][]metrics.Stat // by metric
	compared map[string]int   // documents whose recorded value of a metric was compared
}

func NewTally(s Series, ms []metrics.Metric) *Tally {
	t := &Tally{Series: s, compared: map[string]int{}}
	t.ScoreBy(ms)
	return t
}

// ScoreBy sets the metrics of a tally that has scored nothing yet.
func (t *Tally) ScoreBy(ms []metrics.Metric) {
	t.Metrics, t.stats = ms, make([][]metrics.Stat, len(ms))
}

// Refuse counts a document that cannot be scored.
func (t *Tally) Refuse(at Place, id json.RawMessage, reason error) {
	t.Total++
	t.Unscored = append(t.Unscored, Refused(at, id, reason))
}

// add scores a document: outputs stand for the first of the metrics, or for all. recorded is what the file says of it;
// its values under the metrics' names are compared with ours. about is what the file holds of the document itself, for
// comparing it with another file's.
func (t *Tally) Add(at Place, id json.RawMessage, outputs, targets []string, recorded map[string]string, about results.Sample) {
	t.Total++
	t.N++
	record := Record{Record: at.Record, Line: at.Line, DocID: id, Recorded: recorded}
	for k, output := range outputs {
		m := t.Metrics[k]
		stat := m.Each(output, targets)
		t.stats[k] = append(t.stats[k], stat)
		record.Marks = append(record.Marks, results.Mark{Metric: m.Name, Output: output, Stat: stat})
		text, ok := recorded[m.Name]
		if !ok || m.Width != 1 {
			continue
		}
		r := ParseRecorded(Quoted(text))
		if r.Hole != "" {
			continue
		}
		t.compared[m.Name]++
		if value := m.Corpus(stat, 1); r.Agrees(value) == Different {
			t.Change(at, id, m.Name, text, Number(value))
		}
	}
	t.Records = append(t.Records, record)
	about.DocID, about.Targets, about.Marks = id, targets, record.Marks
	if about.DocID == nil {
		about.DocID = json.RawMessage(strconv.Itoa(at.Record))
	}
	about.Position = len(t.Evidence)
	t.Evidence = append(t.Evidence, about)
}

// change notes that a document scores differently.
func (t *Tally) Change(at Place, id json.RawMessage, what, recorded, now string) {
	t.Changed = append(t.Changed, eval.Changed{DocID: id, Position: at.Record, Metric: what, Recorded: recorded, Now: now})
}

// Compare notes where a recorded pair is not what the answers give.
func (t *Tally) Compare(at Place, id json.RawMessage, pair tasks.PairOf, answers []tasks.Answer) {
	for _, d := range pair.Differences(answers) {
		t.Change(at, id, d.What, d.Recorded, d.Now)
	}
}

// Finish makes the values. recorded says what the file records of a metric under a key.
func (t *Tally) Finish(recorded func(key string) Recorded) Series {
	t.Values, t.By = []Value{}, t.Metrics
	if t.N == 0 && t.Hole == "" {
		t.Hole = "none of its documents can be scored"
		if t.Total == 0 {
			t.Hole = "it holds no documents"
		}
	}
	if t.Hole != "" {
		return t.Series
	}
	for k, m := range t.Metrics {
		if len(t.stats[k]) != t.N {
			continue
		}
		number, hole := eval.Score(m, t.stats[k])
		if hole != "" {
			t.Values = append(t.Values, Unmeasured(m.Name, recorded(m.Name), hole))
			continue
		}
		v := Value{Value: number}
		v.compare(recorded(m.Name), recorded(m.Name+"_stderr"))
		switch {
		case v.Verdict != string(Unrecorded) && t.N < t.Total:
			v.Verdict = VerdictPartial
		case v.Verdict == string(Unrecorded) && t.compared[m.Name] == t.N:
			v.Verdict = t.EachVerdict(m.Name)
		}
		t.Values = append(t.Values, v)
	}
	return t.Series
}

// EachVerdict says whether any document scores differently by a metric.
func (s Series) EachVerdict(metric string) string {
	if slices.ContainsFunc(s.Changed, func(c eval.Changed) bool { return c.Metric == metric }) {
		return VerdictChanged
	}
	return VerdictEach
}

// compare gives the verdict: the worse of the value's and the standard error's agreements.
func (v *Value) compare(value, stderr Recorded) {
	v.Recorded, v.RecordedStdErr = value.Text, stderr.Text
	agreement := value.Agrees(v.Value.Value)
	v.Verdict = string(agreement)
	if agreement == Unrecorded {
		if value.Text != "" {
			v.Verdict = value.Hole
		}
		return
	}
	if agreement == Identical && value.Decimals >= 0 {
		v.Verdict = fmt.Sprintf("identical to %d decimals", value.Decimals)
	}
	if stderr.Hole != "" || v.StdErr == nil {
		return
	}
	if a := stderr.Agrees(*v.StdErr); a == Different || a == Close && agreement == Identical {
		v.Verdict = string(a)
	}
}

// hole is a metric without a number.
func Hole(metric string, recorded Recorded, why string) Value {
	return Value{Value: results.Value{Metric: metric, Max: 1}, Recorded: recorded.Text, Verdict: "not scored", Hole: why}
}

// Unmeasured is a metric that is over none of the documents scored.
func Unmeasured(metric string, recorded Recorded, why string) Value {
	v := Hole(metric, recorded, why)
	v.Unmeasured = true
	return v
}

// NothingRecorded is a file that records no values of a task.
func NothingRecorded(string) Recorded { return ParseRecorded(nil) }

// Quoted makes a JSON string of a text.
func Quoted(text string) json.RawMessage {
	b, err := json.Marshal(text)
	if err != nil {
		panic("series: a string that is not JSON: " + err.Error())
	}
	return b
}

// Number prints a double in full.
func Number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
