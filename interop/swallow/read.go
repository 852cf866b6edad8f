package swallow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Read reads aggregated_result.json of swallow-llm/swallow-evaluation (scripts/aggregate_result.py): the
// columns of ts as scores without documents, on the scale 0 to 1. A column that is missing, "N/A" or negative (-1, or
// -0.01 where a percentage of -1 was divided) is a hole. The file does not say under which protocol its numbers are.
func Read(name string, r io.Reader, ts []tasks.Task) (results.Run, error) {
	run := results.Run{SchemaVersion: results.SchemaVersion, Status: "complete"}
	w := python.NewWalker(name, r)
	recorded := map[string]series.Recorded{}
	seen := false
	err := w.Document(python.Visitor{Member: func(key string) error {
		switch key {
		case "model":
			return w.Value(python.Visitor{Scalar: func(token json.Token) error {
				run.Model.Name, _ = token.(string)
				return nil
			}})
		case "result":
			seen = true
			return w.Value(python.Visitor{Member: func(column string) error {
				raw, err := w.Raw()
				if _, twice := recorded[column]; twice {
					return fmt.Errorf("%s: column %q occurs twice", name, column)
				}
				recorded[column] = series.ParseRecorded(raw)
				return err
			}})
		}
		return w.Skip()
	}})
	if err != nil {
		return run, err
	}
	if !seen {
		return run, fmt.Errorf(`%s: no "result": not an aggregated_result.json`, name)
	}
	for _, t := range ts {
		published := ""
		if ms := t.Spec().Metrics; len(ms) > 0 {
			published = ms[0].Name
		}
		columns := t.Spec().Known().Swallow
		for _, c := range columns {
			if c.Metric != "" && c.Metric != published {
				continue
			}
			s := score(t.Spec(), c.Name, published, recorded)
			for _, other := range columns { // the task's other numbers, where there is one
				if other.Name != c.Name && s.Hole == "" {
					s.Values = append(s.Values, score(t.Spec(), other.Name, cmp.Or(other.Metric, published), recorded).Values...)
				}
			}
			run.Scores = append(run.Scores, s)
		}
	}
	return run, nil
}

// score is a column as a score without documents, of the metric of that name.
func score(spec tasks.Spec, column, metric string, recorded map[string]series.Recorded) results.Score {
	s := results.Score{Task: spec.Name, Reference: column, Title: spec.Title, Language: spec.Language, Shots: results.UnknownShots}
	v, ok := recorded[column]
	switch {
	case !ok:
		s.Hole = "no column " + column
	case v.Hole != "":
		s.Hole = "column " + column + " is " + v.Hole
	case v.Value > 1:
		s.Hole = fmt.Sprintf("column %s is recorded as %s, above 1", column, v.Text)
	default:
		s.Values = []results.Value{{Metric: cmp.Or(metric, column), Value: v.Value, Max: 1}}
	}
	return s
}
