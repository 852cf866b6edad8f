package arch

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

// llama is Llama 1 to 3.3 and whoever shares its form (Touvron et al., "LLaMA: Open and Efficient Foundation Language
// Models", 2023; huggingface/transformers src/transformers/models/llama/configuration_llama.py and modeling_llama.py).
func llama() Architecture {
	return Architecture{
		ModelType: "llama", Class: "LlamaForCausalLM", GGUF: "llama",
		Embedding: "model.embed_tokens.weight", Norm: "model.norm.weight", Head: "lm_head.weight",
		Prefix:     func(layer int) string { return fmt.Sprintf("model.layers.%d.", layer) },
		Block:      func(Config, int) []Step { return llamaBlock() },
		config:     llamaConfig,
		key:        llamaKey,
		ggufConfig: llamaGGUF,
		ggufKey:    llamaGGUFKey,
		ggufTensor: llamaGGUFTensors(),
	}
}

func llamaBlock() []Step {
	return []Step{
		Norm{"input_layernorm.weight"},
		Attention{
			Query: "self_attn.q_proj.weight", Key: "self_attn.k_proj.weight", Value: "self_attn.v_proj.weight",
			Output: "self_attn.o_proj.weight",
		},
		Add{},
		Norm{"post_attention_layernorm.weight"},
		GatedMLP{Gate: "mlp.gate_proj.weight", Up: "mlp.up_proj.weight", Down: "mlp.down_proj.weight"},
		Add{},
	}
}

func llamaConfig(f *fields) Config {
	c := Config{
		VocabSize:     f.size("vocab_size", 0),
		HiddenSize:    f.size("hidden_size", 0),
		Intermediate:  f.size("intermediate_size", 0),
		Layers:        f.size("num_hidden_layers", 0),
		Heads:         f.size("num_attention_heads", 0),
		MaxPositions:  f.size("max_position_embeddings", 2048),
		RMSNormEps:    f.positive("rms_norm_eps", 1e-6),
		TieEmbeddings: f.truth("tie_word_embeddings", false),
		BOS:           f.tokens("bos_token_id"),
		EOS:           f.tokens("eos_token_id"),
	}
	c.KVHeads = f.size("num_key_value_heads", c.Heads)
	c.RopeTheta, c.RopeScaling = f.rope()
	return c
}

// llamaKey judges what is Llama's own.
func llamaKey(key string, value []byte) (known bool, err error) {
	switch key {
	case "hidden_act":
		return true, only(key, value, `"silu"`, "other activations are not implemented")
	case "attention_bias", "mlp_bias":
		return true, only(key, value, "false", "biases are not implemented")
	case "pretraining_tp":
		return true, positiveInteger(key, value)
	case "partial_rotary_factor":
		return true, only(key, value, "1 1.0", "partial rotary positions are not implemented")
	case "sliding_window":
		return true, fmt.Errorf("%s: sliding-window attention is not implemented", key)
	}
	return false, nil
}

// llamaGGUF reads what llama.cpp's conversion writes (conversion/llama.py).
func llamaGGUF(m *gguf.Metadata) Config {
	c := Config{
		HiddenSize:   m.Size("llama.embedding_length", 0),
		Intermediate: m.Size("llama.feed_forward_length", 0),
		Layers:       m.Size("llama.block_count", 0),
		Heads:        m.Size("llama.attention.head_count", 0),
		MaxPositions: m.Size("llama.context_length", 0),
		RMSNormEps:   m.Positive("llama.attention.layer_norm_rms_epsilon", 0),
		RopeTheta:    m.Positive("llama.rope.freq_base", defaultRopeTheta),
	}
	c.KVHeads = m.Size("llama.attention.head_count_kv", c.Heads)
	return c
}

// llamaGGUFKey refuses keys that may change what a model computes.
func llamaGGUFKey(m *gguf.Metadata, key string) error {
	full := "llama." + key
	switch key {
	case "embedding_length", "feed_forward_length", "block_count", "context_length", "vocab_size", "attention.head_count",
		"attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length", "attention.value_length",
		"rope.dimension_count", "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear":
		return nil
	case "rope.scaling.original_context_length", "rope.scaling.finetuned": // of no consequence without yarn
		return nil
	case "tensor_data_layout":
		if m.Text(full) != "Meta AI original pth" && m.Err() == nil {
			return fmt.Errorf("%s: another layout of tensors", full)
		}
		return m.Err()
	case "expert_count", "expert_used_count":
		if m.Count(full) != 0 && m.Err() == nil {
			return fmt.Errorf("%s: experts are not implemented", full)
		}
		return m.Err()
	case "attention.causal":
		if !m.Truth(full) && m.Err() == nil {
			return fmt.Errorf("%s: attention in both directions is not implemented", full)
		}
		return m.Err()
	case "attention.sliding_window":
		return errors.New(full + ": sliding-window attention is not implemented")
	}
	return errUnknown
}

// llamaGGUFTensors follows gguf-py's tensor_mapping.py.
func llamaGGUFTensors() map[string]string {
	return map[string]string{
		"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight",
		"input_layernorm.weight": "attn_norm.weight", "post_attention_layernorm.weight": "ffn_norm.weight",
		"self_attn.q_proj.weight": "attn_q.weight", "self_attn.k_proj.weight": "attn_k.weight", "self_attn.v_proj.weight": "attn_v.weight",
		"self_attn.o_proj.weight": "attn_output.weight",
		"mlp.gate_proj.weight":    "ffn_gate.weight", "mlp.up_proj.weight": "ffn_up.weight", "mlp.down_proj.weight": "ffn_down.weight",
	}
}
