package engine_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// converted writes the model of a directory as a GGUF file and returns its path.
func converted(t testing.TB, dir string, kind gguf.Type, change func(*gguftest.File)) string {
	t.Helper()
	f, err := gguftest.FromDirectory(dir, kind)
	require.NoError(t, err)
	if change != nil {
		change(f)
	}
	path := filepath.Join(t.TempDir(), "model.gguf")
	require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
	return path
}

// tokenSequences are made-up token sequences of various lengths, scored from the second token on.
func tokenSequences(vocab, n, length int) []engine.Sequence {
	var list []engine.Sequence
	for i := range n {
		s := engine.Sequence{From: 1}
		for j := range 2 + (length*(i+1))/n {
			s.Tokens = append(s.Tokens, int32((i*7919+j*j*31+j*17+1)%vocab))
		}
		list = append(list, s)
	}
	return list
}

// storing is a shape that stores its weights in a type, with grouped heads and rows that Q8_0 fits.
func storing(dtype string, tied bool) enginetest.Shape {
	s := enginetest.Tiny()
	s.Hidden, s.Intermediate, s.Heads, s.KVHeads, s.DType, s.Tied = 64, 96, 8, 2, dtype, tied
	return s
}

// TestGGUFHasTheBitsOfItsDirectory: what a file stores without loss gives every log-probability of the directory that it was
// made from, to the bit, in every arithmetic, packed and unpacked.
func TestGGUFHasTheBitsOfItsDirectory(t *testing.T) {
	limits := []int64{0, 24 << 20}
	for _, c := range []struct {
		name string
		kind gguf.Type
		dir  func(t *testing.T) string
	}{
		{"F32", gguf.F32, func(t *testing.T) string { return model(t, storing("F32", false), 5) }},
		{"F16", gguf.F16, func(t *testing.T) string { return model(t, storing("F16", false), 6) }},
		{"BF16 tied", gguf.BF16, func(t *testing.T) string { return model(t, storing("BF16", true), 7) }},
		{"BF16 as F32", gguf.F32, func(t *testing.T) string { return model(t, storing("BF16", false), 8) }},
		{"stories260k", gguf.F32, func(t *testing.T) string { return shared.Path(t, "models/stories260k") }},
		{"mha-bf16", gguf.BF16, func(t *testing.T) string { return shared.Path(t, "goldens/engine/mha-bf16") }},
		{"gqa-f16-tied", gguf.F16, func(t *testing.T) string { return shared.Path(t, "goldens/engine/gqa-f16-tied") }},
	} {
		if testing.Short() && strings.Contains(c.name, "-") {
			continue // the golden models are large
		}
		t.Run(c.name, func(t *testing.T) {
			dir := c.dir(t)
			path := converted(t, dir, c.kind, nil)
			for _, dtype := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
				for _, limit := range limits {
					o := engine.Options{DType: dtype, MemoryLimit: limit, MaxBatchTokens: 64}
					want := load(t, dir, o)
					got := load(t, path, o)
					seqs := tokenSequences(want.Config().VocabSize, 5, 60)
					require.Equal(t, score(t, want, seqs), score(t, got, seqs), "%s, limit %d", dtype, limit)
					assert.Equal(t, want.Parameters(), got.Parameters())
				}
			}
		})
	}
}

// TestGGUFRopeFactors: the factors that the conversion makes of Llama 3.1's scaling are recognised, and give its bits.
func TestGGUFRopeFactors(t *testing.T) {
	shape := storing("BF16", false)
	shape.HeadDim = 64
	shape.Config = map[string]any{"rope_theta": 500000.0, "rope_scaling": map[string]any{
		"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
	dir := model(t, shape, 9)
	path := converted(t, dir, gguf.BF16, nil)
	want, got := load(t, dir, engine.Options{}), load(t, path, engine.Options{})
	assert.Equal(t, want.Config().RopeScaling, got.Config().RopeScaling)
	seqs := tokenSequences(want.Config().VocabSize, 3, 90)
	assert.Equal(t, score(t, want, seqs), score(t, got, seqs))

	_, err := engine.Load(converted(t, dir, gguf.BF16, func(f *gguftest.File) {
		factors := f.Tensor("rope_freqs.weight")
		factors.Data = gguftest.Encode(make([]float32, 32), gguf.F32)
	}), engine.Options{})
	assert.ErrorContains(t, err, "model.gguf: rope_freqs.weight is not the scaling of Llama 3.1")
	ones := make([]float32, 32)
	for i := range ones {
		ones[i] = 1
	}
	plain := load(t, converted(t, dir, gguf.BF16, func(f *gguftest.File) {
		f.Tensor("rope_freqs.weight").Data = gguftest.Encode(ones, gguf.F32)
	}), engine.Options{})
	assert.Zero(t, plain.Config().RopeScaling)
}

// TestGGUFLossyTypes measures what F16, BF16 and Q8_0 files of an F32 model change (docs/models.md has the figures).
func TestGGUFLossyTypes(t *testing.T) {
	dir := shared.Path(t, "models/stories260k")
	want := load(t, dir, engine.Options{})
	seqs := tokenSequences(512, 4, 120)
	exact := score(t, want, seqs)
	for _, c := range []struct {
		kind          gguf.Type
		stored        string
		mean, largest float64
	}{
		{gguf.F16, "float16", 0.004, 0.02}, {gguf.BF16, "bfloat16", 0.03, 0.25}, {gguf.Q8_0, "q8_0", 0.09, 0.5},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			m := load(t, converted(t, dir, c.kind, nil), engine.Options{})
			assert.Equal(t, c.stored, m.Config().StoredDType)
			sum, most, n := 0.0, 0.0, 0
			for i, s := range score(t, m, seqs) {
				for j, p := range s.LogProbs {
					d := math.Abs(p - exact[i].LogProbs[j])
					sum, most, n = sum+d, max(most, d), n+1
				}
			}
			t.Logf("%d tokens: mean drift %.5f, largest %.5f", n, sum/float64(n), most)
			assert.Less(t, sum/float64(n), c.mean)
			assert.Less(t, most, c.largest)
			assert.Greater(t, most, 0.0)
		})
	}
}

// TestGGUFQ8Values: a Q8_0 file has the bits of a directory that stores scale times integer in F32.
func TestGGUFQ8Values(t *testing.T) {
	dir := model(t, storing("F32", false), 11)
	quantised := converted(t, dir, gguf.Q8_0, nil)
	widened := converted(t, dir, gguf.Q8_0, func(f *gguftest.File) {
		for i := range f.Tensors {
			if tensor := &f.Tensors[i]; tensor.Type == uint32(gguf.Q8_0) {
				tensor.Type, tensor.Data = uint32(gguf.F32), plainQ8(tensor.Data)
			}
		}
	})
	seqs := tokenSequences(97, 4, 60)
	for _, dtype := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		for _, limit := range []int64{0, 24 << 20} {
			o := engine.Options{DType: dtype, MemoryLimit: limit, MaxBatchTokens: 64}
			m := load(t, quantised, o)
			assert.Equal(t, "q8_0", m.Config().StoredDType)
			assert.Equal(t, score(t, load(t, widened, o), seqs), score(t, m, seqs), "%s", dtype)
		}
	}
}

// plainQ8 decodes Q8_0 without the reader's help.
func plainQ8(blocks []byte) []byte {
	var values []float32
	for ; len(blocks) > 0; blocks = blocks[34:] {
		h := uint16(blocks[0]) | uint16(blocks[1])<<8
		fraction, exponent := float64(h&0x3ff), int(h>>10&0x1f)
		scale := math.Ldexp(1+fraction/1024, exponent-15)
		if exponent == 0 {
			scale = math.Ldexp(fraction/1024, -14)
		}
		for _, q := range blocks[2:34] {
			values = append(values, float32(scale*float64(int8(q))))
		}
	}
	return gguftest.Encode(values, gguf.F32)
}

// TestGGUFConfig: the metadata give the directory's configuration.
func TestGGUFConfig(t *testing.T) {
	for _, name := range []string{"models/stories260k", "goldens/engine/mha-bf16", "goldens/engine/gqa-f16-tied"} {
		t.Run(name, func(t *testing.T) {
			dir := shared.Path(t, name)
			want, err := engine.ReadConfig(dir)
			require.NoError(t, err)
			got, err := engine.ReadConfig(converted(t, dir, gguf.F32, nil))
			require.NoError(t, err)
			assert.InDelta(t, want.RMSNormEps, got.RMSNormEps, 1e-12, "float32 in the file")
			got.RMSNormEps = want.RMSNormEps
			if _, err := os.Stat(filepath.Join(dir, "tokenizer.model")); err != nil {
				got.BOS, got.EOS = want.BOS, want.EOS // the golden models have no vocabulary
			}
			assert.Equal(t, want, got)
		})
	}
}

// TestGGUFDigest: the identity is the file's digest, and whoever remembers it is asked.
func TestGGUFDigest(t *testing.T) {
	path := converted(t, model(t, storing("BF16", false), 12), gguf.BF16, nil)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	assert.Equal(t, "sha256:"+hex.EncodeToString(sum[:]), load(t, path, engine.Options{}).Digest())
	asked := load(t, path, engine.Options{Sum: func(asked string, info fs.FileInfo, given []byte) [32]byte {
		assert.Equal(t, path, asked)
		assert.Equal(t, int64(len(given)), info.Size())
		return [32]byte{1}
	}})
	assert.Equal(t, "sha256:01"+hex.EncodeToString(make([]byte, 31)), asked.Digest())
}

// TestGGUFRefusals: what the metadata say and the engine does not do is refused with the reason.
func TestGGUFRefusals(t *testing.T) {
	dir := model(t, storing("BF16", false), 13)
	drop := func(name string) func(*gguftest.File) {
		return func(f *gguftest.File) {
			for i, x := range f.Tensors {
				if x.Name == name {
					f.Tensors = append(f.Tensors[:i:i], f.Tensors[i+1:]...)
					return
				}
			}
		}
	}
	set := func(key string, v any) func(*gguftest.File) { return func(f *gguftest.File) { f.Set(key, v) } }
	add := func(name string) func(*gguftest.File) {
		return func(f *gguftest.File) {
			f.Tensors = append(f.Tensors, gguftest.Tensor{Name: name, Dims: []uint64{64}, Data: make([]byte, 256)})
		}
	}
	for _, c := range []struct {
		name   string
		change func(*gguftest.File)
		want   string
	}{
		{"architecture", set("general.architecture", "mamba"), `model.gguf: general.architecture "mamba" is not supported: layers that keep a state instead of attention are not implemented; supported are llama, qwen2, qwen3, gemma2`},
		{"another architecture's keys", set("general.architecture", "qwen2"), "model.gguf: qwen2.embedding_length: missing"},
		{"no architecture", set("general.architecture", nil), "general.architecture: missing"},
		{"adapter", set("general.type", "adapter"), `general.type "adapter" is not supported`},
		{"parts", set("split.count", uint32(3)), "the first of 3 parts"},
		{"no size", set("llama.embedding_length", nil), "llama.embedding_length: missing"},
		{"size of text", set("llama.embedding_length", "64"), "llama.embedding_length: want an integer, found string"},
		{"size zero", set("llama.block_count", uint32(0)), "llama.block_count: 0 is not between 1"},
		{"size huge", set("llama.context_length", uint64(1)<<40), "llama.context_length: 1099511627776 is not between 1"},
		{"layers that are not there", set("llama.block_count", uint32(1<<30)), "tensor blk.2.attn_norm.weight is missing"},
		{"width per layer", set("llama.feed_forward_length", []int32{1, 2}), "llama.feed_forward_length: a value for each layer is not supported"},
		{"heads that do not divide", set("llama.attention.head_count_kv", uint32(3)), "head_count_kv 3 does not divide head_count 8"},
		{"part of a head turns", set("llama.rope.dimension_count", uint32(4)), "llama.rope.dimension_count is 4 where a head has 8"},
		{"epsilon", set("llama.attention.layer_norm_rms_epsilon", float32(math.NaN())), "layer_norm_rms_epsilon: NaN is not a number"},
		{"yarn without a factor", set("llama.rope.scaling.type", "yarn"), "llama.rope.scaling.factor: missing"},
		{"long rope", set("llama.rope.scaling.type", "longrope"), `llama.rope.scaling.type: "longrope" is not supported, only linear and yarn`},
		{"experts", set("llama.expert_count", uint32(8)), "llama.expert_count: experts are not implemented"},
		{"window", set("llama.attention.sliding_window", uint32(4096)), "sliding-window attention is not implemented"},
		{"unknown key", set("llama.logit_scale", float32(2)), "unknown key llama.logit_scale: it may change the computation"},
		{"vocabulary", set("llama.vocab_size", uint32(96)), "tensor token_embd.weight has shape [97 64], the metadata demand [96 64]"},
		{"tensor missing", drop("blk.1.ffn_up.weight"), "tensor blk.1.ffn_up.weight is missing"},
		{"bias", add("blk.0.attn_q.bias"), "tensor blk.0.attn_k.bias is missing"},
		{"odd tensor", add("blk.0.attn_q.scale"), `tensor "blk.0.attn_q.scale" is not part of a model of llama`},
		{"begin outside", set("tokenizer.ggml.bos_token_id", uint32(97)), "tokenizer.ggml.bos_token_id: 97 is outside the vocabulary of 97"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := engine.Load(converted(t, dir, gguf.BF16, c.change), engine.Options{})
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	odd := converted(t, dir, gguf.BF16, set("llama.logit_scale", float32(2)))
	assert.Equal(t, []string{"llama.logit_scale"}, load(t, odd, engine.Options{IgnoreConfig: []string{"llama.logit_scale", "of_config_json"}}).Config().Ignored)
	for _, known := range []string{"llama.expert_count", "llama.attention.sliding_window", "llama.attention.causal", "llama.tensor_data_layout", "llama.block_count"} {
		_, err := engine.Load(odd, engine.Options{IgnoreConfig: []string{"llama.logit_scale", known}})
		require.ErrorContains(t, err, "--ignore-config "+known+": the engine knows the key")
	}
	m := load(t, converted(t, dir, gguf.BF16, func(f *gguftest.File) {
		f.Set("llama.rope.scaling.type", "linear")
		f.Set("llama.rope.scaling.factor", float32(4))
		f.Set("llama.expert_count", uint32(0))
		f.Set("someone.else", "says something")
	}), engine.Options{})
	assert.Equal(t, engine.RopeScaling{Type: "linear", Factor: 4}, m.Config().RopeScaling)
}

// TestGGUFGreedy: the file writes the story of the directory.
func TestGGUFGreedy(t *testing.T) {
	dir := shared.Path(t, "models/stories260k")
	prompts := []engine.Prompt{{Tokens: []int32{1}, MaxTokens: 60}}
	want := generate(t, load(t, dir, engine.Options{}), prompts)
	assert.Equal(t, want, generate(t, load(t, converted(t, dir, gguf.F32, nil), engine.Options{}), prompts))
}

// TestGGUFBiases: llama.cpp's conversion permutes biases of queries and keys as it does their matrices, and writes YaRN down
// by its name. The file answers like the directory, to the last bit.
func TestGGUFBiases(t *testing.T) {
	for _, name := range []string{"biases", "yarn"} {
		shape := families()[name]
		dir := model(t, shape, 11)
		seqs := sequences(shape.Vocab, 2, 40, 90)
		want := score(t, load(t, dir, engine.Options{}), seqs)
		assert.Equal(t, want, score(t, load(t, converted(t, dir, gguf.F32, nil), engine.Options{}), seqs), name)
	}
}

// TestGGUFOfMixedTypes: a matrix that is stored in another type than the one it is computed together with gives the bits of a
// file that has the same values in one type, in every arithmetic, with an intermediate size that is no whole panel of either.
func TestGGUFOfMixedTypes(t *testing.T) {
	dir := model(t, storing("BF16", false), 3)
	whole := converted(t, dir, gguf.F32, nil)
	for _, name := range []string{"blk.0.ffn_gate.weight", "blk.0.ffn_up.weight", "blk.1.attn_k.weight"} {
		mixed := converted(t, dir, gguf.F32, func(f *gguftest.File) {
			x := f.Tensor(name)
			values := make([]float32, len(x.Data)/4)
			for i := range values {
				values[i] = math.Float32frombits(binary.LittleEndian.Uint32(x.Data[4*i:]))
			}
			x.Type, x.Data = uint32(gguf.BF16), gguftest.Encode(values, gguf.BF16)
		})
		for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
			o := engine.Options{DType: d, Threads: 2}
			want, got := load(t, whole, o), load(t, mixed, o)
			seqs := tokenSequences(want.Config().VocabSize, 5, 20)
			require.Equal(t, score(t, want, seqs), score(t, got, seqs), "%s, %s", name, d)
		}
	}
}
