package results

import (
	"fmt"
	"slices"
	"strings"
)

// Judge is who found out what programs are worth.
type Judge struct {
	// By names what ran the programs, or the file that the verdicts were read from.
	By string `json:"by"`
	// Python is the version that ran them, "" where it is not known.
	Python string `json:"python,omitempty"`
	// Seconds is the time that each program had, MemoryBytes its address space; 0 where it is not known.
	Seconds     float64 `json:"seconds,omitempty"`
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
	// Programs counts verdicts, TimedOut those that were for time.
	Programs int `json:"programs"`
	TimedOut int `json:"timed_out"`
}

// timedOut is the verdict on a program whose time was up.
const timedOut = "timed out"

// Count adds verdicts.
func (j *Judge) Count(verdicts []string) {
	for _, v := range verdicts {
		j.Programs++
		if v == timedOut {
			j.TimedOut++
		}
	}
}

// Drawn tells how answers were drawn at random.
type Drawn struct {
	Temperature float64 `json:"temperature"`
	TopP        float64 `json:"top_p"`
	// Answers is their number for each document.
	Answers int `json:"answers"`
}

// drawnNote is the sentence about answers that were drawn.
func drawnNote(l *noteList, s Score) {
	if d := s.Drawn; d != nil {
		key := "drawn"
		if slices.ContainsFunc(s.Data, func(f DataFile) bool { return strings.HasPrefix(f.Dataset, "own:") }) {
			key = "drawn_own" // of a task file: nothing is published
		}
		l.add(key, s.Name(), d.Answers, d.Temperature, d.TopP)
	}
}

// DrawnNote is it as a text, "" where they were not.
func DrawnNote(s Score) string {
	var l noteList
	drawnNote(&l, s)
	if len(l.notes) == 0 {
		return ""
	}
	return l.notes[0].Text
}

// judgeNote is the sentence about who ran programs.
func judgeNote(l *noteList, s Score) {
	if j := s.Judge; j != nil {
		l.add("judged", s.Name(), j.Terms(), j.TimedOut, j.Programs)
	}
}

// Terms are who ran programs and what each of them had.
func (j Judge) Terms() string {
	how := []string{j.By}
	if j.Python != "" {
		how = append(how, "Python "+j.Python)
	}
	if j.Seconds > 0 {
		how = append(how, fmt.Sprintf("%v s a program", j.Seconds))
	}
	if j.MemoryBytes > 0 {
		how = append(how, fmt.Sprintf("%d MiB", j.MemoryBytes>>20))
	}
	return strings.Join(how, ", ")
}
