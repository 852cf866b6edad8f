package arch

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

// ggufCommon reads the keys that all architectures have.
func ggufCommon(m *gguf.Metadata, prefix string) Config {
	c := Config{
		HiddenSize:   m.Size(prefix+"embedding_length", 0),
		Intermediate: m.Size(prefix+"feed_forward_length", 0),
		Layers:       m.Size(prefix+"block_count", 0),
		Heads:        m.Size(prefix+"attention.head_count", 0),
		MaxPositions: m.Size(prefix+"context_length", 0),
		RMSNormEps:   m.Positive(prefix+"attention.layer_norm_rms_epsilon", 0),
		RopeTheta:    m.Positive(prefix+"rope.freq_base", defaultRopeTheta),
	}
	c.KVHeads = m.Size(prefix+"attention.head_count_kv", c.Heads)
	return c
}

func commonGGUFKey(prefix string) func(m *gguf.Metadata, key string) error {
	return func(m *gguf.Metadata, key string) error { return ggufKey(m, prefix, key) }
}

// ggufKey refuses keys that may change what a model computes.
func ggufKey(m *gguf.Metadata, prefix, key string) error {
	full := prefix + key
	switch key {
	case "embedding_length", "feed_forward_length", "block_count", "context_length", "vocab_size", "attention.head_count",
		"attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length", "attention.value_length",
		"rope.dimension_count", "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear",
		"rope.scaling.original_context_length":
		return nil
	case "rope.scaling.finetuned": // says where the numbers come from
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
		return errors.New(full + ": sliding-window attention is not implemented for this architecture")
	}
	return errUnknown
}

// ggufTensors follows gguf-py's tensor_mapping.py.
func ggufTensors() map[string]string {
	return map[string]string{
		"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight",
		"input_layernorm.weight": "attn_norm.weight", "post_attention_layernorm.weight": "ffn_norm.weight",
		"self_attn.q_proj.weight": "attn_q.weight", "self_attn.k_proj.weight": "attn_k.weight", "self_attn.v_proj.weight": "attn_v.weight",
		"self_attn.o_proj.weight": "attn_output.weight",
		"self_attn.q_proj.bias":   "attn_q.bias", "self_attn.k_proj.bias": "attn_k.bias", "self_attn.v_proj.bias": "attn_v.bias",
		"self_attn.o_proj.bias":   "attn_output.bias",
		"self_attn.q_norm.weight": "attn_q_norm.weight", "self_attn.k_norm.weight": "attn_k_norm.weight",
		"mlp.gate_proj.weight": "ffn_gate.weight", "mlp.up_proj.weight": "ffn_up.weight", "mlp.down_proj.weight": "ffn_down.weight",
		"mlp.gate_proj.bias": "ffn_gate.bias", "mlp.up_proj.bias": "ffn_up.bias", "mlp.down_proj.bias": "ffn_down.bias",
	}
}
