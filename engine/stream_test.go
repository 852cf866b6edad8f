package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// deep is a model of which some steps fit where all do not.
func deep(dtype string, tied bool) enginetest.Shape {
	return enginetest.Shape{Hidden: 96, Intermediate: 160, Layers: 5, Heads: 6, KVHeads: 2, Vocab: 130, MaxPositions: 128, DType: dtype, Tied: tied}
}

// budgets are memory limits of a model from the least with which it streams up to where it fits: without weights that stay,
// with some, and with most.
// Its caches hold sequences of a length. With -short there is the least alone: each step to the next takes a pass through the model.
func budgets(t *testing.T, dir string, opts engine.Options, longest int) (list []engine.Options) {
	t.Helper()
	opts.Kernel = engine.Kernels()[0] // measuring them anew for every load would take longer than the test
	opts.MemoryLimit = 64 << 10
	for step := int64(16 << 10); opts.MemoryLimit < 256<<20; opts.MemoryLimit += step {
		m, err := engine.Load(dir, opts)
		if err != nil {
			continue // too little to run at all
		}
		streamed, packed, bytes := m.StreamedBytes(), m.PackedBytes(), m.WeightBytes()
		step = max(1<<10, bytes/8)
		fits := m.Generate(t.Context(), []engine.Prompt{{Tokens: make([]int32, longest), MaxTokens: 1}}, func(_ int, _ engine.Generated, err error) error { return err }) == nil
		require.NoError(t, m.Close())
		switch {
		case streamed == 0 && (packed > 0 || len(list) > 0): // all of it fits
			return list
		case fits && streamed > 0 && (len(list) == 0 || len(list) == 1 && packed > bytes/3 || len(list) == 2 && packed > bytes/2):
			if list = append(list, opts); testing.Short() {
				return list
			}
		}
	}
	return list
}

// TestStreamedBitsAreThoseInMemory: weights that are read again for every batch give the bits of weights in memory, whatever
// the budget, the arithmetic, the kind of file and the stored format, scoring and generating.
func TestStreamedBitsAreThoseInMemory(t *testing.T) {
	places := map[string]string{
		"bf16": model(t, deep("BF16", false), 51), "f16 tied": model(t, deep("F16", true), 52), "f32": model(t, deep("F32", false), 53),
		"gguf":                                  converted(t, model(t, deep("BF16", false), 54), gguf.BF16, nil),
		"gguf with heads that no panel divides": converted(t, model(t, enginetest.Shape{Hidden: 144, Intermediate: 160, Layers: 5, Heads: 6, KVHeads: 2, Vocab: 130, MaxPositions: 128, DType: "BF16"}, 54), gguf.BF16, nil),

		"one layer": model(t, enginetest.Shape{Hidden: 64, Intermediate: 200, Layers: 1, Heads: 4, KVHeads: 4, Vocab: 900, MaxPositions: 128}, 55),
	}
	for name, dir := range shorttest.Fewer(places, "gguf with heads that no panel divides") {
		t.Run(name, func(t *testing.T) { assert.Len(t, streamsLikeMemory(t, dir, "", 128), len(engine.Readings())) })
	}
}

// TestStreamedQuantisedBits is the same for files whose weights are a few bits each.
func TestStreamedQuantisedBits(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "goldens/gguf"), "*.gguf"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		if name := filepath.Base(file); slices.Contains([]string{"Q2_K.gguf", "Q3_K_M.gguf", "Q4_K_M.gguf", "Q6_K-pure.gguf"}[:shorttest.Few(4, 1)], name) {
			t.Run(name, func(t *testing.T) { t.Log(streamsLikeMemory(t, file, "", 100)) })
		}
	}
}

// TestStreamedAdapterBits is the same for a model with an adapter, which is merged into weights each time that they are read.
func TestStreamedAdapterBits(t *testing.T) {
	shape := deep("BF16", false)
	dir := model(t, shape, 51)
	for _, name := range []string{"all", "saved"}[:shorttest.Few(2, 1)] {
		t.Run(name, func(t *testing.T) {
			adapter := t.TempDir()
			require.NoError(t, enginetest.WriteAdapter(adapter, shape, adapters()[name], 52))
			assert.Len(t, streamsLikeMemory(t, dir, adapter, 128), len(engine.Readings()))
			seqs := tokenSequences(shape.Vocab, 2, 40)
			assert.NotEqual(t, score(t, load(t, dir, engine.Options{}), seqs), score(t, load(t, dir, engine.Options{Adapter: adapter}), seqs))
		})
	}
}

// streamsLikeMemory compares a model in memory with the same under budgets, for all ways to read what is streamed. It returns those
// that were used: blocks that stay as they are stored are only mapped. With -short each way has one of the arithmetics.
func streamsLikeMemory(t *testing.T, dir, adapter string, longest int) (used map[string]bool) {
	used = map[string]bool{}
	dtypes := []engine.DType{engine.F32, engine.BF16, engine.Q8}
	for k, d := range dtypes {
		inMemory := load(t, dir, engine.Options{DType: d, Adapter: adapter, Threads: 1, NoPrefixReuse: true})
		require.Zero(t, inMemory.StreamedBytes())
		var seqs []engine.Sequence
		var prompts []engine.Prompt
		for i, s := range related(inMemory.Config().VocabSize, shorttest.Few(24, 4)) {
			if len(s) < 2 || len(s) > longest-10 {
				continue
			}
			seqs = append(seqs, engine.Sequence{Tokens: s, From: 1 + i%(len(s)-1)})
			prompts = append(prompts, engine.Prompt{Tokens: s, MaxTokens: 1 + i%9, IgnoreEOS: true})
		}
		scored, generated := score(t, inMemory, seqs), generate(t, inMemory, prompts)
		list := budgets(t, dir, engine.Options{DType: d, Adapter: adapter, Threads: 2, MaxBatchTokens: 70}, longest)
		require.NotEmpty(t, list, "%s streams with some budget", d)
		for i, o := range list {
			for j, way := range engine.Readings() {
				if i > 0 && (i+j)%len(list) != 0 {
					continue // all ways with the smallest budget, in which most is streamed
				}
				if testing.Short() && j%len(dtypes) != k {
					continue // each way in one arithmetic
				}
				o.Reading = way
				m := load(t, dir, o)
				require.Equal(t, scored, score(t, m, seqs), "%+v", o)
				require.Equal(t, generated, generate(t, m, prompts), "%+v", o)
				require.Equal(t, m.Reading() != "mapped", m.ReadBytes() > 0)
				used[m.Reading()] = true
			}
		}
	}
	return used
}

// TestStreamingMeetsCancellation: a call that ends between two steps leaves the next one whole.
func TestStreamingMeetsCancellation(t *testing.T) {
	dir := model(t, deep("BF16", false), 51)
	o := budgets(t, dir, engine.Options{Threads: 2, MaxBatchTokens: 70}, 100)[0]
	for _, o.Reading = range engine.Readings() {
		m := load(t, dir, o)
		seqs := tokenSequences(130, 6, 60)
		want := score(t, m, seqs)
		ended := 0
		for polls := 1; polls < 400; polls += shorttest.Few(7, 49) {
			ctx := countdownFrom(polls)
			err := m.Score(ctx, seqs, func(_ int, _ engine.Scored, err error) error { return err })
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
				ended++
			}
		}
		assert.Positive(t, ended)
		require.Equal(t, want, score(t, m, seqs), o.Reading)
	}
}

// TestStreamedWeightsThatChange: a file that is cut short, or changed, while weights are read again is an error with its
// name, and nothing is answered.
func TestStreamedWeightsThatChange(t *testing.T) {
	shape := deep("BF16", false)
	budget := budgets(t, model(t, shape, 51), engine.Options{Threads: 2, MaxBatchTokens: 70}, 100)[0]
	for name, harm := range map[string]func(path string) error{
		"cut short": func(path string) error { return os.Truncate(path, 4096) },
		"touched":   func(path string) error { return os.Chtimes(path, time.Now(), time.Unix(1, 0)) },
	} {
		for _, way := range engine.Readings() {
			t.Run(name+" "+way, func(t *testing.T) {
				dir, o := model(t, shape, 51), budget
				o.Reading = way
				m, err := engine.Load(dir, o)
				require.NoError(t, err)
				require.NoError(t, harm(filepath.Join(dir, weightsName)))
				answered := 0
				err = m.Score(t.Context(), tokenSequences(130, 6, 60), func(int, engine.Scored, error) error { answered++; return nil })
				require.ErrorContains(t, err, "model.safetensors: changed while in use")
				assert.NotContains(t, err.Error(), "\n")
				assert.Zero(t, answered)
				assert.ErrorContains(t, m.Close(), "changed while in use")
			})
		}
	}
}

// TestSpilledCaches: keys and values that memory has no room for lie in a file that has no name, so that it is gone with the
// process whatever ends it; answers do not depend on it, and what neither memory nor disk holds is said as before.
func TestSpilledCaches(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("files without a name are Linux's")
	}
	dir, disk := model(t, deep("BF16", false), 51), t.TempDir()
	o := budgets(t, dir, engine.Options{Threads: 2, MaxBatchTokens: 70}, 100)[0]
	var prompts []engine.Prompt
	for i, s := range related(130, shorttest.Few(40, 20)) {
		prompts = append(prompts, engine.Prompt{Tokens: s[:min(len(s), 110)], MaxTokens: 1 + i%15, IgnoreEOS: true})
	}
	want := generate(t, load(t, dir, engine.Options{Threads: 1}), prompts)
	o.SpillDir = disk
	m := load(t, dir, o)
	seen := false
	require.NoError(t, m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
		require.Equal(t, want[i], g)
		if !seen {
			names, rerr := os.ReadDir(disk)
			require.NoError(t, rerr)
			require.Empty(t, names, "the file has no name")
			maps, rerr := os.ReadFile("/proc/self/maps")
			require.NoError(t, rerr)
			seen = strings.Contains(string(maps), disk)
		}
		return err
	}))
	assert.True(t, seen, "there is a file")
	o.SpillDir = filepath.Join(disk, "missing")
	assert.Equal(t, want, generateOrSay(t, load(t, dir, o), prompts, want), "without a disk what fits is answered")
}

// generateOrSay is generate for prompts of which some need more cache than there is: these get what is wanted.
func generateOrSay(t *testing.T, m *engine.Model, prompts []engine.Prompt, want []engine.Generated) []engine.Generated {
	out := make([]engine.Generated, len(prompts))
	require.NoError(t, m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
		if out[i] = g; err != nil {
			require.Regexp(t, `^\d+ tokens need a cache of .* MiB, only .* MiB may be used$`, err.Error())
			out[i] = want[i]
		}
		return nil
	}))
	return out
}

// TestSmallestBudget: what the refusal of a budget names is enough, anything less is refused, and it is a part of the weights. With
// it every sequence that its caches hold has the bits of weights in memory: activations never need more than the smallest
// batch's, so they need not go to a disk.
func TestSmallestBudget(t *testing.T) {
	dir := model(t, enginetest.Shape{Hidden: shorttest.Few(256, 128), Intermediate: shorttest.Few(700, 350), Layers: 24, Heads: 4, KVHeads: 2, Vocab: 300, MaxPositions: 256, DType: "BF16"}, 62)
	seqs := tokenSequences(300, shorttest.Few(5, 2), shorttest.Few(30, 6))
	for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		_, err := engine.Load(dir, engine.Options{DType: d, Threads: 2, MemoryLimit: 1})
		var refused *engine.MemoryError
		require.ErrorAs(t, err, &refused)
		var need float64
		_, err = fmt.Sscanf(refused.Needs, "needs %f MiB", &need)
		require.NoError(t, err)
		_, err = engine.Load(dir, engine.Options{DType: d, Threads: 2, MemoryLimit: int64((need - .1) * (1 << 20))})
		require.ErrorAs(t, err, &refused)
		least := load(t, dir, engine.Options{DType: d, Threads: 2, MemoryLimit: int64((need + .1) * (1 << 20))})
		require.Less(t, int64(need*(1<<20)), least.WeightBytes()/4)
		require.Contains(t, least.Streaming(), "products read the", "how weights are used that not even two steps have room for is said")
		whole := load(t, dir, engine.Options{DType: d, Threads: 1})
		require.Empty(t, whole.Streaming())
		require.Equal(t, score(t, whole, seqs), score(t, least, seqs))
	}
}
