package report

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// groupRow is one average of a task file over several tasks.
type groupRow struct {
	Group, Title, Metric string
	Tasks                []string
	// Alike is the word for what counts alike, "" where no run has a number.
	Alike string
	// Cells are the runs'.
	Cells []groupCell
}

// groupCell is a run's number, or the reason why there is none.
type groupCell struct {
	Score *float64
	Hole  string
}

// Groups are the averages of the runs' task files, in the order of the first run that has one.
func (p page) Groups() (rows []groupRow) {
	at := func(g results.Group, metric string) *groupRow {
		i := slices.IndexFunc(rows, func(r groupRow) bool { return r.Group == g.Name && r.Metric == metric })
		if i < 0 {
			i = len(rows)
			rows = append(rows, groupRow{Group: g.Name, Title: g.Title, Metric: metric, Tasks: g.Tasks, Cells: make([]groupCell, len(p.Runs))})
		}
		return &rows[i]
	}
	for k, run := range p.Runs {
		for _, g := range run.Manifest.Groups {
			for _, v := range g.Values {
				row := at(g, v.Metric)
				row.Alike = map[bool]string{true: "alike.documents", false: "alike.tasks"}[v.BySize]
				if v.Max > 0 {
					share := v.Value.Value / v.Max
					row.Cells[k].Score = &share
				}
			}
			for _, u := range g.Unmeasured {
				at(g, u.Metric).Cells[k].Hole = textsafe.Terminal(u.Hole)
			}
		}
	}
	return rows
}

// groupOf is a comparison's test of an average, nil where it has none.
func groupOf(c comparisonFact, group, metric string) *compare.Average {
	for i, a := range c.Averages {
		if a.Group && a.Name == group && a.Metric == metric {
			return &c.Averages[i]
		}
	}
	return nil
}
