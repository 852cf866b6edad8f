package results

import (
	"fmt"
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
