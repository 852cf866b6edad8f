package tables

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// writeGroups prints the averages over tasks, a row a metric.
func writeGroups(w io.Writer, r results.Run) error {
	if len(r.Groups) == 0 {
		return nil
	}
	table := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: []tw.Align{
			tw.AlignLeft, tw.AlignRight, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight,
		}}),
	)
	table.Header("averages", "tasks", "metric", "score", "± stderr", "n")
	for _, g := range r.Groups {
		n := strconv.Itoa(g.N)
		if g.N != g.Total {
			n = fmt.Sprintf("%d of %d", g.N, g.Total)
		}
		title, members := textsafe.Terminal(g.Title), strconv.Itoa(len(g.Tasks))
		for _, v := range g.Values {
			se := shownHole
			if v.StdErr != nil {
				se = "± " + onScale(v.Value, *v.StdErr)
			}
			if err := table.Append([]string{title, members, textsafe.Terminal(v.Metric) + ", " + v.How(), onScale(v.Value, v.Value.Value), se, n}); err != nil {
				return err
			}
		}
		for _, u := range g.Unmeasured {
			if err := table.Append([]string{title, members, textsafe.Terminal(u.Metric), shownHole, "", n}); err != nil {
				return err
			}
		}
	}
	return table.Render()
}

// groupTable is the averages as a table of a model card: a column a group and metric. ok is false where no run has one.
func groupTable(runs []results.Run) (t cardTable, ok bool) {
	type column struct{ group, metric string }
	var columns []column
	seen := map[column]bool{}
	add := func(g results.Group, metric, how string) {
		if c := (column{g.Name, metric}); !seen[c] {
			seen[c], columns = true, append(columns, c)
			t.columns = append(t.columns, Column{Title: g.Title + " (" + metric + ")"})
			t.shots = append(t.shots, fmt.Sprintf("%d tasks%s", len(g.Tasks), how))
		}
	}
	for _, r := range runs {
		for _, g := range r.Groups {
			for _, v := range g.Values {
				add(g, v.Metric, ", "+v.How())
			}
			for _, u := range g.Unmeasured {
				add(g, u.Metric, "")
			}
		}
	}
	for _, r := range runs {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = shownHole
			for _, g := range r.Groups {
				for _, v := range g.Values {
					if c == (column{g.Name, v.Metric}) {
						cells[i] = onScale(v.Value, v.Value.Value)
					}
				}
			}
		}
		t.names, t.cells = append(t.names, r.Model.Name), append(t.cells, cells)
	}
	t.language = "Averages"
	return t, len(columns) > 0
}

// groupRows are the averages' rows of CSV: the group's name stands in the task's place, its tasks behind it.
func groupRows(r results.Run, row func(s results.Score, v results.Value) []string) (rows [][]string) {
	for _, g := range r.Groups {
		tasks := strings.Join(g.Tasks, " ")
		add := func(v results.Value, how, hole string) {
			cells := row(results.Score{Task: g.Name, Title: g.Title, N: g.N, Total: g.Total, Hole: hole}, v)
			cells[csvShots], cells[len(cells)-1] = "", textsafe.CSV(how+": "+tasks)
			rows = append(rows, cells)
		}
		for _, v := range g.Values {
			add(v.Value, v.How(), "")
		}
		for _, u := range g.Unmeasured {
			add(results.Value{Metric: u.Metric}, "average", u.Hole)
		}
	}
	return rows
}
