package engine_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// related returns sequences that share beginnings of all sorts: headers, contexts under them, endings of a token or a
// hundred, prefixes of each other, and equal ones.
func related(vocab, n int) [][]int32 {
	rng := rand.New(rand.NewPCG(21, 22))
	more := func(s []int32, n int) []int32 {
		s = slices.Clone(s)
		for range n {
			s = append(s, int32(rng.IntN(vocab)))
		}
		return s
	}
	list := [][]int32{more(nil, 70)}
	for len(list) < n {
		from := list[rng.IntN(len(list))]
		keep := len(from)
		if rng.IntN(3) == 0 {
			keep = rng.IntN(len(from) + 1)
		}
		if rng.IntN(12) == 0 {
			keep = 0
		}
		length := []int{0, 1, 2, 3, 9, 40, 90}[rng.IntN(7)]
		if keep+length < 2 || keep+length > 260 {
			continue
		}
		list = append(list, more(from[:keep], length))
	}
	return list
}

func TestScoreBitsDoNotDependOnReuse(t *testing.T) { // G1
	rng := rand.New(rand.NewPCG(23, 24))
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			var seqs []engine.Sequence
			for _, s := range related(shape.Vocab, shorttest.Few(60, 20)) {
				if len(s) > 1 {
					seqs = append(seqs, engine.Sequence{Tokens: s, From: 1 + rng.IntN(len(s)-1)})
				}
			}
			want := score(t, load(t, dir, engine.Options{NoPrefixReuse: true, Threads: 1}), seqs)
			for _, opts := range variants() {
				require.Equal(t, want, score(t, load(t, dir, opts), seqs), "%+v", opts)
			}
			m := load(t, dir, engine.Options{MaxBatchTokens: 100, Threads: 3})
			for range shorttest.Few(3, 1) {
				order := rng.Perm(len(seqs))
				some := make([]engine.Sequence, rng.IntN(len(seqs)))
				for to := range some {
					some[to] = seqs[order[to]]
				}
				for to, got := range score(t, m, some) {
					require.Equal(t, want[order[to]], got)
				}
			}
		})
	}
}

func TestGenerateBitsDoNotDependOnReuse(t *testing.T) { // G1
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			texts := related(shape.Vocab, shorttest.Few(40, 15))
			run := func(opts engine.Options, order []int) ([]engine.Generated, [][]float32) {
				seen := make([][]float32, len(texts))
				prompts := make([]engine.Prompt, len(texts))
				for to, i := range order {
					prompts[to] = engine.Prompt{Tokens: texts[i], MaxTokens: 1 + i%7}
					if i%2 == 0 {
						prompts[to].Pick = func(step int, logits []float32) int32 {
							seen[i] = append(seen[i], logits...)
							return int32((step*31 + i) % shape.Vocab)
						}
					}
				}
				out := make([]engine.Generated, len(texts))
				for to, g := range generate(t, load(t, dir, opts), prompts) {
					out[order[to]] = g
				}
				return out, seen
			}
			order := make([]int, len(texts))
			for i := range order {
				order[i] = i
			}
			tokens, logits := run(engine.Options{NoPrefixReuse: true, Threads: 1}, order)
			for i, opts := range variants() {
				t2, l2 := run(opts, rand.New(rand.NewPCG(25, uint64(i))).Perm(len(texts)))
				require.Equal(t, tokens, t2, "%+v", opts)
				require.True(t, slices.EqualFunc(logits, l2, slices.Equal), "%+v", opts)
			}
		})
	}
}

func TestReuseWithinMemory(t *testing.T) {
	// Whatever the memory holds, what can be answered without reuse can be answered with it, and in the same way.
	dir := model(t, enginetest.Tiny(), 7)
	var seqs []engine.Sequence
	var prompts []engine.Prompt
	for i, s := range related(97, shorttest.Few(40, 20)) {
		if len(s) > 1 {
			seqs = append(seqs, engine.Sequence{Tokens: s, From: 1 + i%(len(s)-1)})
		}
		prompts = append(prompts, engine.Prompt{Tokens: s, MaxTokens: 1 + i%20})
	}
	answers := func(limit int64, without bool) (scored []engine.Scored, generated []engine.Generated, errs []error) {
		m, err := engine.Load(dir, engine.Options{MaxBatchTokens: 32, Threads: 1, MemoryLimit: limit, NoPrefixReuse: without})
		require.NoError(t, err)
		defer func() { assert.NoError(t, m.Close()) }()
		scored, generated = make([]engine.Scored, len(seqs)), make([]engine.Generated, len(prompts))
		errs = make([]error, len(seqs)+len(prompts))
		require.NoError(t, m.Score(t.Context(), seqs, func(i int, s engine.Scored, err error) error {
			scored[i], errs[i] = s, err
			return nil
		}))
		require.NoError(t, m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
			generated[i], errs[len(seqs)+i] = g, err
			return nil
		}))
		return scored, generated, errs
	}
	smallest := int64(1 << 10)
	for ; ; smallest += 4 << 10 {
		m, err := engine.Load(dir, engine.Options{MaxBatchTokens: 32, Threads: 1, MemoryLimit: smallest})
		if err == nil {
			require.NoError(t, m.Close())
			break
		}
	}
	failed := 0
	for limit := smallest; limit < smallest+200<<10; limit += int64(shorttest.Few(12, 48)) << 10 {
		s1, g1, e1 := answers(limit, true)
		s2, g2, e2 := answers(limit, false)
		require.Equal(t, s1, s2, limit)
		require.Equal(t, g1, g2, limit)
		require.Equal(t, e1, e2, limit)
		for _, err := range e1 {
			if err != nil {
				failed++
			}
		}
	}
	assert.Positive(t, failed, "some limits are too small for some")
}

func TestNotFiniteBehindSharedPrefix(t *testing.T) {
	// A9: a bad ending fails alone, not its neighbours, and not what comes before it.
	shape := enginetest.Tiny()
	shape.DType = "F32"
	dir := model(t, shape, 5)
	clean := load(t, model(t, shape, 5), engine.Options{})
	poison(t, dir, 96, float32(math.NaN()))
	var seqs []engine.Sequence
	for _, s := range related(96, shorttest.Few(30, 12)) {
		if len(s) > 1 {
			seqs = append(seqs, engine.Sequence{Tokens: s, From: 1})
		}
	}
	want := score(t, clean, seqs)
	var mixed []engine.Sequence
	for _, s := range seqs {
		mixed = append(mixed, s, engine.Sequence{Tokens: append(slices.Clone(s.Tokens), 96, 5, 6), From: 1})
	}
	for _, opts := range []engine.Options{{}, {Threads: 1, MaxBatchTokens: 9}, {NoPrefixReuse: true}} {
		out, errs := scoreAll(t, load(t, dir, opts), mixed)
		for i, s := range seqs {
			require.NoError(t, errs[2*i])
			require.Equal(t, want[i], out[2*i])
			require.ErrorIs(t, errs[2*i+1], engine.ErrNotFinite)
			require.ErrorContains(t, errs[2*i+1], "before token "+strconv.Itoa(len(s.Tokens)+1))
		}
	}
}
