package results

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// WriteCSV writes one row a metric of every task of every run. Numbers have all their digits; score and stderr are on
// the published scale, value and max on the metric's own. Text cells run as no formula. A task without a number has one
// row, which says why.
func WriteCSV(w io.Writer, runs []Run) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{
		"model", "profile", "task", "title", "language", "shots", "n", "total", "metric", "score", "stderr", "value", "max",
		"signature", "hole", "status", "limit", "dtype", "numerics", "model_digest", "samples_digest", "invented_data",
	}); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, r := range runs {
		for _, s := range r.Scores {
			row := func(metric, score, stderr, value, top, signature string) error {
				cells := []string{
					r.Model.Name, ProfileName(r), s.Task, s.Title, s.Language, "", "", "", metric, "", "", "", "",
					signature, s.Hole, r.Status, r.Limit, r.Model.DType, r.Model.Numerics, r.Model.Digest, s.SamplesDigest, r.InventedData,
				}
				for i, c := range cells {
					cells[i] = textsafe.CSV(c)
				}
				cells[5], cells[6], cells[7] = strconv.Itoa(s.Shots), strconv.Itoa(s.N), strconv.Itoa(s.Total)
				cells[9], cells[10], cells[11], cells[12] = score, stderr, value, top
				return out.Write(cells)
			}
			if s.Hole != "" {
				if err := row("", "", "", "", "", ""); err != nil {
					return err
				}
				continue
			}
			for _, v := range s.Values {
				stderr := ""
				if v.StdErr != nil {
					stderr = number(*v.StdErr / v.Max)
				}
				if err := row(v.Metric, number(v.Value/v.Max), stderr, number(v.Value), number(v.Max), v.Signature); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// modelCard is the two tables of the Swallow model cards: a column a task, a row a run.
type modelCard struct {
	// profile is named once: numbers of several profiles share no table.
	profile string
	tables  []cardTable
	notes   []string
}

type cardTable struct {
	language string
	titles   []string
	shots    []string
	// names and cells are a run's; a cell without a number is a dash.
	names []string
	cells [][]string
}

// cardHole is the cell of a task that a run has no number for.
const cardHole = "—"

// newModelCard arranges runs of one profile. A language of which no run has a task is left out.
func newModelCard(runs []Run) (modelCard, error) {
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
		for _, n := range append(Notes(r), missing(r)...) {
			card.notes = append(card.notes, prefix+n)
		}
	}
	for _, head := range []struct{ lang, name string }{{"ja", "Japanese"}, {"en", "English"}} {
		table := cardTable{language: head.name}
		used := false
		for _, t := range Swallow2023().Tasks {
			if t.Language == head.lang {
				table.titles = append(table.titles, t.Title)
				table.shots = append(table.shots, shotsOf(runs, t))
			}
		}
		for _, r := range runs {
			row, any := cardRow(r, head.lang)
			used = used || any
			table.names, table.cells = append(table.names, r.Model.Name), append(table.cells, row)
		}
		if used {
			card.tables = append(card.tables, table)
		}
	}
	return card, nil
}

// missing names the tasks of a run's own languages that it did not evaluate: their cells look like holes, and are.
func missing(r Run) []string {
	var titles []string
	for _, t := range Swallow2023().Tasks {
		inLanguage := func(s Score) bool { return s.Language == t.Language }
		if slices.ContainsFunc(r.Scores, inLanguage) && !slices.ContainsFunc(r.Scores, func(s Score) bool { return s.Task == t.Name }) {
			titles = append(titles, t.Title)
		}
	}
	if len(titles) == 0 {
		return nil
	}
	return []string{"not evaluated: " + strings.Join(titles, ", ")}
}

// shotsOf is the head's second line: how many examples the runs gave.
func shotsOf(runs []Run, t PublishedTask) string {
	var counts []string
	for _, r := range runs {
		for _, s := range r.Scores {
			if n := strconv.Itoa(s.Shots); s.Task == t.Name && !slices.Contains(counts, n) {
				counts = append(counts, n)
			}
		}
	}
	if len(counts) == 0 {
		counts = []string{strconv.Itoa(t.Shots)}
	}
	return strings.Join(counts, "/") + "-shot"
}

// cardRow is a run's cells in one language, and whether it evaluated any task of it.
func cardRow(r Run, lang string) (cells []string, any bool) {
	for _, t := range Swallow2023().Tasks {
		if t.Language != lang {
			continue
		}
		cell := cardHole
		for _, s := range r.Scores {
			if s.Task != t.Name {
				continue
			}
			any = true
			if s.Hole == "" && len(s.Values) > 0 {
				cell = strconv.FormatFloat(s.Values[0].Value/s.Values[0].Max, 'f', 4, 64)
			}
		}
		cells = append(cells, cell)
	}
	return cells, any
}

// WriteMarkdown writes the two tables of the model cards in GitHub's Markdown, and under them every note without which
// the numbers would be misread.
func WriteMarkdown(w io.Writer, runs []Run) error {
	card, err := newModelCard(runs)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	line := func(cells ...string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	for i, t := range card.tables {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "### %s (%s)\n\n", t.language, textsafe.Markdown(card.profile))
		line(append([]string{"Model"}, t.titles...)...)
		line(append([]string{"---"}, slices.Repeat([]string{"---:"}, len(t.titles))...)...)
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

// WriteLaTeX writes the two tables of the model cards with the rules of the package booktabs, notes under them.
func WriteLaTeX(w io.Writer, runs []Run) error {
	card, err := newModelCard(runs)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	line := func(cells ...string) { fmt.Fprintf(b, "%s \\\\\n", strings.Join(cells, " & ")) }
	fmt.Fprintln(b, "% needs \\usepackage{booktabs}; a dash is a number that there is not")
	for _, t := range card.tables {
		fmt.Fprintf(b, "\\begin{table}\n\\centering\n\\caption{%s, profile %s}\n\\begin{tabular}{l%s}\n\\toprule\n",
			t.language, textsafe.LaTeX(card.profile), strings.Repeat("r", len(t.titles)))
		line(append([]string{"Model"}, t.titles...)...)
		line(append([]string{""}, t.shots...)...)
		fmt.Fprintln(b, `\midrule`)
		for k, name := range t.names {
			cells := slices.Clone(t.cells[k])
			for i, c := range cells {
				if c == cardHole {
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
