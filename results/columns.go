package results

import (
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Column is the column that a profile has for a task.
type Column struct {
	Task, Title string
	// Language is the code of the table that the column belongs to, for example "ja".
	Language string
	// Shots is the profile's number of examples.
	Shots int
}

// Languages returns the languages in the order in which tables show them: Japanese, English, then the others in the
// order given. "" is a language of its own: that of tasks which name none.
func Languages(codes []string) []string {
	var all []string
	for _, code := range slices.Concat([]string{"ja", "en"}, codes) {
		if slices.Contains(codes, code) && !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// LanguageName is the head of a language's table: the two that the published tables have by name, others by their code.
func LanguageName(code string) string {
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
func languagesOf(scores []Score) []string {
	codes := make([]string, len(scores))
	for i, s := range scores {
		codes[i] = s.Language
	}
	return Languages(codes)
}

// columnsWith are the columns and, behind those of its language, one for every task of the runs that has none.
func columnsWith(columns []Column, runs []Run) []Column {
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

// Name is the title, or the task's own name where it has none.
func (s Score) Name() string {
	if s.Title == "" {
		return s.Task
	}
	return s.Title
}

// shownHole is the cell of a number that there is not.
const shownHole = "—"

// cell is the published column's number with four decimals on the scale 0 to 1, or a visible hole.
func (s Score) cell() string {
	if s.Hole != "" || len(s.Values) == 0 {
		return shownHole
	}
	v := s.Values[0]
	return v.onScale(v.Value)
}

// onScale shows a number of the metric's scale on that of 0 to 1. One without a scale, as a damaged file may hold, is a hole.
func (v Value) onScale(x float64) string {
	if v.Max <= 0 {
		return shownHole
	}
	return strconv.FormatFloat(x/v.Max, 'f', 4, 64)
}
