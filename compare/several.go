package compare

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
)

// Several are comparisons of runs with one and the same first run, adjusted as one family.
type Several struct {
	SchemaVersion int          `json:"schema_version"`
	Comparisons   []Comparison `json:"comparisons"`
}

// CompareEach compares every pairing as Compare does, with one adjustment over all: a family of twice the tests is held to
// the same error. A pairing that Pair refused has its error beside it and is refused alone.
func CompareEach(pairings []Pairing, refused []error, o Options) (Several, error) {
	s := Several{SchemaVersion: SchemaVersion, Comparisons: make([]Comparison, len(pairings))}
	var f family
	for i, p := range pairings {
		c := &s.Comparisons[i]
		if refused[i] != nil {
			*c = Refuse(p, o, refused[i])
			continue
		}
		*c = newComparison(p, o)
		if err := o.check(); err != nil {
			return s, err
		}
		pairs, err := c.choose(p, o.Tasks)
		if err != nil {
			return s, err
		}
		f.comparisons, f.tests = append(f.comparisons, c), append(f.tests, testAll(pairs, o))
	}
	f.conclude(o)
	return s, nil
}

// ExitCode is the worst of the comparisons', in the order 3, 1, 4, with the causes of those that have it.
func (s Several) ExitCode(gate, strict bool) (code int, cause string) {
	rank := map[int]int{exitcode.OK: 0, exitcode.NotShown: 1, exitcode.Gate: 2, exitcode.Incomplete: 3}
	var causes []string
	for i, c := range s.Comparisons {
		got, why := c.ExitCode(gate, strict)
		if rank[got] > rank[code] {
			code, causes = got, nil
		}
		if got == code && code != exitcode.OK {
			causes = append(causes, letter(i)+": "+why)
		}
	}
	return code, strings.Join(causes, "; ")
}

// letter names the i-th run after A.
func letter(i int) string {
	if i < 25 {
		return string(rune('B' + i))
	}
	return fmt.Sprint("run ", i+2)
}

// Warnings are those of all comparisons.
func (s Several) Warnings() []string {
	var out []string
	for i, c := range s.Comparisons {
		for _, w := range c.Warnings() {
			out = append(out, letter(i)+": "+w)
		}
	}
	return out
}

// Report is all comparisons in one table, whose first column names the run.
func (s Several) Report(documents int) cireport.Report {
	var out cireport.Report
	var titles, sides []string
	for i, c := range s.Comparisons {
		l, one := letter(i), c.Report(documents)
		titles = append(titles, l+": "+one.Title[0])
		if i == 0 {
			out = one
			out.Rows, out.Records, out.Notes, out.Cases, out.Sections = nil, nil, nil, nil, nil
			out.Head, out.Fields = append([]string{"run"}, one.Head...), append([]string{"run"}, one.Fields...)
			out.Narrow = nil
			for _, columns := range one.Narrow {
				shifted := []int{0}
				for _, k := range columns {
					shifted = append(shifted, k+1)
				}
				out.Narrow = append(out.Narrow, shifted)
			}
			sides = append(sides, one.Title[2])
		} else {
			out.Name += ", " + c.B.Name
			out.Properties = append(out.Properties, [2]string{strings.ToLower(l), c.B.String()})
		}
		sides = append(sides, l+" "+c.B.String())
		for _, r := range one.Rows {
			out.Rows = append(out.Rows, append([]string{l}, r...))
		}
		for _, r := range one.Records {
			out.Records = append(out.Records, append([]string{l}, r...))
		}
		for _, n := range one.Notes {
			out.Notes = append(out.Notes, l+": "+n)
		}
		for _, k := range one.Cases {
			k.Name = l + ": " + k.Name
			out.Cases = append(out.Cases, k)
		}
		for _, k := range one.Sections {
			k.Title = l + ": " + k.Title
			out.Sections = append(out.Sections, k)
		}
	}
	out.Title = append(titles, sides...)
	if c := s.Comparisons[0]; c.Refused == nil {
		out.Title = append(out.Title, c.levels())
	}
	out.Warnings, out.Value = s.Warnings(), s
	return out
}

// check finds options that no comparison can be made with.
func (o Options) check() error {
	switch {
	case o.Metric == nil:
		return errors.New("compare: no metrics given")
	case !(o.Alpha > 0 && o.Alpha < 1):
		return fmt.Errorf("alpha %v is not between 0 and 1", o.Alpha)
	case o.Margin != nil && !(*o.Margin >= 0 && *o.Margin <= 1):
		return fmt.Errorf("margin %v is not between 0 and 1", *o.Margin)
	}
	return nil
}
