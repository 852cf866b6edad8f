package arch

import "github.com/swallow-eval/swallow-eval/engine/gguf"

// qwen2 is Qwen 2 and 2.5 (Yang et al., "Qwen2 Technical Report", 2024; huggingface/transformers
// src/transformers/models/qwen2/configuration_qwen2.py @008e5743 and modeling_qwen2.py @00d4b3d2): Llama's block with biases
// of q, k and v, which no key announces.
func qwen2() Architecture {
	a := family("qwen2", "Qwen2ForCausalLM", "qwen2")
	a.Block = llamaBlock
	a.config, a.key, a.notNull = qwen2Config, qwenKey, []string{"hidden_act", "head_dim"}
	a.ggufConfig = func(m *gguf.Metadata, _ func(string) bool) Config {
		c := ggufCommon(m, "qwen2.")
		c.Family, c.AttentionBias = "qwen2", true
		return c
	}
	return a
}

func qwen2Config(f *fields) Config {
	c := f.common(defaults{positions: 32768, kvHeads: 32})
	c.Family, c.AttentionBias = "qwen2", true
	return c
}

// qwenKey judges what Qwen 2 and 3 have of their own. Windows are off in every published model, and releases of transformers
// differ in which layers they are for, so use_sliding_window is refused where it is true.
func qwenKey(key string, value []byte) (known bool, err error) {
	switch key {
	case "sliding_window", "max_window_layers":
		return true, nil // of no consequence without use_sliding_window
	case "use_mrope":
		return true, only(key, value, "false", "rotary positions of several dimensions are not implemented")
	case "attention_bias":
		return true, only(key, value, "true", "Qwen 2 has biases of q, k and v always")
	}
	return siluKey(key, value)
}
