package compare

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
)

// section lists the task's changed documents side by side.
func (t TaskComparison) section(documents int) *cireport.Section {
	if len(t.Changes) == 0 || documents == 0 {
		return nil
	}
	other := len(t.Changes) - t.Lost - t.Won
	s := cireport.Section{
		Title: fmt.Sprintf("%s: %d documents lost, %d won, %d changed with the same score", t.Task, t.Lost, t.Won, other),
		Head:  []string{"", "document", "A", "B", "target", "differs in"},
	}
	for i, ch := range t.Changes {
		if i == documents {
			s.More = fmt.Sprintf("%s: %d more changed documents (--samples all)", t.Task, len(t.Changes)-i)
			break
		}
		s.Rows = append(s.Rows, ch.row())
	}
	return &s
}

func (ch Change) row() []string {
	a, b := ch.OutputA, ch.OutputB
	switch {
	case a != b && ch.ChoiceA != "" && ch.ChoiceB != "":
		a, b = a+": "+ch.ChoiceA, b+": "+ch.ChoiceB
	case a == b: // what was scored is the same: show what is not
		a, b = ch.ValueA, ch.ValueB
	default:
		a, b = parting(a, b)
	}
	outcome := ch.Outcome
	if ch.ScoreA != 0 && ch.ScoreA != 1 || ch.ScoreB != 0 && ch.ScoreB != 1 {
		outcome += fmt.Sprintf(" %.2f -> %.2f", ch.ScoreA, ch.ScoreB)
	}
	return []string{outcome, string(ch.DocID), a, b, strings.Join(ch.Targets, " / "), ch.Field}
}
