package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// scoreAll collects answers and errors.
func scoreAll(t *testing.T, m *engine.Model, seqs []engine.Sequence) ([]engine.Scored, []error) {
	t.Helper()
	out, errs := make([]engine.Scored, len(seqs)), make([]error, len(seqs))
	require.NoError(t, m.Score(context.Background(), seqs, func(i int, s engine.Scored, err error) error {
		out[i], errs[i] = s, err
		return nil
	}))
	return out, errs
}

func TestScoreItemErrors(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{})
	good := engine.Sequence{Tokens: []int32{1, 5, 7}, From: 1}
	out, errs := scoreAll(t, m, []engine.Sequence{
		good,
		{Tokens: nil, From: 0},
		{Tokens: []int32{4}, From: 1},
		{Tokens: []int32{4, 5}, From: 0},
		{Tokens: []int32{4, 5}, From: 2},
		{Tokens: []int32{4, 97}, From: 1},
		{Tokens: []int32{-1, 4}, From: 1},
		good,
	})
	require.NoError(t, errs[0])
	require.NoError(t, errs[7])
	assert.Equal(t, out[0], out[7])
	assert.EqualError(t, errs[1], "nothing to score: 0 tokens, scored from 0 on, of which at least one must precede")
	assert.ErrorContains(t, errs[2], "nothing to score: 1 tokens")
	assert.ErrorContains(t, errs[3], "nothing to score: 2 tokens, scored from 0 on")
	assert.ErrorContains(t, errs[4], "nothing to score: 2 tokens, scored from 2 on")
	assert.EqualError(t, errs[5], "token 97 at position 1 is outside the vocabulary of 97")
	assert.EqualError(t, errs[6], "token -1 at position 0 is outside the vocabulary of 97")
}

func TestNothingToDo(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{})
	require.NoError(t, m.Score(t.Context(), nil, nil))
	require.NoError(t, m.Generate(t.Context(), nil, nil))
}

func TestGenerateEnds(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 3)
	m := load(t, dir, engine.Options{})
	fixed := func(tokens ...int32) func(int, []float32) int32 {
		return func(step int, _ []float32) int32 { return tokens[step] }
	}
	prompts := []engine.Prompt{
		{Tokens: []int32{1}, MaxTokens: 0}, // G3
		{Tokens: []int32{1}, MaxTokens: 5, Pick: fixed(7, 8, 2, 9)},
		{Tokens: []int32{1}, MaxTokens: 5, Pick: fixed(2)},
		{Tokens: []int32{1}, MaxTokens: 3, Pick: fixed(7, 8, 9, 10)},
		{Tokens: []int32{1}, MaxTokens: 4, IgnoreEOS: true, Pick: fixed(7, 2, 2, 9)},
		{Tokens: []int32{1}, MaxTokens: 9, Pick: fixed(7, 8, 9, 10), Stop: func(g []int32) bool { return g[len(g)-1] == 9 }},
		{Tokens: []int32{1}, MaxTokens: 3, Pick: fixed(7, 8, 9), Stop: func(g []int32) bool { return len(g) == 3 }},
	}
	got := generate(t, m, prompts)
	assert.Equal(t, []engine.Generated{
		{Tokens: []int32{}, Finish: engine.FinishLength},
		{Tokens: []int32{7, 8}, Finish: engine.FinishEOS},
		{Tokens: []int32{}, Finish: engine.FinishEOS},
		{Tokens: []int32{7, 8, 9}, Finish: engine.FinishLength},
		{Tokens: []int32{7, 2, 2, 9}, Finish: engine.FinishLength},
		{Tokens: []int32{7, 8, 9}, Finish: engine.FinishStop},
		{Tokens: []int32{7, 8, 9}, Finish: engine.FinishStop},
	}, got)

	setConfig(t, dir, map[string]any{"eos_token_id": []int{8, 9}})
	got = generate(t, load(t, dir, engine.Options{}), prompts[1:2])
	assert.Equal(t, engine.Generated{Tokens: []int32{7}, Finish: engine.FinishEOS}, got[0])
}

func TestGenerateItemErrors(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{})
	errs := make([]error, 6)
	require.NoError(t, m.Generate(t.Context(), []engine.Prompt{
		{MaxTokens: 3}, // G2, length 0
		{Tokens: []int32{1}, MaxTokens: -1},
		{Tokens: []int32{97}, MaxTokens: 1},
		{Tokens: []int32{1}, MaxTokens: 2, Pick: func(int, []float32) int32 { return 97 }},
		{Tokens: []int32{1}, MaxTokens: math.MaxInt},
		{Tokens: []int32{1}, MaxTokens: 2},
	}, func(i int, g engine.Generated, err error) error {
		assert.Equal(t, i != 5, err != nil)
		errs[i] = err
		return nil
	}))
	assert.ErrorContains(t, errs[0], "empty prompt")
	assert.EqualError(t, errs[1], "max tokens is -1")
	assert.EqualError(t, errs[2], "token 97 at position 0 is outside the vocabulary of 97")
	assert.EqualError(t, errs[3], "picked token 97 is outside the vocabulary of 97")
	assert.ErrorContains(t, errs[4], "tokens, at most")
	assert.NoError(t, errs[5])
}

func TestLengthsAroundTheWindow(t *testing.T) {
	// G2: max_position_embeddings is the caller's business; scores continue past it and those before it stay.
	shape := enginetest.Tiny()
	shape.MaxPositions = 40
	m := load(t, model(t, shape, 5), engine.Options{})
	long := sequences(97, 200)[0]
	long.From = 1
	want := score(t, m, []engine.Sequence{long})[0].LogProbs
	for _, n := range []int{2, 39, 40, 41, 42, 100} {
		got := score(t, m, []engine.Sequence{{Tokens: long.Tokens[:n], From: 1}})[0].LogProbs
		assert.Equal(t, want[:n-1], got, n)
	}
	for _, n := range []int{1, 39, 40, 41} {
		g := generate(t, m, []engine.Prompt{{Tokens: long.Tokens[:n], MaxTokens: 3, IgnoreEOS: true}})[0]
		assert.Len(t, g.Tokens, 3)
	}
}

// poison sets all of one token's embedding to a value.
func poison(t *testing.T, dir string, token int, value float32) {
	t.Helper()
	change(t, dir, weightsName, func(content []byte) []byte {
		begin, _ := place(t, content, "model.embed_tokens.weight")
		for i := range 32 {
			binary.LittleEndian.PutUint32(content[begin+(token*32+i)*4:], math.Float32bits(value))
		}
		return content
	})
}

func TestNotFinite(t *testing.T) {
	// A9: NaN or infinity in weights shows in logits; the item fails, its neighbours do not notice. Where the first bad
	// logit lies must not depend on how the queries are cut, that is: keys to come take no part, not even as 0 * NaN.
	shape := enginetest.Tiny()
	shape.DType = "F32"
	for name, value := range map[string]float32{"NaN": float32(math.NaN()), "infinity": float32(math.Inf(1))} {
		t.Run("A9 "+name, func(t *testing.T) {
			dir := model(t, shape, 5)
			clean := load(t, model(t, shape, 5), engine.Options{})
			poison(t, dir, 96, value)
			seqs := sequences(96, 30, 90, 90, 20)
			seqs[1].From, seqs[2].From = 1, 1
			seqs[1].Tokens[37] = 96
			want := score(t, clean, []engine.Sequence{seqs[0], seqs[2], seqs[3]})
			for _, opts := range variants() {
				m := load(t, dir, opts)
				out, errs := scoreAll(t, m, seqs)
				require.ErrorIs(t, errs[1], engine.ErrNotFinite)
				require.EqualError(t, errs[1], "logits are not finite before token 38", "%+v", opts)
				require.Equal(t, want, []engine.Scored{out[0], out[2], out[3]}, "%+v", opts)

				var failed error
				require.NoError(t, m.Generate(t.Context(), []engine.Prompt{
					{Tokens: seqs[1].Tokens, MaxTokens: 2},
					{Tokens: seqs[2].Tokens, MaxTokens: 2},
				}, func(i int, g engine.Generated, err error) error {
					if i == 0 {
						failed = err
					} else {
						assert.NoError(t, err)
					}
					return nil
				}))
				require.ErrorIs(t, failed, engine.ErrNotFinite)
				require.EqualError(t, failed, "logits are not finite after 0 generated tokens")
			}
		})
	}
}

func TestAllZeroWeights(t *testing.T) {
	// A11: every logit is 0; ties go to the lowest id.
	dir := model(t, enginetest.Tiny(), 1)
	change(t, dir, weightsName, func(content []byte) []byte {
		clear(content[8+binary.LittleEndian.Uint64(content):])
		return content
	})
	m := load(t, dir, engine.Options{})
	s := score(t, m, []engine.Sequence{{Tokens: []int32{5, 0, 1, 96}, From: 1}})[0]
	assert.Equal(t, []bool{true, false, false}, s.Greedy)
	for _, p := range s.LogProbs {
		assert.InDelta(t, -math.Log(97), p, 1e-14)
	}
	g := generate(t, m, []engine.Prompt{{Tokens: []int32{5}, MaxTokens: 2}})[0]
	assert.Equal(t, []int32{0, 0}, g.Tokens)
}

func TestWeightsCutWhileRunning(t *testing.T) {
	// A12: a mapped file that is cut faults on access, which must end the call and not the program.
	shorttest.NeedsFaults(t)
	dir := model(t, enginetest.Tiny(), 1)
	m, err := engine.Load(dir, engine.Options{Threads: 2})
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(dir, weightsName), 0))
	seqs := []engine.Sequence{{Tokens: []int32{1, 2, 3}, From: 1}, {Tokens: []int32{4, 5}, From: 1}}
	err = m.Score(t.Context(), seqs, func(int, engine.Scored, error) error { return nil })
	require.ErrorContains(t, err, "items 0, 1: model.safetensors: changed while in use")
	assert.Regexp(t, `, now 0 bytes of [^ ]+; start again when nothing writes to it$`, err.Error())
	assert.NotContains(t, err.Error(), "\n")
	err = m.Generate(t.Context(), []engine.Prompt{{Tokens: []int32{1}, MaxTokens: 1}}, func(int, engine.Generated, error) error { return nil })
	require.ErrorContains(t, err, "items 0: model.safetensors: changed while in use")
	require.ErrorContains(t, m.Verify(), "changed while in use")
	assert.ErrorContains(t, m.Close(), "changed while in use")
}

// TestWeightsCutBeforeTheirDigest: a digest reads all weights, of the adapter too, and names the one that is not what was loaded.
func TestWeightsCutBeforeTheirDigest(t *testing.T) {
	shorttest.NeedsFaults(t)
	shape := enginetest.Tiny()
	for name, size := range map[string]int64{"cut": 0, "longer": 1 << 20} {
		dir, adapter := model(t, shape, 1), t.TempDir()
		require.NoError(t, enginetest.WriteAdapter(adapter, shape, adapters()["all"], 2))
		file := converted(t, dir, gguf.BF16, nil)
		for path, opts := range map[string]engine.Options{
			filepath.Join(dir, weightsName): {},
			file:                            {},
			filepath.Join(adapter, "adapter_model.safetensors"): {Adapter: adapter},
		} {
			from := filepath.Dir(path)
			switch path {
			case file:
				from = file
			case filepath.Join(adapter, "adapter_model.safetensors"):
				from = model(t, shape, 1)
			}
			m, err := engine.Load(from, opts)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(path, size))
			err = m.Identify()
			require.ErrorContains(t, err, filepath.Base(path)+": changed while in use", name)
			assert.NotContains(t, err.Error(), "\n")
			assert.Panics(t, func() { m.Digest() }, "whoever did not ask Identify")
			assert.ErrorContains(t, m.Close(), "changed while in use")
		}
	}
}

// TestWeightsOfAGuessingModelCut: the file that is named is the one that changed, and whose it is.
func TestWeightsOfAGuessingModelCut(t *testing.T) {
	shorttest.NeedsFaults(t)
	dir, small := model(t, enginetest.Tiny(), 1), model(t, enginetest.Tiny(), 2)
	other, err := engine.Load(small, engine.Options{Threads: 2})
	require.NoError(t, err)
	m, err := engine.Load(dir, engine.Options{Threads: 2, Draft: other})
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(small, weightsName), 0))
	err = m.Generate(t.Context(), []engine.Prompt{{Tokens: []int32{1, 7, 3}, MaxTokens: 40, IgnoreEOS: false}}, func(int, engine.Generated, error) error { return nil })
	require.ErrorContains(t, err, "the model that guesses: model.safetensors: changed while in use")
	assert.NotContains(t, err.Error(), "panicked")
	assert.Error(t, m.Close())
}

func TestChangedWeightsAnswerNothing(t *testing.T) {
	// A12: weights that another process overwrites in place are still mapped. What they give would be stored, and believed
	// ever after, as the answer of the weights that were loaded.
	for _, arithmetic := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		dir := model(t, enginetest.Tiny(), 1)
		m, err := engine.Load(dir, engine.Options{Threads: 1, DType: arithmetic})
		require.NoError(t, err)
		seqs := []engine.Sequence{{Tokens: []int32{1, 2, 3}, From: 1}}
		answers := 0
		count := func(int, engine.Scored, error) error { answers++; return nil }
		require.NoError(t, m.Score(t.Context(), seqs, count))
		require.Equal(t, 1, answers)
		path := filepath.Join(dir, weightsName)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		require.NoError(t, err)
		info, err := f.Stat()
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{0x40, 0x40}, info.Size()-2)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		later := info.ModTime().Add(time.Second) // the clock of some file systems is coarse
		require.NoError(t, os.Chtimes(path, later, later))
		require.ErrorContains(t, m.Score(t.Context(), seqs, count), "model.safetensors: changed while in use")
		err = m.Generate(t.Context(), []engine.Prompt{{Tokens: []int32{1}, MaxTokens: 2, IgnoreEOS: true}},
			func(int, engine.Generated, error) error { answers++; return nil })
		require.ErrorContains(t, err, "changed while in use")
		assert.Equal(t, 1, answers)
		assert.ErrorContains(t, m.Close(), "changed while in use")
	}
}

func TestDoneEndsTheCall(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{MaxBatchTokens: 4})
	full := errors.New("disk is full")
	seqs := sequences(97, 5, 5, 5, 5, 5)
	calls := 0
	require.ErrorIs(t, m.Score(t.Context(), seqs, func(int, engine.Scored, error) error { calls++; return full }), full)
	assert.Equal(t, 1, calls)
	prompts := []engine.Prompt{{Tokens: []int32{1}, MaxTokens: 1}, {Tokens: []int32{1}, MaxTokens: 1}, {MaxTokens: 1}}
	calls = 0
	require.ErrorIs(t, m.Generate(t.Context(), prompts[:2], func(int, engine.Generated, error) error { calls++; return full }), full)
	assert.Equal(t, 1, calls)
	require.ErrorIs(t, m.Generate(t.Context(), prompts[2:], func(int, engine.Generated, error) error { return full }), full)
	require.Len(t, score(t, m, seqs), 5, "the model is still good")
}

func TestCancel(t *testing.T) {
	// G5: a call ends with its context, at whatever point of a forward pass that happens, and the model stays usable.
	dir := model(t, odd(), 1)
	m := load(t, dir, engine.Options{Threads: 2})
	seqs := sequences(131, 200, 300, 100)
	want := score(t, m, seqs)
	stop := context.Canceled
	for polls := 1; ; polls = polls*2 + 1 {
		ctx := countdownFrom(polls)
		delivered := 0
		err := m.Score(ctx, seqs, func(i int, s engine.Scored, err error) error {
			assert.Equal(t, want[i], s)
			delivered++
			return err
		})
		if err == nil {
			assert.Equal(t, 3, delivered)
			break
		}
		require.ErrorIs(t, err, stop)
		require.Zero(t, delivered)
		ctx = countdownFrom(polls)
		require.ErrorIs(t, m.Generate(ctx, []engine.Prompt{{Tokens: seqs[1].Tokens, MaxTokens: 200, IgnoreEOS: true}},
			func(int, engine.Generated, error) error { return nil }), stop)
	}
	require.Equal(t, want, score(t, m, seqs))

	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, m.Score(cancelled, seqs, nil), stop)
	assert.ErrorIs(t, m.Generate(cancelled, nil, nil), stop)
}

// countdown is a context that ends after it has been asked a number of times: cancellation without a clock.
type countdown struct {
	context.Context
	left atomic.Int64
}

func countdownFrom(polls int) *countdown {
	c := &countdown{Context: context.Background()}
	c.left.Store(int64(polls))
	return c
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestNoGoroutineSurvives(t *testing.T) {
	// G7: synctest fails when a goroutine of the bubble is left over.
	dir := model(t, enginetest.Tiny(), 1)
	synctest.Test(t, func(t *testing.T) {
		m, err := engine.Load(dir, engine.Options{Threads: 4})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		seqs := sequences(97, 50, 60, 70)
		require.NoError(t, m.Score(ctx, seqs, func(int, engine.Scored, error) error { return nil }))
		calls := 0
		require.ErrorIs(t, m.Generate(ctx, []engine.Prompt{{Tokens: []int32{1}, MaxTokens: 1 << 10, IgnoreEOS: true, Stop: func(g []int32) bool {
			if len(g) == 5 {
				cancel()
			}
			return false
		}}}, func(int, engine.Generated, error) error { calls++; return nil }), context.Canceled)
		assert.Zero(t, calls)
		require.NoError(t, m.Close())
		synctest.Wait()
	})
}

func TestCallsTakeTurns(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{Threads: 2})
	seqs := sequences(97, 50, 60, 70)
	want := score(t, m, seqs)
	results := make(chan []engine.Scored)
	const callers = 4
	for range callers {
		go func() {
			out := make([]engine.Scored, len(seqs))
			assert.NoError(t, m.Score(context.Background(), seqs, func(i int, s engine.Scored, err error) error {
				out[i] = s
				return err
			}))
			results <- out
		}()
	}
	for range callers {
		assert.Equal(t, want, <-results)
	}
	// A call from inside done would wait for itself; with a context that ends it gives up.
	ctx, cancel := context.WithCancel(context.Background())
	require.ErrorIs(t, m.Score(context.Background(), seqs[:1], func(int, engine.Scored, error) error {
		cancel()
		return m.Score(ctx, seqs, nil)
	}), context.Canceled)
}
