// Package compare says whether numbers agree: a run with the published tables here.
//
// Comparing with a table is not comparing two runs: one side is a printed aggregate. So nothing here claims
// significance; a cell is exact, near or off by fixed distances, and what is known to be unreachable is named with its
// reason, not tolerated.
package compare

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
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
	// Documents is the difference in right answers where the column counts them: ours minus the nearest number that
	// the printed cell can stand for.
	Documents *int `json:"documents,omitempty"`
	// Verdict is "exact", "near", "off" or, where there is nothing to compare, "hole".
	Verdict string `json:"verdict"`
	// Note says why there is nothing to compare, or what is known about an off cell.
	Note string `json:"note,omitempty"`
}

// Reference is the comparison of a run with one published model.
type Reference struct {
	Profile string     `json:"profile"`
	Source  string     `json:"source"`
	Model   string     `json:"model"`
	Run     string     `json:"run_model"`
	Cells   []Distance `json:"cells"`
}

// ErrIncomparable reports a run whose numbers do not belong beside the published ones.
var ErrIncomparable = errors.New("not comparable")

// WithPublished compares a run with the row of a published table. It refuses a run of another profile or on invented data; a task that was
// run with other shots or fewer documents is a hole.
func WithPublished(run results.Run, p results.Published, model results.PublishedModel) (Reference, error) {
	r := Reference{Profile: p.Profile, Source: p.Source, Model: model.Title, Run: run.Model.Name}
	if run.InventedData != "" {
		return r, fmt.Errorf("%w: the run's questions were invented (data set %s), the table's are the benchmarks'", ErrIncomparable, run.InventedData)
	}
	if run.Profile != p.Profile {
		return r, fmt.Errorf("%w: the run's profile is %s, the table's %s", ErrIncomparable, run.Profile, p.Profile)
	}
	for i, t := range p.Tasks {
		for _, s := range run.Scores {
			if s.Task == t.Name {
				r.Cells = append(r.Cells, distance(p, t, model, model.Scores[i], s))
			}
		}
	}
	if len(r.Cells) == 0 {
		return r, fmt.Errorf("%w: the run has none of the table's tasks", ErrIncomparable)
	}
	return r, nil
}

func distance(p results.Published, t results.PublishedTask, m results.PublishedModel, published float64, s results.Score) Distance {
	d := Distance{Task: t.Name, Title: t.Title, Language: t.Language, Shots: s.Shots, N: s.N, Published: published, Verdict: "hole"}
	switch {
	case s.Hole != "" || len(s.Values) == 0:
		d.Note = "the run has no number: " + s.Hole
		return d
	case s.Shots != t.Shots && s.Shots != UnknownShots:
		d.Note = fmt.Sprintf("%d shots, the table's number is of %d", s.Shots, t.Shots)
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
	if t.Counted {
		d.count(t)
	} else {
		d.measure(t)
	}
	if d.Verdict == "off" {
		d.Note = knownDeviation(p.Profile, t.Name, m.Alias)
	}
	if len(unrecorded) > 0 && d.Note == "" {
		d.Note = "the file does not say how many " + strings.Join(unrecorded, " or ") + ": taken for the table's"
	}
	for _, f := range s.Data {
		if f.State == "unpinned" && d.Note == "" {
			d.Note = "data file " + f.Path + " is not the pinned original"
		}
	}
	return d
}

// count compares numbers of right answers: none apart is exact, up to two or half a percent of the documents is near,
// which is what the order of a sum in half precision can flip.
func (d *Distance) count(t results.PublishedTask) {
	ours := int(math.Round(d.Ours * float64(t.N)))
	best := t.N + 1
	for _, k := range results.Counts(d.Published, t.N) {
		if abs(ours-k) < abs(best) {
			best = ours - k
		}
	}
	d.Documents = &best
	switch n := abs(best); {
	case n == 0:
		d.Verdict = "exact"
	case n <= max(2, t.N/200):
		d.Verdict = "near"
	default:
		d.Verdict = "off"
	}
}

func abs(n int) int { return max(n, -n) }

// tolerances are the distances up to which a printed mean is exact and near. A printed value is rounded to four
// places; XL-Sum's is a bootstrap median, which adds its own 0.0004.
var tolerances = map[string][2]float64{
	"mean":  {0.0005, 0.005},
	"rouge": {0.0009, 0.0054},
	"bleu":  {0.0005, 0.003},
}

func (d *Distance) measure(t results.PublishedTask) {
	limits := tolerances[t.Kind]
	// The bounds are decimal; without the slack 0.5083 - 0.5078 would lie above 0.0005.
	const slack = 1e-12
	switch delta := math.Abs(d.Ours - d.Published); {
	case delta <= limits[0]+slack:
		d.Verdict = "exact"
	case delta <= limits[1]+slack:
		d.Verdict = "near"
	default:
		d.Verdict = "off"
	}
}

// knownDeviation is what is known about cells that a faithful run does not reach, "" for nothing.
func knownDeviation(profile, task, alias string) string {
	for _, k := range knownDeviations {
		if k.profile != profile {
			continue
		}
		for _, m := range k.models {
			for _, t := range k.tasks {
				if t == task && m == alias {
					return k.reason
				}
			}
		}
	}
	return ""
}

// knownDeviations are facts about the published tables, each with what it rests on.
var knownDeviations = []struct {
	profile       string
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
