package notes_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

func TestQuantisationNote(t *testing.T) {
	for stored, want := range map[string]string{
		"q4_k_m": "weights rounded to Q4_K_M: not the published model", "q8_0": "weights rounded to Q8_0: not the published model",
		"iq4_xs":  "weights rounded to IQ4_XS: not the published model",
		"float32": "", "bfloat16": "", "float16": "", "mixed": "", "": "", "bf16": "", "f32": "", "quant": "", "int8": "",
	} {
		m := results.Model{StoredDType: stored}
		assert.Equal(t, want, strings.Join(notes.OfModel(m), "; "), stored)
		if want != "" {
			assert.Contains(t, notes.Of(results.Run{Model: m}), want)
		}
	}
}

func TestVocabularyNote(t *testing.T) {
	for _, c := range []struct {
		pieces, rows int
		warned       bool
	}{
		{276, 512, true}, {32000, 43176, true}, {32000, 32000, false}, {151669, 151936, false}, {98, 100, false}, {97, 100, true},
		{262145, 262208, false}, {0, 43176, false}, {33, 32, false},
	} {
		m := results.Model{Pieces: c.pieces, Vocabulary: c.rows}
		note := strings.Join(notes.OfModel(m), "; ")
		assert.Equal(t, c.warned, note != "", "%d of %d: %s", c.pieces, c.rows, note)
		if c.warned {
			assert.Contains(t, notes.Of(results.Run{Model: m}), note)
		}
	}
}

// TestAveragesWithoutANumber are told with the reason.
func TestAveragesWithoutANumber(t *testing.T) {
	r := results.Run{Groups: []results.Group{{Title: "g", Unmeasured: []results.Unmeasured{{Metric: "acc", Hole: "b has no number: out of memory"}}}}}
	assert.Contains(t, notes.Of(r), "g: no acc: b has no number: out of memory")
}

// TestALimitThatNoTaskReaches leaves nothing out, so nothing is to be said of it.
func TestALimitThatNoTaskReaches(t *testing.T) {
	of := func(scores ...results.Score) string {
		return strings.Join(notes.Of(results.Run{Limit: "1e20", Scores: scores}), "\n")
	}
	whole := results.Score{Task: "a", N: 3, Total: 3}
	assert.NotContains(t, of(whole), "--limit")
	for _, part := range []results.Score{{Task: "b", N: 2, Total: 3}, {Task: "b", Hole: "why"}, {Task: "b", N: 2}} {
		assert.Contains(t, of(whole, part), "--limit 1e20: first documents only")
	}
	assert.Contains(t, of(), "--limit")
}

// TestInventedBesideTheUsers excepts the tasks that asked the user's own questions, and no task of which that is not known.
func TestInventedBesideTheUsers(t *testing.T) {
	of := func(scores ...results.Score) string {
		return strings.Join(notes.Of(results.Run{InventedData: "smoke", Scores: scores}), "\n")
	}
	invented := results.Score{Task: "gsm8k", Data: []results.DataFile{{Dataset: "gsm8k", State: "invented"}}}
	mine := results.Score{Task: "mine", Title: "Mine", Data: []results.DataFile{{Dataset: "own:mine", State: "official"}}}
	both := results.Score{Task: "both", Data: []results.DataFile{mine.Data[0], invented.Data[0]}}
	const whole = "the questions were invented to try the program: "
	assert.Contains(t, of(), whole)
	assert.Contains(t, of(invented, results.Score{Task: "unknown"}, both), whole)
	mixed := of(invented, mine, results.Score{Task: "unknown"}, both, results.Score{Task: "other", Data: mine.Data})
	assert.Contains(t, mixed, "all questions but those of Mine, other were invented to try the program: the other numbers measure nothing")
	assert.NotContains(t, mixed, whole)
}
