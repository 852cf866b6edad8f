package compare

import (
	"fmt"
	"strings"
)

// RequestsField is the Field of a Mismatch that digests alone tell: whole samples say in what the requests differ.
const RequestsField = "digest of the requests"

// Mismatch is why two runs, or two runs' results of one task, cannot be compared: the first field that differs. It is
// an ErrIncomparable.
type Mismatch struct {
	// Task is "" where the whole runs differ.
	Task  string `json:"task,omitempty"`
	Field string `json:"field"`
	A     string `json:"a"`
	B     string `json:"b"`
	// OnlyA and OnlyB list the documents, by their identifiers, that one side alone has.
	OnlyA []string `json:"only_a,omitempty"`
	OnlyB []string `json:"only_b,omitempty"`
}

// mismatchListed is how many documents a message names; the lists are whole.
const mismatchListed = 5

// Error names task, field and both values on one line.
func (m *Mismatch) Error() string {
	var b strings.Builder
	if m.Task != "" {
		b.WriteString(m.Task + ": ")
	}
	if m.Field == fieldHole {
		fmt.Fprintf(&b, "%s: A %s; B %s", ErrIncomparable, numberOrWhy(m.A), numberOrWhy(m.B))
	} else {
		fmt.Fprintf(&b, "%s: %s: A has %s, B has %s", ErrIncomparable, m.Field, shown(m.A), shown(m.B))
	}
	for _, side := range []struct {
		name string
		ids  []string
	}{{"A", m.OnlyA}, {"B", m.OnlyB}} {
		if len(side.ids) > 0 {
			few := side.ids[:min(len(side.ids), mismatchListed)]
			fmt.Fprintf(&b, "; only in %s: %s", side.name, strings.Join(few, ", "))
			if more := len(side.ids) - len(few); more > 0 {
				fmt.Fprintf(&b, " and %d more", more)
			}
		}
	}
	return b.String()
}

// Unwrap makes every mismatch an ErrIncomparable.
func (m *Mismatch) Unwrap() error { return ErrIncomparable }

// numberOrWhy says that a side has a number, or why it has none.
func numberOrWhy(hole string) string {
	if hole == "" {
		return "has a number"
	}
	return "has no number (" + hole + ")"
}

func shown(v string) string {
	if v == "" {
		return "none"
	}
	return v
}
