package engine_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

func TestDTypes(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 1)
	names := map[string]bool{"": true}
	for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		m := load(t, dir, engine.Options{DType: d})
		assert.Equal(t, d, m.DType())
		assert.Equal(t, engine.NumericsOf(d), m.Numerics())
		assert.False(t, names[m.Numerics()], "each arithmetic has a name of its own")
		names[m.Numerics()] = true
	}
	assert.Equal(t, engine.Numerics, load(t, dir, engine.Options{}).Numerics(), "float32 unless told otherwise")
	assert.Empty(t, engine.NumericsOf("fp8"))
}

func TestLesserBitsDoNotDependOnSettings(t *testing.T) { // G1
	for name, shape := range shapes() {
		for _, d := range []engine.DType{engine.BF16, engine.Q8} {
			t.Run(name+" "+string(d), func(t *testing.T) {
				dir := model(t, shape, 7)
				var seqs []engine.Sequence
				var prompts []engine.Prompt
				for i, s := range related(shape.Vocab, shorttest.Few(30, 7)) {
					if len(s) > 1 {
						seqs = append(seqs, engine.Sequence{Tokens: s, From: 1 + i%(len(s)-1)})
					}
					prompts = append(prompts, engine.Prompt{Tokens: s, MaxTokens: 1 + i%5, IgnoreEOS: true})
				}
				base := load(t, dir, engine.Options{DType: d, Threads: 1, NoPrefixReuse: true})
				scored, generated := score(t, base, seqs), generate(t, base, prompts)
				for _, opts := range append(variants(), unpacked(t, dir, engine.Options{DType: d, MaxBatchTokens: 100})) {
					opts.DType = d
					m := load(t, dir, opts)
					require.Equal(t, opts.MemoryLimit == 0, m.PackedBytes() > 0)
					require.Equal(t, scored, score(t, m, seqs), "%+v", opts)
					require.Equal(t, generated, generate(t, m, prompts), "%+v", opts)
				}
			})
		}
	}
}

func TestGoldenErrors(t *testing.T) {
	// How far the lesser arithmetics are from float64. What a project makes of it is its own affair; more than this is a
	// mistake.
	for d, bound := range map[engine.DType]float64{engine.F32: 1e-5, engine.BF16: 2e-2, engine.Q8: 1e-1} {
		for _, name := range goldenModels() {
			t.Run(string(d)+" "+name, func(t *testing.T) {
				m := load(t, shared.Path(t, "goldens/engine/"+name), engine.Options{DType: d})
				var want [][]float64
				var seqs []engine.Sequence
				for _, line := range shorttest.EveryNth(shared.Lines(t, "goldens/engine/"+name+"/loglikelihood.jsonl"), 24) {
					var r struct {
						Context      []int32   `json:"context_ids"`
						Continuation []int32   `json:"continuation_ids"`
						Tokens       []float64 `json:"token_logprobs"`
					}
					require.NoError(t, json.Unmarshal(line, &r))
					want = append(want, r.Tokens)
					seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(r.Context, r.Continuation), From: len(r.Context)})
				}
				sum, worst, n := 0.0, 0.0, 0
				for i, got := range score(t, m, seqs) {
					for j, p := range got.LogProbs {
						e := math.Abs(p - want[i][j])
						sum, worst, n = sum+e, max(worst, e), n+1
					}
				}
				require.Positive(t, n)
				assert.LessOrEqual(t, sum/float64(n), bound)
				t.Logf("%d tokens: mean absolute error %.2g, largest %.2g", n, sum/float64(n), worst)
			})
		}
	}
}
