package planned_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/models/planned"
)

// shown is a plan of two tasks as it is printed, the rows of the table by their first cell and the lines below it.
func shown(t *testing.T, p planned.Plan, sum planned.Estimate) (rows map[string][]string, below []string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, p.Print(&out, sum))
	rows = map[string][]string{}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimRight(line, "\n")
		cells := strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '│' })
		switch {
		case len(cells) > 1:
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows[cells[0]] = cells[1:]
		case !strings.ContainsAny(line, "─┌└├+"):
			below = append(below, line)
		}
	}
	return rows, below
}

// TestPrint: counts, holes made harmless, weights here or not, and times only where the machine was measured.
func TestPrint(t *testing.T) {
	p := planned.Plan{
		Model: "m\x1b", WeightBytes: 2 << 20, FetchBytes: 3 << 20, MemoryBytes: 4 << 20, StartSeconds: 1, LoadSeconds: 2,
		Tasks: []planned.PlannedTask{
			{
				Task:     planned.Task{Name: "t", Documents: 1, Requests: 2, Remembered: 3, Tokens: 4, Distinct: 5, Generated: 6, Read: 7e15, Generate: 1e15},
				Estimate: planned.Estimate{Least: time.Minute, Most: 2 * time.Minute},
			},
			{Task: planned.Task{Name: "u", Hole: "no \x1bdata"}},
		},
	}
	rows, below := shown(t, p, planned.Estimate{})
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "at most 6", "8", "-"}, rows["t"])
	require.NotEmpty(t, rows["u"])
	assert.NotContains(t, rows["u"][0], "\x1b")
	assert.Contains(t, rows["u"][0], "data")
	assert.Equal(t, []string{"weights   2.0 MiB at two bytes each, 3.0 MiB to fetch; 4.0 MiB of memory may be taken here"}, below)

	rate := bench.Rates{Threads: 32, Products: []bench.Rate{{Tokens: 1, Rate: 1e9}, {Tokens: 8, Rate: 2e9}, {Tokens: 64, Rate: 9e9}}}
	p.Rates, p.Use = &bench.Costs{Rates: rate}, engine.Use{Together: 8}
	p.Read = planned.Weights{Bytes: 5 << 20, Rate: 6 << 20}
	rows, below = shown(t, p, planned.Estimate{Least: 17 * time.Second, Most: 27 * time.Second})
	assert.Equal(t, "60 s to 2 min", rows["t"][7])
	require.Len(t, below, 4)
	assert.Contains(t, below[0], "5.0 MiB to read, at 6.0 MiB a second as it was just now; 4.0 MiB of memory")
	assert.Equal(t, "start     1.0 s building requests, 2.0 s reading and packing weights, both in the sum", below[1])
	assert.Equal(t, "machine   9 GFLOP/s reading, 1 continuing one text, 2 8 together, measured now on made-up layers of this size", below[2])
	assert.True(t, strings.HasSuffix(below[3], ": 20 s to 30 s on 32 threads; 12 s to 16 s on 64 of their kind"), below[3])
	assert.NotContains(t, below[3], "\x1b")

	p.Sum, p.Processor = &planned.Range{Most: 100}, &planned.Range{Most: 320}
	_, below = shown(t, p, planned.Estimate{})
	require.Len(t, below, 5)
	assert.Equal(t, "busy      other work had much of the processors just now; alone the run would take 10 s at most", below[3])
}

// full fails once so many bytes were written.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errors.New("full")
	}
	return len(b), nil
}

// TestPrintFails: whichever line cannot be written, it is said.
func TestPrintFails(t *testing.T) {
	rate := bench.Rates{Threads: 1, Products: []bench.Rate{{Tokens: 1, Rate: 1}}}
	p := planned.Plan{Rates: &bench.Costs{Rates: rate}, Sum: &planned.Range{Most: 100}, Processor: &planned.Range{Most: 1}}
	var out bytes.Buffer
	require.NoError(t, p.Print(&out, planned.Estimate{}))
	for room := range out.Len() {
		require.Error(t, p.Print(&full{room}, planned.Estimate{}), room)
	}
}
