package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// facts are what the page knows without unpacking anything. Texts of manifests are in it as they stand: the page shows
// them as text, with what cannot be seen written out.
type facts struct {
	Tool        string           `json:"tool"`
	Profile     string           `json:"profile"`
	Level       float64          `json:"level"`
	HasTokens   bool             `json:"has_tokens"`
	Runs        []runFacts       `json:"runs"`
	Tasks       []taskFacts      `json:"tasks"`
	Published   *publishedFacts  `json:"published,omitempty"`
	Comparisons []comparisonFact `json:"comparisons"`
	Averages    []averageFacts   `json:"averages"`
	Chunks      []chunkPlace     `json:"chunks"`
	// ChangedOnly tells that documents which did not change are left out.
	ChangedOnly bool `json:"changed_only,omitempty"`
	// Pieces are the numbers of the blocks' first pieces.
	Pieces []int       `json:"pieces"`
	Trend  *trendFacts `json:"trend,omitempty"`
}

// chunkPlace says which documents a chunk holds; chunks are numbered in the page's order.
type chunkPlace struct {
	Task int `json:"task"`
	From int `json:"from"`
	N    int `json:"n"`
}

func placesOf(b blocks) []chunkPlace {
	places := make([]chunkPlace, len(b.Chunks))
	for i, c := range b.Chunks {
		places[i] = chunkPlace{c.Task, c.From, c.N}
	}
	return places
}

// runFacts are a run's manifest without its scores.
type runFacts struct {
	// Letter is A for the first run, which the others are compared with.
	Letter string `json:"letter"`
	// Title names the model, with the run's name where several runs are of one model. It is safe to show.
	Title    string        `json:"title"`
	Name     string        `json:"name"`
	Manifest results.Run   `json:"manifest"`
	Notes    []note        `json:"notes"`
	Row      *publishedRow `json:"row,omitempty"`
}

// publishedRow is a row of the published table.
type publishedRow struct {
	Alias string `json:"alias"`
	Title string `json:"title"`
	HubID string `json:"hub_id"`
	// Scores are in the order of the page's tasks, null where the table has no such column.
	Scores []*float64 `json:"scores"`
}

// publishedFacts are the published numbers.
type publishedFacts struct {
	Table  string         `json:"table"`
	Source string         `json:"source"`
	Digits int            `json:"digits"` // decimal places of the scores
	Rows   []publishedRow `json:"rows"`
}

// taskFacts are one task's. Arrays have an element a run.
type taskFacts struct {
	Task     string `json:"task"`
	Title    string `json:"title"`
	Language string `json:"language"`
	Shots    int    `json:"shots"`
	Metric   string `json:"metric"`
	// Documents is how many documents the page holds, Binary whether each is right or wrong.
	Documents int  `json:"documents"`
	Binary    bool `json:"binary"`
	// Cells are the numbers, Scores the manifests' own words.
	Cells  []*cell          `json:"cells"`
	Scores []*results.Score `json:"scores"`
	// Distances hold the runs against their published rows.
	Distances []*compare.Distance `json:"distances"`
}

// comparisonFact is a comparison of the first run with run B; the changed documents are in the chunks.
type comparisonFact struct {
	B int `json:"b"`
	compare.Comparison
}

// averageFacts is the mean of one table's columns.
type averageFacts struct {
	Language string `json:"language"`
	// Scores are the runs', null where a column lacks its number.
	Scores []*float64 `json:"scores"`
}

func describe(runs []compare.RunData, tasks []task, scores []taskScores, comparisons []compare.Comparison, o Options) facts {
	f := facts{Tool: o.Tool, Profile: cmp.Or(ProfileOf(runs), "–"), Level: level, HasTokens: o.Tokens != nil, Tasks: []taskFacts{}, Comparisons: []comparisonFact{}, Averages: []averageFacts{}}
	for t, x := range tasks {
		f.Tasks = append(f.Tasks, describeTask(x, scores[t], len(runs)))
	}
	rows := make([]*publishedRow, len(runs))
	if o.Published != nil {
		f.Published = &publishedFacts{Table: o.Published.Name, Source: o.Published.Source, Digits: o.Published.Digits}
		for _, m := range o.Published.Models {
			f.Published.Rows = append(f.Published.Rows, rowFacts(*o.Published, m, tasks))
		}
		for k, m := range o.Rows {
			if m == nil {
				continue
			}
			row := rowFacts(*o.Published, *m, tasks)
			rows[k] = &row
			f.hold(k, runs[k].Run, *o.Published, *m)
		}
	}
	for k, r := range runs {
		manifest := r.Run
		manifest.Scores = nil
		f.Runs = append(f.Runs, runFacts{Letter: string(rune('A' + k)), Name: r.Name, Manifest: manifest, Notes: notesOf(r.Run), Row: rows[k]})
	}
	f.nameRuns()
	for k, c := range comparisons {
		kept := c
		kept.Tasks = make([]compare.TaskComparison, len(c.Tasks))
		for i, row := range c.Tasks {
			row.Changes = nil
			kept.Tasks[i] = row
		}
		f.Comparisons = append(f.Comparisons, comparisonFact{k + 1, kept})
	}
	f.average(o.Published)
	return f
}

// nameRuns gives the runs their titles.
func (f *facts) nameRuns() {
	count := map[string]int{}
	for k := range f.Runs {
		f.Runs[k].Title = textsafe.Terminal(modelName(f.Runs[k]))
		count[f.Runs[k].Title]++
	}
	for k, r := range f.Runs {
		if count[r.Title] > 1 {
			f.Runs[k].Title = r.Title + " (" + textsafe.Terminal(lastPart(r.Name)) + ")"
		}
	}
}

// modelName is the published row's title or the last part of a model's path or hub id, which fits a column.
func modelName(r runFacts) string {
	if r.Row != nil {
		return r.Row.Title
	}
	if name := lastPart(r.Manifest.Model.Name); name != "" {
		return name
	}
	return lastPart(r.Name)
}

// lastPart is what follows the last separator of a path.
func lastPart(path string) string {
	path = strings.TrimRight(path, `/\`)
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

func describeTask(t task, scores taskScores, runs int) taskFacts {
	x := taskFacts{Task: t.name, Title: t.name, Documents: len(t.docs), Binary: scores.binary(), Scores: t.scores, Distances: make([]*compare.Distance, runs)}
	for k, s := range t.scores {
		x.Cells = append(x.Cells, scores[k].cell)
		if s == nil || x.Title != t.name {
			continue
		}
		x.Language, x.Shots = s.Language, s.Shots
		if s.Title != "" {
			x.Title = s.Title
		}
	}
	for _, s := range t.scores {
		if x.Metric == "" && s != nil && len(s.Values) > 0 {
			x.Metric = s.Values[0].Metric
		}
	}
	return x
}

func rowFacts(p published.Table, m published.Row, tasks []task) publishedRow {
	row := publishedRow{Alias: m.Alias, Title: m.Title, HubID: m.HubID, Scores: make([]*float64, len(tasks))}
	for t, x := range tasks {
		for i, column := range p.Tasks {
			if column.Name == x.name && i < len(m.Scores) && !math.IsNaN(m.Scores[i]) {
				row.Scores[t] = &m.Scores[i]
			}
		}
	}
	return row
}

// hold sets run k's numbers beside their published row, to whose profile a run belongs that names none: whoever chose the
// row says so. A run that has none of the table's tasks has no distances.
func (f *facts) hold(k int, run results.Run, p published.Table, m published.Row) {
	if run.Profile == "" {
		run.Profile = p.Name
	}
	r, err := compare.WithPublished(run, p, m)
	if err != nil {
		return
	}
	for i := range r.Cells {
		for t := range f.Tasks {
			if f.Tasks[t].Task == r.Cells[i].Task && !r.Cells[i].NoColumn {
				f.Tasks[t].Distances[k] = &r.Cells[i]
			}
		}
	}
}

// average adds the mean of each table whose every published column is on the page.
func (f *facts) average(p *published.Table) {
	if p == nil {
		return
	}
	var codes []string
	for _, c := range p.Tasks {
		codes = append(codes, c.Language)
	}
	for _, language := range results.Languages(codes) {
		var columns []int
		want := 0
		for _, c := range p.Tasks {
			if c.Language == language {
				want++
			}
		}
		for t, x := range f.Tasks {
			if x.Language == language {
				columns = append(columns, t)
			}
		}
		if len(columns) != want || want == 0 {
			continue
		}
		a := averageFacts{Language: language, Scores: make([]*float64, len(f.Runs))}
		for k := range f.Runs {
			a.Scores[k] = meanOf(columns, func(t int) *float64 {
				if c := f.Tasks[t].Cells[k]; c != nil {
					return &c.Score
				}
				return nil
			})
		}
		f.Averages = append(f.Averages, a)
	}
}

// meanOf is the mean of the columns' values, nil where one lacks its own.
func meanOf(columns []int, value func(t int) *float64) *float64 {
	sum := 0.0
	for _, t := range columns {
		v := value(t)
		if v == nil {
			return nil
		}
		sum += *v
	}
	sum /= float64(len(columns))
	return &sum
}

// encode is the facts' JSON, in which <, > and & are escaped, so that it stays inside its element, as is everything
// that has no visible shape.
func (f facts) encode() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(b))
	for _, r := range string(b) { // a hidden character stands within a string
		switch {
		case !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co):
			out = utf8.AppendRune(out, r)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out, nil
}
