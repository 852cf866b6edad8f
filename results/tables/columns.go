package tables

import (
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// Column is the column that a profile has for a task.
type Column struct {
	Task, Title string
	// Language is the code of the table that the column belongs to, for example "ja".
	Language string
	// Shots is the profile's number of examples.
	Shots int
}

// languageName is the head of a language's table: the two that the published tables have by name, others by their code.
func languageName(code string) string {
	switch code {
	case "ja":
		return "Japanese"
	case "en":
		return "English"
	case "":
		return "no language"
	}
	return textsafe.Terminal(code)
}

// languagesOf are the languages of a run's scores.
func languagesOf(scores []results.Score) []string {
	codes := make([]string, len(scores))
	for i, s := range scores {
		codes[i] = s.Language
	}
	return results.Languages(codes)
}

// columnsWith are the columns and, behind those of its language, one for every task of the runs that has none.
func columnsWith(columns []Column, runs []results.Run) []Column {
	all := slices.Clone(columns)
	for _, r := range runs {
		for _, s := range r.Scores {
			if !slices.ContainsFunc(all, func(c Column) bool { return c.Task == s.Task }) {
				all = append(all, Column{s.Task, s.Name(), s.Language, s.Shots})
			}
		}
	}
	return all
}

// shownHole is the cell of a number that there is not.
const shownHole = "—"

// cellOf is a score's published column's number with four decimals on the scale 0 to 1, or a visible hole.
func cellOf(s results.Score) string {
	if s.Hole != "" || len(s.Values) == 0 {
		return shownHole
	}
	v := s.Values[0]
	return onScale(v, v.Value)
}

// onScale shows a number of the metric's scale on that of 0 to 1. One without a scale, as a damaged file may hold, is a hole.
func onScale(v results.Value, x float64) string {
	if v.Max <= 0 {
		return shownHole
	}
	return strconv.FormatFloat(x/v.Max, 'f', 4, 64)
}
