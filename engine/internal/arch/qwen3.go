package arch

import "github.com/swallow-eval/swallow-eval/engine/gguf"

// qwen3 is Qwen 3 (Yang et al., "Qwen3 Technical Report", 2025; huggingface/transformers
// src/transformers/models/qwen3/configuration_qwen3.py @008e5743 and modeling_qwen3.py @000c33fd): Llama's block, in which
// each head of q and k is normalised before it is rotated.
func qwen3() Architecture {
	a := family("qwen3", "Qwen3ForCausalLM", "qwen3")
	a.Block = qwen3Block
	a.config, a.key, a.notNull = qwen3Config, qwen3Key, []string{"hidden_act", "head_dim"}
	a.ggufConfig = func(m *gguf.Metadata, _ func(string) bool) Config {
		c := ggufCommon(m, "qwen3.")
		c.Family = "qwen3"
		return c
	}
	return a
}

func qwen3Block(c Config, layer int) []Step {
	block := llamaBlock(c, layer)
	attention := block[1].(Attention)
	attention.QueryNorm, attention.KeyNorm = "self_attn.q_norm.weight", "self_attn.k_norm.weight"
	block[1] = attention
	return block
}

func qwen3Config(f *fields) Config {
	c := f.common(defaults{positions: 32768, kvHeads: 32, headDim: 128})
	c.Family = "qwen3"
	c.AttentionBias = f.truth("attention_bias", false)
	c.OutputBias = c.AttentionBias
	return c
}

func qwen3Key(key string, value []byte) (known bool, err error) {
	if key == "attention_bias" {
		return true, nil
	}
	return qwenKey(key, value)
}
