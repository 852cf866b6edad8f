package notes

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// drawnNote is the sentence about answers that were drawn.
func drawnNote(l *noteList, s results.Score) {
	if d := s.Drawn; d != nil {
		key := "drawn"
		if slices.ContainsFunc(s.Data, func(f results.DataFile) bool { return strings.HasPrefix(f.Dataset, "own:") }) {
			key = "drawn_own" // of a task file: nothing is published
		}
		l.add(key, s.Name(), d.Answers, d.Temperature, d.TopP)
	}
}

// Drawn is it as a text, "" where they were not.
func Drawn(s results.Score) string {
	var l noteList
	drawnNote(&l, s)
	if len(l.notes) == 0 {
		return ""
	}
	return l.notes[0].Text
}

// judgeNote is the sentence about who ran programs.
func judgeNote(l *noteList, s results.Score) {
	if j := s.Judge; j != nil {
		l.add("judged", s.Name(), j.Terms(), j.TimedOut, j.Programs)
	}
}
