// Package compare says whether numbers agree: a run with the published tables here.
//
// Comparing with a table is not comparing two runs: one side is a printed aggregate. So nothing here claims
// significance; a cell is exact, near or off by how many documents it is away, and what is known to be unreachable is named with its
// reason, not tolerated.
package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// Distance is how far one cell of a run is from the published one.
type Distance struct {
	Task     string `json:"task"`
	Title    string `json:"title"`
	Language string `json:"language"`
	Shots    int    `json:"shots"`
	N        int    `json:"n"`
	// Ours and Published are on the scale of the table, 0 to 1.
	Ours      float64 `json:"ours"`
	Published float64 `json:"published"`
	// Digits are the decimal places that Published was printed to.
	Digits int `json:"digits"`
	// Documents is the difference in right answers where the column counts them: ours minus the nearest number that
	// the printed cell can stand for.
	Documents *int `json:"documents,omitempty"`
	// Apart is the distance in documents: whole ones where the column counts them, else the difference times their number.
	// Near is how many are near.
	Apart float64 `json:"documents_apart"`
	Near  float64 `json:"documents_near,omitempty"`
	// Floor is how far apart runs of one model by the table's authors lie, and WithinFloor whether this one is as near.
	Floor       float64 `json:"floor,omitempty"`
	WithinFloor bool    `json:"within_floor"`
	// Verdict is "exact", "near", "off" or, where there is nothing to compare, "hole"; "no column" where only the table has
	// nothing.
	Verdict string `json:"verdict"`
	// NoColumn tells that the table does not have the task; Published is then nothing.
	NoColumn bool `json:"no_column,omitempty"`
	// Note says why there is nothing to compare, or what is known about an off cell.
	Note string `json:"note,omitempty"`
}

// measured tells that there are both numbers, and so a distance.
func (d Distance) measured() bool { return d.Verdict != "hole" && !d.NoColumn }

// MarshalJSON writes null for a number that there is not: the run's in a hole, the table's where it has none.
func (d Distance) MarshalJSON() ([]byte, error) {
	type plain Distance
	out := struct {
		plain
		Ours        *float64 `json:"ours"`
		Published   *float64 `json:"published"`
		Digits      *int     `json:"digits"`
		Apart       *float64 `json:"documents_apart"`
		WithinFloor *bool    `json:"within_floor"`
	}{plain: plain(d)}
	if d.Verdict != "hole" {
		out.Ours = &d.Ours
	}
	if !d.NoColumn {
		out.Published, out.Digits = &d.Published, &d.Digits
	}
	if d.measured() {
		out.Apart, out.WithinFloor = &d.Apart, &d.WithinFloor
	}
	return json.Marshal(out)
}

// Reference is the comparison of a run with one published model.
type Reference struct {
	// Table is the published table's name, and Profile the same again, as it was called first.
	Table   string     `json:"table"`
	Profile string     `json:"profile"`
	Source  string     `json:"source"`
	Model   string     `json:"model"`
	Run     string     `json:"run_model"`
	Cells   []Distance `json:"cells"`
	// Notes are the sentences about the run's model that belong beside every number.
	Notes []string `json:"notes,omitempty"`
}

// ErrIncomparable reports a run whose numbers do not belong beside the published ones.
var ErrIncomparable = errors.New("not comparable")

// WithPublished compares a run with the row of a published table. It refuses a run of another profile or on invented data; a task that was
// run with other shots or fewer documents is a hole.
func WithPublished(run results.Run, p published.Table, model published.Row) (Reference, error) {
	r := Reference{Table: p.Name, Profile: p.Name, Source: p.Source, Model: model.Title, Run: run.Model.Name, Notes: notes.OfModel(run.Model)}
	if run.InventedData != "" {
		return r, fmt.Errorf("%w: the run's questions were invented (data set %s), the table's are the benchmarks'", ErrIncomparable, run.InventedData)
	}
	if !p.Serves(run.Profile) {
		return r, fmt.Errorf("%w: the run's profile is %s, the table %s has numbers of %s", ErrIncomparable, run.Profile, p.Name, strings.Join(p.Profiles(), " and "))
	}
	for i, t := range p.Tasks {
		for _, s := range run.Scores {
			if s.Task == t.Name {
				r.Cells = append(r.Cells, distance(p, t, model, model.Scores[i], asPrinted(t, s)))
			}
		}
	}
	if len(r.Cells) == 0 {
		return r, fmt.Errorf("%w: the run has none of the table's tasks", ErrIncomparable)
	}
	for _, s := range run.Scores {
		if !slices.ContainsFunc(p.Tasks, func(t published.Column) bool { return t.Name == s.Task }) {
			r.Cells = append(r.Cells, withoutNumber(s, "the table has no such column"))
		}
	}
	return r, nil
}

// asPrinted is the score with the number in front that the table printed, which another table's column need not be; of one
// that does not have it there is none.
func asPrinted(t published.Column, s results.Score) results.Score {
	if t.Metric == "" || s.Hole != "" || len(s.Values) == 0 {
		return s
	}
	i := slices.IndexFunc(s.Values, func(v results.Value) bool { return v.Metric == t.Metric })
	if i < 0 {
		s.Hole, s.Values = fmt.Sprintf("the table's number is %s, the run has none of that name", t.Metric), nil
		return s
	}
	s.Values = slices.Insert(slices.Delete(slices.Clone(s.Values), i, i+1), 0, s.Values[i])
	return s
}

// noColumn is the verdict on a task that the table does not have, or not for the model.
const noColumn = "no column"

// withoutNumber is the cell of a score that the table has nothing for, and why.
func withoutNumber(s results.Score, why string) Distance {
	d := Distance{Task: s.Task, Title: s.Name(), Language: s.Language, Shots: s.Shots, N: s.N, NoColumn: true, Verdict: noColumn, Note: why}
	if s.Hole == "" && len(s.Values) > 0 && s.Values[0].Max > 0 {
		d.Ours = s.Values[0].Value / s.Values[0].Max
	} else {
		d.Verdict = "hole"
		d.Note += ", and the run has no number: " + s.Hole
	}
	return d
}

func distance(p published.Table, t published.Column, m published.Row, published float64, s results.Score) Distance {
	d := Distance{Task: t.Name, Title: t.Title, Language: t.Language, Shots: s.Shots, N: s.N, Published: published, Digits: p.Digits, Verdict: "hole"}
	switch {
	case math.IsNaN(published):
		d = withoutNumber(s, "the table has no number for the model")
		d.Title = t.Title
		return d
	case s.Hole != "" || len(s.Values) == 0:
		d.Note = "the run has no number: " + s.Hole
		return d
	case s.Shots != t.Shots && s.Shots != UnknownShots:
		d.Note = fmt.Sprintf("%d shots, the table's number is of %d", s.Shots, t.Shots)
		return d
	case !segmentedAs(t, s.Values[0].Signature):
		d.Note = fmt.Sprintf("signature %s: the table's number counts words of %s", s.Values[0].Signature, t.Segmenter)
		return d
	case s.N != t.N && s.N != results.UnknownDocuments:
		d.Note = fmt.Sprintf("%d documents, the table's number is of %d", s.N, t.N)
		return d
	}
	d.Ours = s.Values[0].Value / s.Values[0].Max
	var unrecorded []string
	if s.Shots == UnknownShots {
		d.Shots, unrecorded = t.Shots, append(unrecorded, "shots")
	}
	if s.N == results.UnknownDocuments {
		d.N, unrecorded = t.N, append(unrecorded, "documents")
	}
	d.Near = nearDocuments(t.Answers(), 1)
	if !t.Counted {
		d.Near = nearDocuments(t.N, sizes[t.Kind].document) + (exactly(p, t)-0.0005)*float64(t.N)
	}
	if t.Counted {
		d.count(p, t)
	} else {
		d.measure(p, t)
	}
	d.Floor = t.Floor
	d.WithinFloor = math.Abs(d.Ours-d.Published) <= t.Floor+p.Half()
	if d.Verdict == "off" {
		d.Note = knownDeviation(p.Name, t, m.Alias, math.Abs(d.Apart))
	}
	if unsaid := unsaid(t, s, unrecorded); unsaid != "" && d.Note == "" {
		d.Note = "the file does not say " + unsaid + ": taken for the table's"
	}
	for _, f := range s.Data {
		if f.State == "unpinned" && d.Note == "" {
			d.Note = "data file " + f.Path + " is not the pinned original"
		}
	}
	if note := notes.Drawn(s); note != "" && d.Note == "" {
		d.Note = strings.TrimPrefix(note, s.Name()+": ")
	}
	return d
}

// unsaid names what the file of a score does not record and the table's column says, "" for nothing.
func unsaid(t published.Column, s results.Score, unrecorded []string) string {
	counts := "how many " + strings.Join(unrecorded, " or ")
	switch unsigned := t.Segmenter != "" && s.Values[0].Signature == ""; {
	case unsigned && len(unrecorded) > 0:
		return counts + ", nor whose words it counts"
	case unsigned:
		return "whose words it counts"
	case len(unrecorded) == 0:
		return ""
	}
	return counts
}

// What "near" stands on: a faithful run that flips two documents in a hundred, each as soon to a gain as to a loss, is a
// distance away whose standard deviation is the root of so many flips. Within three of them, and never less than two
// documents, is near. How far the team's own runs of one model differ is told beside it (published.Column.Floor).
const (
	nearFlips      = 0.02
	nearDeviations = 3
	nearLeast      = 2
)

// nearDocuments is how many documents of n apart is near, where a flipped one moves the score by so much of a document.
func nearDocuments(n int, size float64) float64 {
	return size * max(nearLeast, nearDeviations*math.Sqrt(float64(n)*nearFlips))
}

// sizes are what a flipped document moves, and exact how far apart two equal runs may look: the rounding of a value printed to four
// places and of what harnesses round before, of XL-Sum's bootstrap median 0.0004 more. Where a document is a translation or a summary, a changed one moves its score by a fifth.
var sizes = map[string]struct{ document, exact float64 }{
	"mean":  {1, 0.0005},
	"rouge": {0.2, 0.0009},
	"bleu":  {0.2, 0.0005},
}

// exactly is how far a run may lie from a printed value of a column that does not count and be the same: fewer digits say less.
func exactly(p published.Table, t published.Column) float64 {
	return sizes[t.Kind].exact + p.Half() - published.Table{Digits: 4}.Half()
}

// count compares numbers of right answers: none apart is exact.
func (d *Distance) count(p published.Table, t published.Column) {
	ours := int(math.Round(d.Ours * float64(t.Answers())))
	best := t.Answers() + 1
	for _, k := range p.Counts(d.Published, t.Answers()) {
		if abs(ours-k) < abs(best) {
			best = ours - k
		}
	}
	d.Documents, d.Apart = &best, float64(best)
	switch n := abs(best); {
	case n == 0:
		d.Verdict = "exact"
	case float64(n) <= d.Near:
		d.Verdict = "near"
	default:
		d.Verdict = "off"
	}
}

func abs(n int) int { return max(n, -n) }

// measure compares means, in documents too.
func (d *Distance) measure(p published.Table, t published.Column) {
	// The bounds are decimal; without the slack 0.5083 - 0.5078 would lie above 0.0005.
	const slack = 1e-12
	apart := d.Ours - d.Published
	d.Apart = apart * float64(t.N)
	switch delta := math.Abs(apart); {
	case delta <= exactly(p, t)+slack:
		d.Verdict = "exact"
	case delta*float64(t.N) <= d.Near+slack:
		d.Verdict = "near"
	default:
		d.Verdict = "off"
	}
}

// segmentedAs says whether a score's signature names the segmenter of the printed number; one without a signature, which
// an imported file may be, does not say.
func segmentedAs(t published.Column, signature string) bool {
	if t.Segmenter == "" || signature == "" {
		return true
	}
	for _, field := range strings.Split(signature, "|") {
		if tok, ok := strings.CutPrefix(field, "tok:"); ok {
			return strings.HasPrefix(tok, t.Segmenter)
		}
	}
	return false
}

// knownFlips is the share of documents that a known deviation may flip: beyond three standard deviations of so many it
// explains nothing.
const knownFlips = 0.1

// knownDeviation is what is known about a cell that a faithful run does not reach, "" for nothing, and whether it
// explains as many documents.
func knownDeviation(table string, t published.Column, alias string, apart float64) string {
	for _, k := range knownDeviations {
		if k.table != table || !slices.Contains(k.models, alias) || !slices.Contains(k.tasks, t.Name) {
			continue
		}
		if most := nearDeviations * math.Sqrt(float64(t.N)*knownFlips); apart > most {
			return fmt.Sprintf("%.0f documents apart; what is known of the cell explains %.0f at most (%s)", apart, most, k.reason)
		}
		return k.reason
	}
	return ""
}

// knownDeviations are facts about the published tables, each with what it rests on.
var knownDeviations = []struct {
	table         string
	models, tasks []string
	reason        string
}{
	{
		"swallow-2023", []string{"llama2-7b", "llama2-13b", "llama2-70b"},
		[]string{"jcommonsenseqa", "jemhopqa", "niilc", "jsquad"},
		"known: Meta's generation_config.json is reported to turn sampling on, and llm-jp-eval at 570bf6a then sampled at temperature 0.1 without a seed; the printed cell is one draw",
	},
	{
		"swallow-2023", []string{"7b", "7b-plus", "7b-nve", "13b", "13b-nve", "70b", "70b-nve"},
		[]string{"jcommonsenseqa", "jemhopqa", "niilc", "jsquad"},
		"known: whether the printed run sampled depends on the model's generation_config.json, which was not available when this was written",
	},
}

// ExitCode turns holes, a table none of whose numbers a cell has and, with gate, cells that are off into an exit code and its cause.
func (r Reference) ExitCode(gate bool) (code int, cause string) {
	var off, holes []string
	beside := false // whether any cell has both numbers: a gate that compared nothing has not passed
	for _, cell := range r.Cells {
		beside = beside || cell.measured()
		switch {
		case cell.Verdict == "off":
			off = append(off, cell.Title)
		case cell.Verdict == "hole" && !cell.NoColumn:
			holes = append(holes, cell.Title)
		}
	}
	var causes []string
	if len(holes) > 0 { // incomplete evidence comes before a failed gate
		code, causes = exitcode.Incomplete, append(causes, "nothing to compare for "+strings.Join(holes, ", "))
	} else if !beside {
		code, causes = exitcode.Incomplete, append(causes, "nothing to compare: the table has no number for any task of the run")
	}
	if gate && len(off) > 0 {
		if code == exitcode.OK {
			code = exitcode.Gate
		}
		causes = append(causes, "off the published table: "+strings.Join(off, ", "))
	}
	return code, strings.Join(causes, "; ")
}
