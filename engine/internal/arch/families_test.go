package arch_test

import (
	"encoding/json"
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
)

// of is a small configuration of a family with changes; nil removes a key.
func of(t *testing.T, family string, changes map[string]any) fstest.MapFS {
	t.Helper()
	classes := map[string]string{"mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "gemma2": "Gemma2ForCausalLM"}
	c := map[string]any{
		"architectures": []string{classes[family]}, "model_type": family, "hidden_act": "silu", "hidden_size": 96, "intermediate_size": 176,
		"num_attention_heads": 32, "num_hidden_layers": 3, "vocab_size": 100,
	}
	if family == "gemma2" {
		c["hidden_act"] = "gelu" // which nothing reads
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	text, err := json.Marshal(c)
	require.NoError(t, err)
	return fstest.MapFS{arch.ConfigName: {Data: text}}
}

// TestFamilyDefaults: what an absent key means is the class's own.
func TestFamilyDefaults(t *testing.T) {
	common := arch.Config{VocabSize: 100, HiddenSize: 96, Intermediate: 176, Layers: 3, Heads: 32, RMSNormEps: 1e-6, RopeTheta: 10000}
	for family, change := range map[string]func(c *arch.Config){
		"mistral": func(c *arch.Config) {
			c.KVHeads, c.HeadDim, c.MaxPositions, c.Windows = 8, 3, 131072, []int{4096, 4096, 4096}
		},
		"qwen2": func(c *arch.Config) { c.KVHeads, c.HeadDim, c.MaxPositions, c.AttentionBias = 32, 3, 32768, true },
		"qwen3": func(c *arch.Config) { c.KVHeads, c.HeadDim, c.MaxPositions = 32, 128, 32768 },
		"gemma2": func(c *arch.Config) {
			c.KVHeads, c.HeadDim, c.MaxPositions, c.Windows, c.TieEmbeddings = 4, 256, 8192, []int{4096, 0, 4096}, true
			c.QueryScale, c.AttentionCap, c.LogitCap, c.EmbeddingScale, c.NormOffset = 256, 50, 30, 9.797959327697754, 1
		},
	} {
		want, changes := common, map[string]any{}
		want.Family = family
		change(&want)
		if want.HeadDim == 3 { // hidden/heads, which rotary positions cannot turn: so much shows that it is taken
			_, err := arch.ReadFS(of(t, family, nil), nil)
			require.ErrorContains(t, err, "head_dim 3 is odd", family)
			changes["head_dim"], want.HeadDim = 6, 6
		}
		got, err := arch.ReadFS(of(t, family, changes), nil)
		require.NoError(t, err, family)
		assert.Equal(t, want, got, family)
		assert.Equal(t, family, got.Architecture().ModelType)
	}
}

// TestFamilyKeys: every key of a family that changes what is computed is read or refused by its name.
func TestFamilyKeys(t *testing.T) {
	null := json.RawMessage("null")
	read := func(change func(c *arch.Config)) func(c *arch.Config) { return change }
	same := read(func(*arch.Config) {})
	for _, c := range []struct {
		family, key string
		value       any
		want        string // the refusal, or
		read        func(c *arch.Config)
	}{
		{"mistral", "sliding_window", 24, "", read(func(c *arch.Config) { c.Windows = []int{24, 24, 24} })},
		{"mistral", "sliding_window", null, "", read(func(c *arch.Config) { c.Windows = nil })},
		{"mistral", "sliding_window", 0, "sliding_window: 0 is not between 1", nil},
		{"mistral", "attention_bias", true, "attention_bias", nil},
		{"mistral", "attention_dropout", 0.5, "", same},
		{"mistral", "layer_types", []string{"full_attention"}, "layer_types", nil},
		{"mistral", "num_key_value_heads", null, "", read(func(c *arch.Config) { c.KVHeads = 32 })},
		{"mistral", "head_dim", 8, "", read(func(c *arch.Config) { c.HeadDim = 8 })},
		{"mistral", "hidden_act", "gelu", "hidden_act", nil},
		{"mistral", "hidden_act", null, "hidden_act is null", nil},
		{"qwen2", "sliding_window", 24, "", same},
		{"qwen2", "max_window_layers", 1, "", same},
		{"qwen2", "use_sliding_window", false, "", same},
		{"qwen2", "use_sliding_window", true, "use_sliding_window", nil},
		{"qwen2", "use_mrope", true, "use_mrope", nil},
		{"qwen2", "head_dim", null, "head_dim is null", nil},
		{"qwen2", "layer_types", []string{"full_attention", "full_attention", "full_attention"}, "", same},
		{"qwen2", "layer_types", []string{"full_attention", "sliding_attention", "full_attention"}, "layer_types", nil},
		{"qwen2", "attention_bias", false, "attention_bias", nil},
		{"qwen3", "attention_bias", false, "", same},
		{"qwen3", "attention_bias", true, "", read(func(c *arch.Config) { c.AttentionBias, c.OutputBias = true, true })},
		{"qwen3", "use_sliding_window", true, "use_sliding_window", nil},
		{"qwen3", "num_experts", 8, "num_experts", nil},
		{"gemma2", "layer_types", []string{"full_attention", "sliding_attention", "full_attention"}, "", read(func(c *arch.Config) { c.Windows = []int{0, 4096, 0} })},
		{"gemma2", "layer_types", []string{"full_attention"}, "layer_types: 1 entries for 3 layers", nil},
		{"gemma2", "layer_types", []string{"full_attention", "chunked_attention", "full_attention"}, "chunked_attention", nil},
		{"gemma2", "attn_logit_softcapping", null, "", read(func(c *arch.Config) { c.AttentionCap = 0 })},
		{"gemma2", "final_logit_softcapping", null, "", read(func(c *arch.Config) { c.LogitCap = 0 })},
		{"gemma2", "final_logit_softcapping", -1, "final_logit_softcapping: -1 is not positive", nil},
		{"gemma2", "query_pre_attn_scalar", 144, "", read(func(c *arch.Config) { c.QueryScale = 144 })},
		{"gemma2", "query_pre_attn_scalar", null, "query_pre_attn_scalar is null", nil},
		{"gemma2", "sliding_window", null, "sliding_window is null", nil},
		{"gemma2", "tie_word_embeddings", null, "tie_word_embeddings is null", nil},
		{"gemma2", "hidden_activation", "gelu_pytorch_tanh", "", same},
		{"gemma2", "hidden_activation", "gelu", "hidden_activation", nil},
		{"gemma2", "hidden_activation", null, "hidden_activation is null", nil},
		{"gemma2", "hidden_act", "relu", "", same},
		{"gemma2", "hidden_act", null, "", same},
		{"gemma2", "cache_implementation", "hybrid", "", same},
		{"gemma2", "use_bidirectional_attention", true, "use_bidirectional_attention", nil},
		{"gemma2", "attention_bias", true, "", read(func(c *arch.Config) { c.AttentionBias, c.OutputBias = true, true })},
		{"gemma2", "num_key_value_heads", null, "num_key_value_heads is null", nil},
		{"gemma2", "some_new_thing", 1, "unknown key", nil},
	} {
		changes := map[string]any{"head_dim": 6, "num_key_value_heads": 8}
		plain, err := arch.ReadFS(of(t, c.family, changes), nil)
		require.NoError(t, err)
		changes[c.key] = c.value
		got, err := arch.ReadFS(of(t, c.family, changes), nil)
		if c.read == nil {
			require.ErrorContains(t, err, c.want, "%s %s %v", c.family, c.key, c.value)
			continue
		}
		require.NoError(t, err, "%s %s %v", c.family, c.key, c.value)
		c.read(&plain)
		assert.Equal(t, plain, got, "%s %s %v", c.family, c.key, c.value)
	}
}

// TestFamiliesThatAreLacking: what a family has that is not implemented is said by name.
func TestFamiliesThatAreLacking(t *testing.T) {
	for family, want := range map[string]string{
		"mixtral": "mixtures of experts", "qwen3_moe": "mixtures of experts", "gpt_oss": "mixtures of experts", "falcon_mamba": "keep a state",
		"t5": "encoder-decoder", "gpt_neox": "of another form", "gemma3_text": "parts that are not implemented", "modernbert": "masks",
	} {
		_, err := arch.ReadFS(of(t, family, nil), nil)
		require.ErrorContains(t, err, want, family)
		require.ErrorContains(t, err, `model_type "`+family+`" is not supported: `)
	}
	for _, a := range arch.Architectures() {
		_, err := arch.ReadFS(of(t, a.ModelType, map[string]any{"architectures": []string{a.Class}, "head_dim": 6, "hidden_act": "silu"}), nil)
		require.NoError(t, err, a.ModelType)
	}
}
