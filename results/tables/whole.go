package tables

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ColumnsOf are the columns of a profile's tables.
func ColumnsOf(p tasks.Profile) []Column {
	columns := make([]Column, len(p.Tasks))
	for i, t := range p.Tasks {
		s := t.Spec()
		columns[i] = Column{Task: s.Name, Title: s.Title, Language: s.Language, Shots: s.Shots}
	}
	return columns
}

// Check finds what keeps a run from being shown: no scores, or one that is neither a number on a scale nor a hole with its reason.
func Check(r results.Run) error {
	if len(r.Scores) == 0 {
		return errors.New("the run has no scores")
	}
	for _, s := range r.Scores {
		if s.Hole == "" && (len(s.Values) == 0 || slices.ContainsFunc(s.Values, func(v results.Value) bool { return v.Max <= 0 })) {
			return fmt.Errorf("the score of %q has neither a value on a scale nor a reason for none", s.Task)
		}
	}
	return nil
}

// Incomplete says which runs have holes or are not whole, "" where all are.
func Incomplete(runs []results.Run) string {
	var problems []string
	for _, r := range runs {
		if !r.Complete() {
			problems = append(problems, strings.Join(r.Holes(), ", ")+" without a number")
		} else if r.Status != "complete" {
			problems = append(problems, "the run is "+r.Status)
		}
	}
	return strings.Join(problems, "; ")
}
