package tables

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// modelCard is the tables of a model card, one a language: a column a task, a row a run.
type modelCard struct {
	// profile is named once: numbers of several profiles share no table.
	profile string
	tables  []cardTable
	notes   []string
}

type cardTable struct {
	language string
	columns  []Column
	shots    []string
	// names and cells are a run's; a cell without a number is a dash.
	names []string
	cells [][]string
}

// newModelCard arranges runs of one profile, whose columns are given; a task of the runs that has none of them gets one
// behind those of its language. A language of which no run has a task is left out.
func newModelCard(runs []results.Run, columns []Column) (modelCard, error) {
	var card modelCard
	if len(runs) > 0 {
		card.profile = runs[0].Profile
	}
	for _, r := range runs {
		if r.Profile != card.profile {
			return card, fmt.Errorf("runs of the profiles %s and %s share no table", card.profile, r.Profile)
		}
		prefix := ""
		if len(runs) > 1 {
			prefix = textsafe.Terminal(r.Model.Name) + ": "
		}
		for _, n := range append(notes.Of(r), missing(r, columns)...) {
			card.notes = append(card.notes, prefix+n)
		}
	}
	columns = columnsWith(columns, runs)
	var evaluated []results.Score
	for _, r := range runs {
		evaluated = append(evaluated, r.Scores...)
	}
	for i := range evaluated { // a task is in the table of its column, whatever the run calls its language
		evaluated[i].Language = columnOf(columns, evaluated[i].Task).Language
	}
	for _, language := range languagesOf(evaluated) {
		card.tables = append(card.tables, newCardTable(runs, columns, language))
	}
	if t, ok := groupTable(runs); ok {
		card.tables = append(card.tables, t)
	}
	return card, nil
}

func newCardTable(runs []results.Run, columns []Column, language string) cardTable {
	t := cardTable{language: languageName(language)}
	for _, c := range columns {
		if c.Language == language {
			t.columns, t.shots = append(t.columns, c), append(t.shots, shotsOf(runs, c))
		}
	}
	for _, r := range runs {
		var cells []string
		for _, c := range t.columns {
			cell := shownHole
			if s, ok := r.Score(c.Task); ok {
				cell = cellOf(s)
			}
			cells = append(cells, cell)
		}
		t.names, t.cells = append(t.names, r.Model.Name), append(t.cells, cells)
	}
	return t
}

// columnOf is a task's column.
func columnOf(columns []Column, task string) Column {
	return columns[slices.IndexFunc(columns, func(c Column) bool { return c.Task == task })]
}

// missing names the columns of a run's own languages that it did not evaluate: their cells look like holes, and are.
func missing(r results.Run, columns []Column) []string {
	var titles []string
	for _, c := range columns {
		inLanguage := func(s results.Score) bool { return s.Language == c.Language }
		if _, ok := r.Score(c.Task); !ok && slices.ContainsFunc(r.Scores, inLanguage) {
			titles = append(titles, textsafe.Terminal(c.Title))
		}
	}
	if len(titles) == 0 {
		return nil
	}
	return []string{"not evaluated: " + strings.Join(titles, ", ")}
}

// shotsOf is the head's second line: how many examples the runs gave.
func shotsOf(runs []results.Run, c Column) string {
	var counts []string
	for _, r := range runs {
		for _, s := range r.Scores {
			n := strconv.Itoa(s.Shots)
			if s.Shots == results.UnknownShots {
				n = "?"
			}
			if s.Task == c.Task && !slices.Contains(counts, n) {
				counts = append(counts, n)
			}
		}
	}
	if len(counts) == 0 {
		counts = []string{strconv.Itoa(c.Shots)}
	}
	return strings.Join(counts, "/") + "-shot"
}

// heads are the columns' titles, escaped for a format.
func (t cardTable) heads(escaped func(string) string) []string {
	heads := []string{"Model"}
	for _, c := range t.columns {
		heads = append(heads, escaped(c.Title))
	}
	return heads
}

// Markdown writes the tables of the model cards in GitHub's Markdown, with the profile's columns and one for every
// other task of the runs, and under them every note without which the numbers would be misread.
func Markdown(w io.Writer, runs []results.Run, columns []Column) error {
	card, err := newModelCard(runs, columns)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	line := func(cells ...string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	for i, t := range card.tables {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "### %s (%s)\n\n", textsafe.Markdown(t.language), textsafe.Markdown(card.profile))
		line(t.heads(textsafe.Markdown)...)
		line(append([]string{"---"}, slices.Repeat([]string{"---:"}, len(t.columns))...)...)
		line(append([]string{""}, t.shots...)...)
		for k, name := range t.names {
			line(append([]string{textsafe.Markdown(name)}, t.cells[k]...)...)
		}
	}
	if len(card.notes) > 0 {
		fmt.Fprintln(b)
	}
	for _, n := range card.notes {
		fmt.Fprintf(b, "* %s\n", textsafe.Markdown(n))
	}
	return b.Flush()
}

// LaTeX writes the same tables with the rules of the package booktabs, notes under them.
func LaTeX(w io.Writer, runs []results.Run, columns []Column) error {
	card, err := newModelCard(runs, columns)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	line := func(cells ...string) { fmt.Fprintf(b, "%s \\\\\n", strings.Join(cells, " & ")) }
	fmt.Fprintln(b, "% needs \\usepackage{booktabs}; a dash is a number that there is not")
	for _, t := range card.tables {
		fmt.Fprintf(b, "\\begin{table}\n\\centering\n\\caption{%s, profile %s}\n\\begin{tabular}{l%s}\n\\toprule\n",
			textsafe.LaTeX(t.language), textsafe.LaTeX(card.profile), strings.Repeat("r", len(t.columns)))
		line(t.heads(textsafe.LaTeX)...)
		line(append([]string{""}, t.shots...)...)
		fmt.Fprintln(b, `\midrule`)
		for k, name := range t.names {
			cells := slices.Clone(t.cells[k])
			for i, c := range cells {
				if c == shownHole {
					cells[i] = "---"
				}
			}
			line(append([]string{textsafe.LaTeX(name)}, cells...)...)
		}
		fmt.Fprintf(b, "\\bottomrule\n\\end{tabular}\n\\end{table}\n")
	}
	for _, n := range card.notes {
		fmt.Fprintf(b, "\\noindent{\\footnotesize %s}\\par\n", textsafe.LaTeX(n))
	}
	return b.Flush()
}
