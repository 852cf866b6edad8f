package engine_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// benchEnv names the environment variable whose value "110m" or "1b" lets the benchmarks run models of those sizes,
// which take up to a minute and 2.2 GB of disk to write.
const benchEnv = "SWALLOW_EVAL_BENCH"

func benchShape() (string, enginetest.Shape) {
	switch os.Getenv(benchEnv) {
	case "110m":
		return "110m", enginetest.Small110M()
	case "1b":
		return "1b", enginetest.Medium1B()
	}
	shape := enginetest.Tiny()
	shape.Hidden, shape.Intermediate, shape.Heads, shape.KVHeads, shape.Layers, shape.Vocab = 256, 688, 8, 4, 4, 4096
	return "tiny", shape
}

func BenchmarkPrefill(b *testing.B) {
	name, shape := benchShape()
	m := load(b, model(b, shape, 1), engine.Options{})
	for _, n := range []int{128, 512} {
		b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
			tokens := make([]int32, n+1)
			for i := range tokens {
				tokens[i] = int32(i * 7 % shape.Vocab)
			}
			for b.Loop() {
				score(b, m, []engine.Sequence{{Tokens: tokens, From: n}})
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	name, shape := benchShape()
	m := load(b, model(b, shape, 1), engine.Options{})
	const tokens = 16
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("%s/batch%d", name, n), func(b *testing.B) {
			prompts := make([]engine.Prompt, n)
			for i := range prompts {
				prompts[i] = engine.Prompt{Tokens: []int32{1}, MaxTokens: tokens, IgnoreEOS: true}
			}
			for b.Loop() {
				generate(b, m, prompts)
			}
			b.ReportMetric(float64(n*tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
