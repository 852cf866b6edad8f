package tables

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// csvHead names the columns of CSV.
var csvHead = []string{
	"model", "profile", "task", "title", "language", "shots", "n", "total", "metric", "score", "stderr", "value", "max",
	"signature", "hole", "status", "limit", "dtype", "numerics", "model_digest", "samples_digest", "invented_data", "notes", "subject",
}

// CSV writes one row a metric of every task of every run. Numbers have all their digits; score and stderr are on
// the published scale, value and max on the metric's own. Text cells run as no formula. A task without a number has one
// row, which says why. A row's notes are those of its task and of its run. The parts of a benchmark have a row each behind it,
// of the published metric.
func CSV(w io.Writer, runs []results.Run) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return err
	}
	for _, r := range runs {
		for _, s := range r.Scores {
			for _, row := range csvRows(r, s) {
				if err := out.Write(row); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// csvRows are a task's rows.
func csvRows(r results.Run, s results.Score) [][]string {
	var notes []string
	for _, n := range results.NotesByTask(r) {
		if n.Task == "" || n.Task == s.Task {
			notes = append(notes, n.Text)
		}
	}
	row := func(v results.Value) []string {
		cells := []string{
			r.Model.Name, results.ProfileName(r), s.Task, s.Title, s.Language, "", "", "", v.Metric, "", "", "", "",
			v.Signature, s.Hole, r.Status, r.Limit, r.Model.DType, r.Model.Numerics, r.Model.Digest, s.SamplesDigest, r.InventedData,
			strings.Join(notes, "; "), "",
		}
		for i, c := range cells {
			cells[i] = textsafe.CSV(c)
		}
		cells[5], cells[6], cells[7] = strconv.Itoa(s.Shots), strconv.Itoa(s.N), strconv.Itoa(s.Total)
		return cells
	}
	if s.Hole != "" || len(s.Values) == 0 {
		return [][]string{row(results.Value{})}
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	numbers := func(v results.Value) []string {
		cells := row(v)
		cells[11], cells[12] = number(v.Value), number(v.Max)
		if v.Max > 0 {
			cells[9] = number(v.Value / v.Max)
			if v.StdErr != nil {
				cells[10] = number(*v.StdErr / v.Max)
			}
		}
		return cells
	}
	var rows [][]string
	for _, v := range s.Values {
		cells := numbers(v)
		if v.N > 0 {
			cells[6] = strconv.Itoa(v.N)
		}
		rows = append(rows, cells)
	}
	for _, u := range s.Unmeasured {
		cells := row(results.Value{Metric: u.Metric})
		cells[6], cells[14] = "0", textsafe.CSV(u.Hole)
		rows = append(rows, cells)
	}
	for _, part := range s.Subjects {
		cells := numbers(part.Value)
		cells[6], cells[len(cells)-1] = strconv.Itoa(part.N), textsafe.CSV(part.Name)
		rows = append(rows, cells)
	}
	return rows
}
