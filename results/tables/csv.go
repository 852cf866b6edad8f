package tables

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// csvHead names the columns of CSV.
var csvHead = []string{
	"model", "profile", "task", "title", "language", "shots", "n", "total", "metric", "score", "stderr", "value", "max",
	"signature", "hole", "status", "limit", "dtype", "numerics", "model_digest", "samples_digest", "invented_data", "notes", "subject", "average",
}

// The places of some of them.
const (
	csvShots  = 5
	csvN      = 6
	csvScore  = 9
	csvStdErr = 10
	csvValue  = 11
	csvMax    = 12
	csvPart   = 23
)

// CSV writes one row a metric of every task of every run. Numbers have all their digits; score and stderr are on
// the published scale, value and max on the metric's own. Text cells run as no formula. A task without a number has one
// row, which says why. A row's notes are those of its task and of its run. The parts of a benchmark have a row each behind it,
// of the published metric; averages over tasks come last.
func CSV(w io.Writer, runs []results.Run) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return err
	}
	for _, r := range runs {
		var rows [][]string
		for _, s := range r.Scores {
			rows = append(rows, csvRows(r, s)...)
		}
		rows = append(rows, groupRows(r, func(s results.Score, v results.Value) []string { return csvRow(r, s, v) })...)
		if err := out.WriteAll(rows); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow is one number, or the place of one that there is not.
func csvRow(r results.Run, s results.Score, v results.Value) []string {
	var texts []string
	for _, n := range notes.ByTask(r) {
		if n.Task == "" || n.Task == s.Task {
			texts = append(texts, n.Text)
		}
	}
	cells := []string{
		r.Model.Name, results.ProfileName(r), s.Task, s.Title, s.Language, "", "", "", v.Metric, "", "", "", "",
		v.Signature, s.Hole, r.Status, r.Limit, r.Model.DType, r.Model.Numerics, r.Model.Digest, s.SamplesDigest, r.InventedData,
		strings.Join(texts, "; "), "", "",
	}
	for i, c := range cells {
		cells[i] = textsafe.CSV(c)
	}
	cells[csvShots], cells[csvN], cells[csvN+1] = strconv.Itoa(s.Shots), strconv.Itoa(s.N), strconv.Itoa(s.Total)
	if s.Hole != "" || v.Metric == "" {
		return cells
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	cells[csvValue], cells[csvMax] = number(v.Value), number(v.Max)
	if v.Max > 0 {
		cells[csvScore] = number(v.Value / v.Max)
		if v.StdErr != nil {
			cells[csvStdErr] = number(*v.StdErr / v.Max)
		}
	}
	if v.N > 0 {
		cells[csvN] = strconv.Itoa(v.N)
	}
	return cells
}

// csvRows are a task's rows.
func csvRows(r results.Run, s results.Score) [][]string {
	if s.Hole != "" || len(s.Values) == 0 {
		return [][]string{csvRow(r, s, results.Value{})}
	}
	var rows [][]string
	for _, v := range s.Values {
		rows = append(rows, csvRow(r, s, v))
	}
	for _, u := range s.Unmeasured {
		missing := s
		missing.N, missing.Hole = 0, u.Hole
		rows = append(rows, csvRow(r, missing, results.Value{Metric: u.Metric}))
	}
	for _, part := range s.Subjects {
		cells := csvRow(r, s, part.Value)
		cells[csvN], cells[csvPart] = strconv.Itoa(part.N), textsafe.CSV(part.Name)
		rows = append(rows, cells)
	}
	return rows
}
