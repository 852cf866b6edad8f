package arch

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

// llama is Llama 1 to 3.3 and whoever shares its form (Touvron et al., "LLaMA: Open and Efficient Foundation Language
// Models", 2023; huggingface/transformers src/transformers/models/llama/configuration_llama.py and modeling_llama.py).
func llama() Architecture {
	a := family("llama", "LlamaForCausalLM", "llama")
	a.Block = llamaBlock
	a.config, a.key, a.notNull = llamaConfig, llamaKey, []string{"hidden_act"}
	a.ggufConfig, a.ggufPermuted = llamaGGUF, true
	return a
}

func llamaBlock(c Config, layer int) []Step {
	attention := Attention{
		Query: "self_attn.q_proj.weight", Key: "self_attn.k_proj.weight", Value: "self_attn.v_proj.weight",
		Output: "self_attn.o_proj.weight",
		Window: c.Window(layer), Scale: c.ScoreScale(),
	}
	if c.AttentionBias {
		attention.QueryBias, attention.KeyBias, attention.ValueBias = "self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias"
	}
	if c.OutputBias {
		attention.OutputBias = "self_attn.o_proj.bias"
	}
	mlp := GatedMLP{Gate: "mlp.gate_proj.weight", Up: "mlp.up_proj.weight", Down: "mlp.down_proj.weight"}
	if c.MLPBias {
		mlp.GateBias, mlp.UpBias, mlp.DownBias = "mlp.gate_proj.bias", "mlp.up_proj.bias", "mlp.down_proj.bias"
	}
	return []Step{
		Norm{"input_layernorm.weight"}, attention, Add{},
		Norm{"post_attention_layernorm.weight"}, mlp, Add{},
	}
}

func llamaConfig(f *fields) Config {
	c := f.common(defaults{positions: 2048})
	c.AttentionBias = f.truth("attention_bias", false)
	c.OutputBias = c.AttentionBias
	c.MLPBias = f.truth("mlp_bias", false)
	return c
}

// llamaKey judges what is Llama's own.
func llamaKey(key string, value []byte) (known bool, err error) {
	switch key {
	case "attention_bias", "mlp_bias":
		return true, nil
	case "pretraining_tp":
		return true, positiveInteger(key, value)
	case "partial_rotary_factor":
		return true, only(key, value, "1 1.0", "partial rotary positions are not implemented")
	case "sliding_window":
		return true, fmt.Errorf("%s: sliding-window attention is not implemented for model_type \"llama\"", key)
	}
	return siluKey(key, value)
}

// siluKey judges hidden_act of the architectures that read it.
func siluKey(key string, value []byte) (known bool, err error) {
	if key == "hidden_act" {
		return true, only(key, value, `"silu"`, "other activations are not implemented")
	}
	return false, nil
}

// llamaGGUF reads what llama.cpp's conversion writes (conversion/llama.py). Whether a model has biases, no key says.
func llamaGGUF(m *gguf.Metadata, has func(tensor string) bool) Config {
	c := ggufCommon(m, "llama.")
	c.AttentionBias, c.OutputBias = has("blk.0.attn_q.bias"), has("blk.0.attn_output.bias")
	c.MLPBias = has("blk.0.ffn_gate.bias")
	return c
}
