package engine_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
)

// TestFourShotRate tells how fast a model scores a made-up four-shot task, for docs/performance.md: in memory, or under whatever
// limits the process is started with. SWALLOW_EVAL_RATE names the model, SWALLOW_EVAL_READING one of engine.Readings and
// SWALLOW_EVAL_DOCS the number of documents; a first short text reads the weights if SWALLOW_EVAL_WARM is set.
func TestFourShotRate(t *testing.T) {
	dir := os.Getenv("SWALLOW_EVAL_RATE")
	if dir == "" {
		t.Skip("measures a model that SWALLOW_EVAL_RATE names")
	}
	m := load(t, dir, engine.Options{Reading: os.Getenv("SWALLOW_EVAL_READING")})
	documents, err := strconv.Atoi(os.Getenv("SWALLOW_EVAL_DOCS"))
	if err != nil {
		documents = 44
	}
	state := uint32(1)
	tokens := func(n int) (list []int32) {
		for range n {
			state = state*1664525 + 1013904223
			list = append(list, int32(state>>8)%int32(m.Config().VocabSize-100)+100)
		}
		return list
	}
	const header, context, choices, ending = 600, 100, 4, 4
	common := tokens(header)
	var seqs []engine.Sequence
	for range documents {
		document := append(append([]int32{}, common...), tokens(context)...)
		for range choices {
			seqs = append(seqs, engine.Sequence{Tokens: append(append([]int32{}, document...), tokens(ending)...), From: len(document)})
		}
	}
	if os.Getenv("SWALLOW_EVAL_WARM") != "" {
		score(t, m, []engine.Sequence{{Tokens: tokens(128), From: 1}})
	}
	begin := time.Now()
	sum := 0.0
	for _, s := range score(t, m, seqs) {
		for _, p := range s.LogProbs {
			sum += p
		}
	}
	took := time.Since(begin).Seconds()
	distinct := header + documents*(context+choices*(ending-1))
	require.Negative(t, sum)
	t.Logf("%.1f tokens/s, %.1f s for %d distinct tokens; batches of %d at most, %.2f GB read by readers; sum %.6f; %s",
		float64(distinct)/took, took, distinct, m.BatchTokens(), float64(m.ReadBytes())/1e9, sum, m.Streaming())
}
