package results_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
)

func TestQuantisationNote(t *testing.T) {
	for stored, want := range map[string]string{
		"q4_k_m": "weights rounded to Q4_K_M: not the published model", "q8_0": "weights rounded to Q8_0: not the published model",
		"iq4_xs":  "weights rounded to IQ4_XS: not the published model",
		"float32": "", "bfloat16": "", "float16": "", "mixed": "", "": "", "bf16": "", "f32": "", "quant": "", "int8": "",
	} {
		m := results.Model{StoredDType: stored}
		assert.Equal(t, want, strings.Join(results.ModelNotes(m), "; "), stored)
		if want != "" {
			assert.Contains(t, results.Notes(results.Run{Model: m}), want)
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
		note := strings.Join(results.ModelNotes(m), "; ")
		assert.Equal(t, c.warned, note != "", "%d of %d: %s", c.pieces, c.rows, note)
		if c.warned {
			assert.Contains(t, results.Notes(results.Run{Model: m}), note)
		}
	}
}
