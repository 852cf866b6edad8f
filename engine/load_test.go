package engine_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

const weightsName = "model.safetensors"

// model writes a random model and returns its directory.
func model(t testing.TB, shape enginetest.Shape, seed int64) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, shape, seed))
	return dir
}

// change rewrites one file of a directory.
func change(t testing.TB, dir, name string, f func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, f(content), 0o644))
}

// setConfig changes keys of config.json; nil removes one.
func setConfig(t testing.TB, dir string, changes map[string]any) {
	t.Helper()
	change(t, dir, "config.json", func(text []byte) []byte {
		var c map[string]any
		require.NoError(t, json.Unmarshal(text, &c))
		for key, value := range changes {
			if c[key] = value; value == nil {
				delete(c, key)
			}
		}
		text, err := json.Marshal(c)
		require.NoError(t, err)
		return text
	})
}

// place finds a tensor's bytes in a weight file.
func place(t testing.TB, content []byte, name string) (begin, end int) {
	t.Helper()
	n := int(binary.LittleEndian.Uint64(content))
	var header map[string]struct {
		Offsets [2]int `json:"data_offsets"`
	}
	require.NoError(t, json.Unmarshal(content[8:8+n], &header))
	require.Contains(t, header, name)
	return 8 + n + header[name].Offsets[0], 8 + n + header[name].Offsets[1]
}

func TestLoad(t *testing.T) {
	shape := enginetest.Tiny()
	shape.DType, shape.Shards = "F16", 3
	dir := model(t, shape, 1)
	m := load(t, dir, engine.Options{Threads: 3})
	c := m.Config()
	assert.Equal(t, "float16", c.StoredDType)
	assert.Equal(t, 97, c.VocabSize)
	assert.Equal(t, 8, c.HeadDim)
	assert.Equal(t, 3, m.Threads())
	assert.Contains(t, engine.Kernels(), m.KernelName())
	assert.Empty(t, m.Warnings())
	perLayer := 2*32 + 32*32 + 2*16*32 + 32*32 + 3*48*32
	assert.EqualValues(t, 2*97*32+32+2*perLayer, m.Parameters())
	assert.Greater(t, m.MemoryBytes(), 2*m.Parameters())
	require.NoError(t, m.Verify())
}

func TestLoadTied(t *testing.T) {
	shape := enginetest.Tiny()
	shape.Tied = true
	tied := load(t, model(t, shape, 1), engine.Options{})
	shape.Tied = false
	dir := model(t, shape, 1)
	untied, err := engine.Load(dir, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, untied.Parameters()-97*32, tied.Parameters())
	require.NoError(t, untied.Close())

	// Stored as well: fine when it is the embedding again.
	setConfig(t, dir, map[string]any{"tie_word_embeddings": true})
	_, err = engine.Load(dir, engine.Options{})
	require.ErrorContains(t, err, "tie_word_embeddings is true, but lm_head.weight is not model.embed_tokens.weight")
	change(t, dir, weightsName, func(content []byte) []byte {
		from, to := place(t, content, "model.embed_tokens.weight")
		at, _ := place(t, content, "lm_head.weight")
		copy(content[at:], content[from:to])
		return content
	})
	both := load(t, dir, engine.Options{})
	assert.Equal(t, tied.Parameters(), both.Parameters())
}

func TestLoadIgnoresRotaryBuffers(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 1)
	change(t, dir, weightsName, func(content []byte) []byte {
		return addTensor(t, content, "model.layers.0.self_attn.rotary_emb.inv_freq", "F32", []int{4}, 16)
	})
	load(t, dir, engine.Options{})
}

// addTensor appends a tensor of zeros to a weight file.
func addTensor(t testing.TB, content []byte, name, dtype string, shape []int, size int) []byte {
	t.Helper()
	n := int(binary.LittleEndian.Uint64(content))
	var header map[string]any
	require.NoError(t, json.Unmarshal(content[8:8+n], &header))
	end := len(content) - 8 - n
	header[name] = map[string]any{"dtype": dtype, "shape": shape, "data_offsets": []int{end, end + size}}
	text, err := json.Marshal(header)
	require.NoError(t, err)
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(append(out, text...), content[8+n:]...), make([]byte, size)...)
}

func TestBadModel(t *testing.T) {
	weights := func(f func(t *testing.T, content []byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			change(t, dir, weightsName, func(content []byte) []byte { return f(t, content) })
		}
	}
	config := func(key string, value any) func(*testing.T, string) {
		return func(t *testing.T, dir string) { setConfig(t, dir, map[string]any{key: value}) }
	}
	cases := []struct {
		name string
		do   func(t *testing.T, dir string)
		want string
	}{
		{"A6 integers where bfloat16 is expected", weights(func(t *testing.T, content []byte) []byte {
			at := bytes.Index(content, []byte(`"lm_head.weight"`)) + bytes.Index(content[bytes.Index(content, []byte(`"lm_head.weight"`)):], []byte(`"BF16"`))
			copy(content[at:], ` "I16"`)
			return content
		}), `tensor "lm_head.weight": stored as I16, only F32, F16 and BF16 are supported`},
		{"A7 cut in the middle of a tensor", weights(func(_ *testing.T, content []byte) []byte { return content[:len(content)-100] }), "the file is cut or the header lies"},
		{"A8 tensor missing", config("num_hidden_layers", 3), "tensor model.layers.2.input_layernorm.weight is missing"},
		{"A8 output matrix missing", weights(func(_ *testing.T, content []byte) []byte {
			return bytes.Replace(content, []byte(`"lm_head.weight"`), []byte(`"lm_h_ad.weight"`), 1)
		}), "tensor lm_head.weight is missing"},
		{"A8 layers left over", config("num_hidden_layers", 1), `tensor "model.layers.1.input_layernorm.weight" is not part of the model`},
		{"A8 tensor extra", weights(func(t *testing.T, content []byte) []byte {
			return addTensor(t, content, "model.layers.0.self_attn.q_proj.bias", "F32", []int{32}, 128)
		}), `tensor "model.layers.0.self_attn.q_proj.bias" is not part of the model`},
		{"A8 wrong shape", config("intermediate_size", 64), "tensor model.layers.0.mlp.gate_proj.weight has shape [48 32], config.json demands [64 32]"},
		{"A8 wrong head count", config("num_key_value_heads", 4), "k_proj.weight has shape [16 32], config.json demands [32 32]"},
		{"A10 allocation bomb in hidden_size", func(t *testing.T, dir string) {
			setConfig(t, dir, map[string]any{"hidden_size": 2147483640, "head_dim": 8})
		}, "model.embed_tokens.weight has shape [97 32], config.json demands [97 2147483640]"},
		{"A10 allocation bomb in layers", config("num_hidden_layers", 2147483647), "tensor model.layers.2.input_layernorm.weight is missing"},
		{"A10 allocation bomb in intermediate_size", config("intermediate_size", 2147483647), "demands [2147483647 32]"},
		{"B1 vocabulary larger than the embedding", config("vocab_size", 98), "vocab_size is 98, but model.embed_tokens.weight has 97 rows"},
		{"B1 vocabulary smaller than the embedding", config("vocab_size", 96), "vocab_size is 96, but model.embed_tokens.weight has 97 rows"},
		{"A13 LFS pointer for weights", weights(func(*testing.T, []byte) []byte {
			return []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
		}), "model.safetensors: a Git LFS pointer"},
		{"A13 only a pickle", func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, weightsName), filepath.Join(dir, "pytorch_model.bin")))
		}, "pytorch_model.bin is refused: a pickle runs code"},
		{"no directory", func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(dir)) }, "config.json: no such file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := model(t, enginetest.Tiny(), 1)
			c.do(t, dir)
			m, err := engine.Load(dir, engine.Options{})
			require.Nil(t, m)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, err.Error(), "load model "+dir)
		})
	}
}

func TestBadOptions(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 1)
	for name, c := range map[string]struct {
		opts engine.Options
		want string
	}{
		"other arithmetic":      {engine.Options{DType: "fp8"}, `dtype "fp8" is not supported, only "f32", "bf16" and "q8"`},
		"unknown kernel":        {engine.Options{Kernel: "abacus"}, `no kernel "abacus" on this machine`},
		"negative threads":      {engine.Options{Threads: -1}, "threads -1"},
		"negative batch":        {engine.Options{MaxBatchTokens: -1}, "batch tokens -1"},
		"G4 memory limit":       {engine.Options{MemoryLimit: 1000}, "for batches of 64 tokens on 2 threads, 0.0 MiB for the smallest cache), but only 0.0 MiB may be used"},
		"G4 memory and batch":   {engine.Options{MemoryLimit: 1000, MaxBatchTokens: 300}, "batches of 300 tokens on 2 threads, 0.0 MiB for the smallest cache), but only 0.0 MiB may be used: try fewer batch tokens"},
		"G4 batch needs memory": {engine.Options{MaxBatchTokens: 1 << 40}, "for batches of 1099511627776 tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Load(dir, c.opts)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestDigest(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 1)
	digest := func(dir string) string { return load(t, dir, engine.Options{}).Digest() }
	base := digest(dir)
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", base)
	assert.Equal(t, base, digest(dir))
	assert.Equal(t, base, digest(model(t, enginetest.Tiny(), 1)), "another directory")
	assert.NotEqual(t, base, digest(model(t, enginetest.Tiny(), 2)), "other weights")

	setConfig(t, dir, map[string]any{"torch_dtype": "float64", "_name_or_path": "elsewhere"})
	assert.Equal(t, base, digest(dir), "keys without effect")
	setConfig(t, dir, map[string]any{"rope_theta": 20000})
	assert.NotEqual(t, base, digest(dir), "keys with effect")

	dir = model(t, enginetest.Tiny(), 1)
	change(t, dir, weightsName, func(content []byte) []byte {
		content[len(content)-1] ^= 1
		return content
	})
	assert.NotEqual(t, base, digest(dir), "one bit")
}

func TestClose(t *testing.T) {
	m, err := engine.Load(model(t, enginetest.Tiny(), 1), engine.Options{})
	require.NoError(t, err)
	require.NoError(t, m.Close())
	assert.ErrorIs(t, m.Close(), engine.ErrClosed)
	assert.ErrorIs(t, m.Verify(), engine.ErrClosed)
	assert.ErrorIs(t, m.Score(t.Context(), nil, nil), engine.ErrClosed)
	assert.ErrorIs(t, m.Generate(t.Context(), nil, nil), engine.ErrClosed)
}

func TestWarnings(t *testing.T) {
	shape := enginetest.Tiny()
	shape.Shards = 2
	dir := model(t, shape, 1)
	change(t, dir, "model.safetensors.index.json", func(text []byte) []byte {
		return bytes.Replace(text, []byte(`"total_size":`), []byte(`"total_size":1`), 1)
	})
	assert.Len(t, load(t, dir, engine.Options{}).Warnings(), 1)
}
