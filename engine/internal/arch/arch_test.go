package arch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
)

// described is a configuration of Llama 2's form with one key changed; nil removes it.
func described(t *testing.T, key string, value any) fstest.MapFS {
	t.Helper()
	c := map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
		"hidden_size": 64, "intermediate_size": 176, "max_position_embeddings": 4096, "num_attention_heads": 4, "num_hidden_layers": 2,
		"num_key_value_heads": 2, "rms_norm_eps": 1e-05, "tie_word_embeddings": false, "vocab_size": 100,
	}
	if c[key] = value; value == nil {
		delete(c, key)
	}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	return fstest.MapFS{arch.ConfigName: {Data: text}}
}

// TestConfigRefusals: what may change a computation is refused by its name, and a value that cannot be is.
func TestConfigRefusals(t *testing.T) {
	null := json.RawMessage("null")
	for _, c := range []struct {
		key   string
		value any
		want  string // "" where it is accepted
	}{
		{"", "", "unknown key"},
		{"use_cache", true, ""},
		{"num_key_value_heads", nil, ""},
		{"num_key_value_heads", null, ""},
		{"rms_norm_eps", nil, ""},
		{"rms_norm_eps", null, "rms_norm_eps is null"},
		{"hidden_act", null, "hidden_act is null"},
		{"model_type", "mistral", `architecture "LlamaForCausalLM" is not supported, only MistralForCausalLM`},
		{"model_type", "new", `model_type "new" is not supported, only "llama", "mistral", "qwen2", "qwen3", "gemma2"`},
		{"architectures", []string{"LlamaForSequenceClassification"}, `architecture "LlamaForSequenceClassification" is not supported, only LlamaForCausalLM`},
		{"architectures", []string{"LlamaForCausalLM", "LlamaForCausalLM"}, "architectures: want one, found 2"},
		{"architectures", nil, "architectures: missing"},
		{"hidden_act", "gelu", "hidden_act"},
		{"attention_bias", true, ""},
		{"attention_bias", false, ""},
		{"attention_bias", 1, "attention_bias: want true or false"},
		{"mlp_bias", true, ""},
		{"sliding_window", 4096, "sliding_window: sliding-window attention is not implemented"},
		{"sliding_window", null, ""},
		{"partial_rotary_factor", 0.5, "partial_rotary_factor"},
		{"partial_rotary_factor", 1.0, ""},
		{"pretraining_tp", 2, ""},
		{"pretraining_tp", 0, "pretraining_tp"},
		{"some_new_thing", 1, "some_new_thing"},
		{"vocab_size", 0, "vocab_size: 0 is not between 1"},
		{"vocab_size", nil, "vocab_size: missing"},
		{"hidden_size", 62, "num_attention_heads 4 does not divide hidden_size 62"},
		{"num_key_value_heads", 3, "num_key_value_heads 3 does not divide num_attention_heads 4"},
		{"head_dim", 15, "head_dim 15 is odd"},
		{"head_dim", 32, ""},
		{"rms_norm_eps", 0, "rms_norm_eps: 0 is not positive"},
		{"eos_token_id", 100, "eos_token_id 100 is outside the vocabulary of 100"},
		{"eos_token_id", []int{2, 99}, ""},
		{"bos_token_id", -1, "is outside the vocabulary"},
		{"rope_scaling", map[string]any{"rope_type": "longrope", "factor": 2.0}, "is not supported, only linear, llama3 and yarn"},
		{"rope_scaling", map[string]any{"rope_type": "dynamic", "factor": 2.0}, "by the length of the whole text"},
		{"rope_scaling", map[string]any{"rope_type": "yarn", "factor": 2.0}, ""},
		{"rope_scaling", map[string]any{"rope_type": "yarn"}, "factor: missing"},
		{"rope_scaling", map[string]any{"rope_type": "yarn", "factor": 2.0, "beta_fast": 1.0, "beta_slow": 1.0}, "beta_fast 1 is not above beta_slow 1"},
		{"rope_scaling", map[string]any{"rope_type": "yarn", "factor": 2.0, "mscale": 1.0}, `unknown key "mscale"`},
		{"rope_scaling", map[string]any{"rope_type": "yarn", "factor": 2.0, "truncate": false}, `unknown key "truncate"`},
		{"rope_scaling", map[string]any{"type": "linear", "factor": 2.0}, ""},
		{"rope_scaling", map[string]any{"type": "linear", "factor": 2.0, "beta": 1}, `unknown key "beta"`},
		{"rope_scaling", map[string]any{"type": "linear"}, "factor: missing"},
		{"rope_scaling", map[string]any{"type": "linear", "rope_type": "llama3", "factor": 2.0}, `type "linear", but rope_type "llama3"`},
	} {
		_, err := arch.ReadFS(described(t, c.key, c.value), nil)
		if c.want == "" {
			assert.NoError(t, err, "%s %v", c.key, c.value)
			continue
		}
		require.Error(t, err, "%s %v", c.key, c.value)
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, arch.ConfigName)
	}
}

// TestGenerationConfigGivesTheEnds: the ids of generation_config.json are those that generate() obeys.
func TestGenerationConfigGivesTheEnds(t *testing.T) {
	files := described(t, "use_cache", true)
	c, err := arch.ReadFS(files, nil)
	require.NoError(t, err)
	assert.Equal(t, []int32{2}, c.EOS)
	files[arch.GenerationName] = &fstest.MapFile{Data: []byte(`{"eos_token_id":[7,8],"temperature":0.5}`)}
	c, err = arch.ReadFS(files, nil)
	require.NoError(t, err)
	assert.Equal(t, []int32{7, 8}, c.EOS)
	assert.Equal(t, []int32{1}, c.BOS)
	files[arch.GenerationName] = &fstest.MapFile{Data: []byte(`{"eos_token_id":100}`)}
	_, err = arch.ReadFS(files, nil)
	assert.ErrorContains(t, err, arch.GenerationName+": bos_token_id or eos_token_id 100 is outside")
}

// TestGGUFKeys: the same for a GGUF file.
func TestGGUFKeys(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 3))
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"general.name", "x", ""},
		{"general.architecture", "qwen3moe", `general.architecture "qwen3moe" is not supported: mixtures of experts are not implemented; supported are llama, qwen2, qwen3, gemma2`},
		{"general.architecture", "", "general.architecture: missing"},
		{"general.type", "adapter", `general.type "adapter" is not supported, only model`},
		{"llama.expert_count", uint32(8), "llama.expert_count: experts are not implemented"},
		{"llama.expert_count", uint32(0), ""},
		{"llama.attention.causal", false, "llama.attention.causal: attention in both directions"},
		{"llama.attention.causal", true, ""},
		{"llama.attention.sliding_window", uint32(512), "llama.attention.sliding_window: sliding-window attention"},
		{"llama.tensor_data_layout", "other", "llama.tensor_data_layout: another layout of tensors"},
		{"llama.tensor_data_layout", "Meta AI original pth", ""},
		{"llama.logit_scale", float32(2), "unknown key llama.logit_scale: it may change the computation"},
		{"llama.rope.scaling.type", "longrope", `llama.rope.scaling.type: "longrope" is not supported, only linear and yarn`},
		{"llama.rope.scaling.type", "yarn", "llama.rope.scaling.factor: missing"},
		{"llama.rope.scaling.type", "none", ""},
		{"llama.rope.dimension_count", uint32(4), "llama.rope.dimension_count is 4 where a head has 8"},
		{"llama.attention.value_length", uint32(16), "llama.attention.value_length is 16 where a head has 8"},
		{"llama.attention.head_count_kv", uint32(3), "head_count_kv 3 does not divide head_count 4"},
		{"llama.block_count", uint32(3), "tensor blk.2."},
		{"llama.block_count", uint32(1), "is not part of a model of llama"},
		{"llama.embedding_length", uint32(64), "has shape"},
	} {
		f, err := gguftest.FromDirectory(dir, gguf.F32)
		require.NoError(t, err)
		f.Set(c.key, c.value)
		path := filepath.Join(t.TempDir(), "model.gguf")
		require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
		file, err := gguf.Open(path)
		require.NoError(t, err)
		m, err := arch.ReadGGUF(file, nil)
		if c.want == "" {
			require.NoError(t, err, "%s %v", c.key, c.value)
			assert.Equal(t, 8, m.Config.HeadDim)
			assert.Equal(t, 2, m.Config.KVHeads)
		} else {
			require.ErrorContains(t, err, c.want, "%s %v", c.key, c.value)
			assert.ErrorContains(t, err, "model.gguf: ")
		}
		require.NoError(t, file.Close())
	}
}

// TestGGUFWithoutGroups: as many heads of keys and values as of queries, where the file does not say.
func TestGGUFWithoutGroups(t *testing.T) {
	shape, dir := enginetest.Tiny(), t.TempDir()
	shape.KVHeads = shape.Heads
	require.NoError(t, enginetest.Write(dir, shape, 3))
	f, err := gguftest.FromDirectory(dir, gguf.F32)
	require.NoError(t, err)
	f.Pairs = slices.DeleteFunc(f.Pairs, func(p gguftest.Pair) bool { return p.Key == "llama.attention.head_count_kv" })
	path := filepath.Join(t.TempDir(), "model.gguf")
	require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
	file, err := gguf.Open(path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	m, err := arch.ReadGGUF(file, nil)
	require.NoError(t, err)
	assert.Equal(t, shape.Heads, m.Config.KVHeads)
}
