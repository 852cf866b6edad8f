package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// odd is a shape in which nothing is a multiple of anything: panels, groups and pages all have remainders.
func odd() enginetest.Shape {
	return enginetest.Shape{Hidden: 56, Intermediate: 75, Layers: 3, Heads: 6, KVHeads: 2, HeadDim: 38, Vocab: 131, DType: "F16", Tied: true}
}

func shapes() map[string]enginetest.Shape {
	all := families()
	all["tiny"], all["odd"] = enginetest.Tiny(), odd()
	delete(all, "qwen2") // parts of whose blocks the others have
	delete(all, "yarn")
	return shorttest.Fewer(all, "biases", "gemma2")
}

// families are shapes of every family beside Llama's usual form, with windows that end anywhere in pages and pairs.
func families() map[string]enginetest.Shape {
	of := func(family string, s enginetest.Shape, config map[string]any) enginetest.Shape {
		s.Family, s.Config = family, config
		return s
	}
	biased := enginetest.Tiny()
	biased.Biases = true
	gemma := odd()
	gemma.Tied = true
	return map[string]enginetest.Shape{
		"biases":  biased,
		"mistral": of("mistral", enginetest.Tiny(), map[string]any{"sliding_window": 13}),
		"qwen2":   of("qwen2", enginetest.Tiny(), nil),
		"qwen3":   of("qwen3", odd(), nil),
		"gemma2": of("gemma2", gemma, map[string]any{"sliding_window": 37, "query_pre_attn_scalar": 30, "attn_logit_softcapping": 5.0,
			"final_logit_softcapping": 6.0}),
		"yarn": of("", enginetest.Tiny(), map[string]any{"rope_scaling": map[string]any{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}}),
	}
}

// sequences returns token sequences of lengths around every boundary the engine has.
func sequences(vocab int, lengths ...int) []engine.Sequence {
	rng := rand.New(rand.NewPCG(1, 2))
	var seqs []engine.Sequence
	for _, n := range lengths {
		s := engine.Sequence{Tokens: make([]int32, n), From: 1 + rng.IntN(n-1)}
		for i := range s.Tokens {
			s.Tokens[i] = int32(rng.IntN(vocab))
		}
		seqs = append(seqs, s)
	}
	return seqs
}

// variants are settings that must not change a bit of any answer: with -short, each kernel once, with other numbers each.
func variants() []engine.Options {
	threads, tokens := []int{1, 2, 5}, []int{1, 7, 64, 1000}
	var list []engine.Options
	if testing.Short() {
		for i, kernel := range engine.Kernels() {
			list = append(list, engine.Options{Kernel: kernel, Threads: threads[i%3], MaxBatchTokens: tokens[1+i%3]})
		}
		return list
	}
	for _, n := range threads {
		for _, batch := range tokens {
			list = append(list, engine.Options{Threads: n, MaxBatchTokens: batch})
		}
	}
	for _, kernel := range engine.Kernels() {
		list = append(list, engine.Options{Kernel: kernel, Threads: 2, MaxBatchTokens: 50})
	}
	return list
}

func TestScoreBitsDoNotDependOnSettings(t *testing.T) { // G1
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			seqs := sequences(shape.Vocab, 2, 3, 17, 32, 33, 34, 64, 65, 66, 100, 129, 200)
			want := score(t, load(t, dir, engine.Options{Threads: 1}), seqs)
			for _, opts := range variants() {
				require.Equal(t, want, score(t, load(t, dir, opts), seqs), "%+v", opts)
			}
		})
	}
}

func TestScoreBitsDoNotDependOnCompany(t *testing.T) { // G1
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			m := load(t, model(t, shape, 7), engine.Options{MaxBatchTokens: 150})
			seqs := sequences(shape.Vocab, 40, 2, 90, 5, 5, 180, 33, 64, 7, 120)
			together := score(t, m, seqs)
			for i, s := range seqs {
				require.Equal(t, together[i], score(t, m, []engine.Sequence{s})[0], "sequence %d alone", i)
			}
			order := rand.New(rand.NewPCG(3, 4)).Perm(len(seqs))
			shuffled := make([]engine.Sequence, len(seqs))
			for to, from := range order {
				shuffled[to] = seqs[from]
			}
			for to, got := range score(t, m, shuffled) {
				require.Equal(t, together[order[to]], got, "sequence %d at place %d", order[to], to)
			}
			// Scoring more tokens of a sequence leaves the scores of the later ones alone.
			for i, s := range seqs {
				s.From = 1
				all := score(t, m, []engine.Sequence{s})[0]
				require.Equal(t, together[i].LogProbs, all.LogProbs[seqs[i].From-1:])
			}
			// A common beginning has common scores.
			s := seqs[2]
			s.From = 1
			cut := engine.Sequence{Tokens: s.Tokens[:50], From: 1}
			both := score(t, m, []engine.Sequence{s, cut})
			require.Equal(t, both[0].LogProbs[:49], both[1].LogProbs)
		})
	}
}

func TestGenerateBitsDoNotDependOnSettings(t *testing.T) { // G1
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			// Pick sees the logits themselves: equal sums of their bits' hashes mean equal logits.
			run := func(opts engine.Options, limit int64) ([]engine.Generated, [][]float32) {
				opts.MemoryLimit = limit
				m := load(t, dir, opts)
				seen := make([][]float32, 9)
				var prompts []engine.Prompt
				for i, s := range sequences(shape.Vocab, 2, 3, 31, 32, 33, 64, 65, 128, 150) {
					prompts = append(prompts, engine.Prompt{Tokens: s.Tokens, MaxTokens: 1 + 9*(i%4)})
					if i%2 == 0 {
						prompts[i].Pick = func(step int, logits []float32) int32 {
							seen[i] = append(seen[i], logits...)
							return int32((step*31 + i) % shape.Vocab)
						}
					}
				}
				return generate(t, m, prompts), seen
			}
			tokens, logits := run(engine.Options{Threads: 1}, 0)
			for _, opts := range variants() {
				t2, l2 := run(opts, 0)
				require.Equal(t, tokens, t2, "%+v", opts)
				require.True(t, slices.EqualFunc(logits, l2, slices.Equal), "%+v", opts)
			}
		})
	}
}

func TestGenerateAgreesWithScore(t *testing.T) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			m := load(t, model(t, shape, 9), engine.Options{})
			var prompts []engine.Prompt
			for _, s := range sequences(shape.Vocab, 2, 20, 70, 33) {
				prompts = append(prompts, engine.Prompt{Tokens: s.Tokens, MaxTokens: 40, IgnoreEOS: true})
			}
			var seqs []engine.Sequence
			for i, g := range generate(t, m, prompts) {
				require.Len(t, g.Tokens, 40)
				require.Equal(t, engine.FinishLength, g.Finish)
				seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(prompts[i].Tokens, g.Tokens), From: len(prompts[i].Tokens)})
			}
			for i, s := range score(t, m, seqs) {
				assert.NotContains(t, s.Greedy, false, "what argmax generated is greedy, prompt %d", i)
			}
		})
	}
}

func TestGenerateWithinMemory(t *testing.T) {
	// A limit that holds one or two caches at a time makes prompts wait; their answers stay the same.
	dir := model(t, enginetest.Tiny(), 7)
	var prompts []engine.Prompt
	for _, s := range sequences(97, 30, 100, 64, 65, 10, 90) {
		prompts = append(prompts, engine.Prompt{Tokens: s.Tokens, MaxTokens: 30})
	}
	want := generate(t, load(t, dir, engine.Options{MaxBatchTokens: 16, Threads: 1}), prompts)
	limit := int64(1 << 10)
	for {
		limit += int64(shorttest.Few(8<<10, 40<<10))
		m, err := engine.Load(dir, engine.Options{MaxBatchTokens: 16, Threads: 1, MemoryLimit: limit})
		if err != nil {
			require.ErrorContains(t, err, "may be used")
			continue
		}
		tooLarge := 0
		require.NoError(t, m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
			if err != nil {
				assert.Regexp(t, fmt.Sprintf(`^%d tokens need a cache of .* MiB, only .* MiB may be used$`, len(prompts[i].Tokens)+29), err.Error())
				tooLarge++
			} else {
				assert.Equal(t, want[i], g, "prompt %d with %d bytes", i, limit)
			}
			return nil
		}))
		require.NoError(t, m.Close())
		if tooLarge == 0 {
			break
		}
	}
}

func TestBitsDoNotDependOnPacking(t *testing.T) {
	// With little memory weights stay as they are stored and every product packs what it reads.
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			packed := load(t, dir, engine.Options{MaxBatchTokens: 64})
			assert.GreaterOrEqual(t, packed.PackedBytes(), 2*(packed.Parameters()-int64(shape.Vocab*shape.Hidden)))
			assert.Greater(t, packed.MemoryBytes(), packed.PackedBytes())
			plain := load(t, dir, unpacked(t, dir, engine.Options{MaxBatchTokens: 64}))
			assert.Zero(t, plain.PackedBytes())
			seqs := sequences(shape.Vocab, 2, 33, 64, 40)
			assert.Equal(t, score(t, packed, seqs), score(t, plain, seqs))
		})
	}
}

// unpacked returns opts with as much memory as there can be without weights being packed.
func unpacked(t *testing.T, dir string, opts engine.Options) (most engine.Options) {
	for {
		opts.MemoryLimit += 16 << 10
		m, err := engine.Load(dir, opts)
		if err != nil {
			continue // too little to run at all
		}
		packed := m.PackedBytes() > 0
		require.NoError(t, m.Close())
		if packed {
			return most
		}
		most = opts
	}
}
