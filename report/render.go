package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// page is what the template knows.
type page struct {
	facts
	Title    string
	Policy   string
	Style    template.CSS
	Words    template.JS
	Facts    template.JS
	Library  template.JS
	Program  template.JS
	Licences string
	Index    template.HTML
	Tables   []table
}

// At is a task's number, in the order of the page's facts.
func (p page) At(task string) int {
	return slices.IndexFunc(p.Tasks, func(t taskFacts) bool { return t.Task == task })
}

// Columns are the published rows that runs are held against, each once.
func (p page) Columns() []publishedRow {
	var rows []publishedRow
	for _, r := range p.Runs {
		if r.Row != nil && !slices.ContainsFunc(rows, func(x publishedRow) bool { return x.Alias == r.Row.Alias }) {
			rows = append(rows, *r.Row)
		}
	}
	return rows
}

// Mean is the mean of a published row's scores in a table, nil where one is lacking.
func (p page) Mean(scores []*float64, t table) *float64 {
	columns := make([]int, len(t.Rows))
	for i, r := range t.Rows {
		columns[i] = p.At(r.Task)
	}
	return meanOf(columns, func(t int) *float64 { return scores[t] })
}

// TaskNotes are the notes of a run that belong to single tasks.
func (p page) TaskNotes(r runFacts) []note {
	return slices.DeleteFunc(slices.Clone(r.Notes), func(n note) bool { return n.Task == "" })
}

// table is one of the two tables.
type table struct {
	Language string
	Rows     []taskFacts
	Average  *averageFacts
}

// render writes the page: what a reader without scripts gets, the program, and after it the data, so that the page works
// while the rest of it is still being read.
func render(w io.Writer, f facts, b blocks) error {
	encoded, err := f.encode()
	if err != nil {
		return err
	}
	words, err := readWords()
	if err != nil {
		return err
	}
	known, err := json.Marshal(words)
	if err != nil {
		return err
	}
	style, library, app := asset("style.css"), asset("plot/plot.js"), program()
	p := page{
		facts: f, Title: titleOf(f), Style: template.CSS(style), Words: template.JS(known), Facts: template.JS(encoded),
		Library: template.JS(library), Program: template.JS(app), Licences: asset("plot/LICENSES"),
		Policy: policy([]string{library, app}, []string{style, strings.TrimSpace(asset("plot/plot.css"))}),
		Index:  template.HTML(b.Index), Tables: tablesOf(f),
	}
	t, err := template.New("page.html").Funcs(functions(words)).Parse(asset("page.html"))
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(w, "page", p); err != nil {
		return err
	}
	var line bytes.Buffer
	block := func(id, data string) error {
		line.Reset()
		fmt.Fprintf(&line, "<script type=\"text/plain\" id=\"%s\">%s</script>\n", id, data)
		_, err := w.Write(line.Bytes())
		return err
	}
	for i, c := range b.Chunks {
		if err := block("chunk-"+strconv.Itoa(i), c.Data); err != nil {
			return err
		}
	}
	for i, data := range b.Pieces {
		if err := block("pieces-"+strconv.Itoa(i), *data); err != nil {
			return err
		}
	}
	return t.ExecuteTemplate(w, "end", nil)
}

// titleOf names profile and models.
func titleOf(f facts) string {
	var models []string
	for _, r := range f.Runs {
		models = append(models, r.Title)
	}
	return f.Profile + ": " + strings.Join(models, " · ")
}

// tablesOf sorts the tasks into their languages' tables.
func tablesOf(f facts) []table {
	codes := make([]string, len(f.Tasks))
	for i, t := range f.Tasks {
		codes[i] = t.Language
	}
	var tables []table
	for _, language := range results.Languages(codes) {
		t := table{Language: language}
		for _, x := range f.Tasks {
			if x.Language == language {
				t.Rows = append(t.Rows, x)
			}
		}
		for i, a := range f.Averages {
			if a.Language == language {
				t.Average = &f.Averages[i]
			}
		}
		tables = append(tables, t)
	}
	return tables
}

// functions are what the template can call.
func functions(words dictionary) template.FuncMap {
	return template.FuncMap{
		// t is a word of the dictionary in an element that the page's program can put into the other language.
		"t": func(key string, args ...any) (template.HTML, error) { return words.element(key, args) },
		"note": func(n note) (template.HTML, error) {
			args := make([]any, len(n.Args))
			for i, a := range n.Args {
				args[i] = a
			}
			return words.element(n.Key, args)
		},
		"safe":   textsafe.Terminal,
		"number": func(i int) int { return i + 1 },
		"short4": func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) },
		"score":  func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) },
		"points": func(v float64) string { return strings.Replace(fmt.Sprintf("%+.2f", 100*v), "-", "−", 1) },
		"row": func(c comparisonFact, task string) *compare.TaskComparison {
			if r, ok := rowOf(c.Comparison, task); ok {
				return &r
			}
			return nil
		},
		"shots": func(n int) string {
			if n == compare.UnknownShots {
				return "?"
			}
			return strconv.Itoa(n)
		},
		"class":   func(v any) string { return strings.ReplaceAll(fmt.Sprint(v), " ", "-") },
		"short":   shortDigest,
		"letter":  func(k int) string { return string(rune('A' + k)) },
		"hole":    holeOf,
		"groupOf": groupOf,
		"nVersusTotal": func(t taskFacts) string {
			for _, s := range t.Scores {
				if s == nil {
					continue
				}
				if s.N != s.Total && s.Total != 0 {
					return fmt.Sprintf("%d/%d", s.N, s.Total)
				}
				return strconv.Itoa(s.N)
			}
			return ""
		},
	}
}

// holeOf is why run k has no number for the task.
func holeOf(t taskFacts, k int) string {
	if t.Scores[k] == nil {
		return ""
	}
	return textsafe.Terminal(t.Scores[k].Hole)
}

// shortDigest is the beginning of a digest.
func shortDigest(s string) string {
	algorithm, hex, ok := strings.Cut(textsafe.Terminal(s), ":")
	if !ok {
		algorithm, hex = "", algorithm
	} else {
		algorithm += ":"
	}
	if r := []rune(hex); len(r) > 12 {
		hex = string(r[:12]) + "…"
	}
	return algorithm + hex
}
