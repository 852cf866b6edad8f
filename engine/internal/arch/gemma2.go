package arch

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// gemma2 is Gemma 2 (Gemma Team, "Gemma 2: Improving Open Language Models at a Practical Size", 2024; huggingface/transformers
// src/transformers/models/gemma2/configuration_gemma2.py @008e5743 and the eager path of modeling_gemma2.py @006e8693 and
// @9a80143c): norms before and after both parts of a block, capped scores and logits, a window in every other layer.
func gemma2() Architecture {
	a := family("gemma2", "Gemma2ForCausalLM", "gemma2")
	a.Block = gemma2Block
	a.config, a.key = gemma2Config, gemma2Key
	a.notNull = []string{"head_dim", "num_key_value_heads", "tie_word_embeddings", "sliding_window", "query_pre_attn_scalar", "hidden_activation"}
	a.ggufConfig, a.ggufKey = gemma2GGUF, gemma2GGUFKey
	a.ggufTensor["pre_feedforward_layernorm.weight"] = "ffn_norm.weight"
	a.ggufTensor["post_attention_layernorm.weight"] = "post_attention_norm.weight"
	a.ggufTensor["post_feedforward_layernorm.weight"] = "post_ffw_norm.weight"
	return a
}

func gemma2Block(c Config, layer int) []Step {
	block := llamaBlock(c, layer)
	attention, mlp := block[1].(Attention), block[4].(GatedMLP)
	attention.Cap, mlp.Activation = c.AttentionCap, GELUTanh
	return []Step{
		Norm{"input_layernorm.weight"}, attention, OutputNorm{"post_attention_layernorm.weight"}, Add{},
		Norm{"pre_feedforward_layernorm.weight"}, mlp, OutputNorm{"post_feedforward_layernorm.weight"}, Add{},
	}
}

func gemma2Config(f *fields) Config {
	c := f.common(defaults{positions: 8192, kvHeads: 4, headDim: 256, tied: true})
	c.Family = "gemma2"
	c.AttentionBias = f.truth("attention_bias", false)
	c.OutputBias = c.AttentionBias
	c.QueryScale = f.positive("query_pre_attn_scalar", 256)
	c.AttentionCap, c.LogitCap = f.optional("attn_logit_softcapping", 50), f.optional("final_logit_softcapping", 30)
	c.Windows = alternating(c.Layers, f.size("sliding_window", 4096))
	if v, ok := f.values["layer_types"]; ok {
		f.fail("layer_types", setLayerTypes(c.Windows, c.Layers, v))
	}
	c.EmbeddingScale, c.NormOffset = rootOfHidden(c), 1
	return c
}

// rootOfHidden is sqrt(hidden_size), rounded as Hugging Face does to the type that the hidden states have: here float32.
func rootOfHidden(c Config) float64 { return float64(float32(math.Sqrt(float64(c.HiddenSize)))) }

// alternating gives every even layer the window.
func alternating(layers, window int) []int {
	list := everyLayer(layers, window)
	for i := 1; i < len(list); i += 2 {
		list[i] = 0
	}
	return list
}

// setLayerTypes does as layer_types says: windows has the window in its first place.
func setLayerTypes(windows []int, layers int, value json.RawMessage) error {
	list, err := strictjson.Array(value)
	if err != nil {
		return err
	}
	if len(list) != layers {
		return fmt.Errorf("%d entries for %d layers", len(list), layers)
	}
	window := windows[0]
	for i, v := range list[:len(windows)] {
		switch name, err := strictjson.String(v); {
		case err == nil && name == "sliding_attention":
			windows[i] = window
		case err == nil && name == "full_attention":
			windows[i] = 0
		default:
			return fmt.Errorf("layer %d is %s, only full_attention and sliding_attention are implemented", i, strictjson.Quote(string(v)))
		}
	}
	return nil
}

func gemma2Key(key string, value []byte) (known bool, err error) {
	switch key {
	case "attention_bias", "query_pre_attn_scalar", "attn_logit_softcapping", "final_logit_softcapping", "sliding_window", "layer_types":
		return true, nil
	case "hidden_act", "cache_implementation", "sliding_window_size":
		return true, nil // transformers reads hidden_activation instead, and sliding_window
	case "hidden_activation":
		return true, only(key, value, `"gelu_pytorch_tanh"`, "other activations are not implemented")
	case "use_bidirectional_attention":
		return true, only(key, value, "false", "attention in both directions is not implemented")
	}
	return false, nil
}

// gemma2GGUF reads what llama.cpp's conversion writes. Norms are stored with 1 added, and the scale of scores follows from
// the size of the model, as in llama.cpp (src/llama-model.cpp @c392e509).
func gemma2GGUF(m *gguf.Metadata, _ func(string) bool) Config {
	const layersOf27B = 46
	c := ggufCommon(m, "gemma2.")
	c.Family = "gemma2"
	c.QueryScale = float64(m.Size("gemma2.attention.key_length", max(1, c.HiddenSize/c.Heads)))
	if c.Layers == layersOf27B {
		c.QueryScale = float64(c.HiddenSize / c.Heads)
	}
	c.AttentionCap, c.LogitCap = m.Positive("gemma2.attn_logit_softcapping", 50), m.Positive("gemma2.final_logit_softcapping", 30)
	c.Windows = alternating(c.Layers, m.Size("gemma2.attention.sliding_window", 4096))
	c.EmbeddingScale = rootOfHidden(c)
	return c
}

func gemma2GGUFKey(m *gguf.Metadata, key string) error {
	switch key {
	case "attn_logit_softcapping", "final_logit_softcapping", "attention.sliding_window":
		return nil
	}
	return ggufKey(m, "gemma2.", key)
}
