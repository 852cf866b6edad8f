package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// architecture finds the one that model_type names, and requires that architectures says the same.
func (f *fields) architecture() (Architecture, error) {
	kind := f.text("model_type")
	if f.err != nil {
		return Architecture{}, f.err
	}
	a, err := byModelType(kind)
	if err != nil {
		return Architecture{}, err
	}
	v, ok := f.values["architectures"]
	if !ok {
		return Architecture{}, errors.New("architectures: missing")
	}
	list, err := strictjson.Array(v)
	if err != nil {
		return Architecture{}, fmt.Errorf("architectures: %w", err)
	}
	if len(list) != 1 {
		return Architecture{}, fmt.Errorf("architectures: want one, found %d", len(list))
	}
	name, err := strictjson.String(list[0])
	if err != nil {
		return Architecture{}, fmt.Errorf("architectures: %w", err)
	}
	if name != a.Class {
		return Architecture{}, fmt.Errorf("architecture %s is not supported, only %s", strictjson.Quote(name), a.Class)
	}
	return a, nil
}

// checkKeys requires that every key is understood, known not to change what the engine computes, or one that the caller
// answers for by ignore. It returns which of those there were.
func (f *fields) checkKeys(a Architecture, ignore []string) (ignored []string, err error) {
	return passed(f.keys, ignore, strictjson.Quote, func(key string) error {
		known, err := a.key(key, f.values[key])
		if !known {
			err = checkKey(key, f.values[key])
		}
		return err
	})
}

// checkNulls refuses null where Hugging Face's code computes with the value, which would fail there. Absent is another
// matter: then its default holds, which is what the model was made with.
func (f *fields) checkNulls(a Architecture) error {
	for _, key := range f.nulls {
		switch key {
		case "rope_theta":
			if _, ok := f.values["rope_parameters"]; ok {
				continue
			}
		case "rms_norm_eps", "max_position_embeddings", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
			"num_attention_heads":
		default:
			if !slices.Contains(a.notNull, key) {
				continue
			}
		}
		return fmt.Errorf("%s is null: the model's own value is not known", key)
	}
	return nil
}

// checkKey judges one key that architectures have in common, by what Hugging Face transformers does with it (configuration_utils.py, and the
// configuration and modeling files of the architectures). Null values never come here.
func checkKey(key string, value json.RawMessage) error {
	switch key {
	// Read by every architecture.
	case "architectures", "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
		"num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps", "rope_theta",
		"rope_scaling", "rope_parameters", "tie_word_embeddings", "bos_token_id", "eos_token_id":
		return nil

	// Where the configuration came from, how weights were stored or initialised, training, tokenisation.
	case "_name_or_path", "name_or_path", "transformers_version", "torch_dtype", "dtype", "initializer_range",
		"attention_dropout", "use_cache", "pad_token_id", "unk_token_id", "sep_token_id", "cls_token_id", "mask_token_id",
		"tokenizer_class", "prefix", "finetuning_task", "task_specific_params", "problem_type", "id2label", "label2id",
		"num_labels", "max_sequence_length", "unsloth_version", "unsloth_fixed", "unsloth_template", "license", "tags":
		return nil

	// How Hugging Face runs the same computation.
	case "_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "_flash_attn_2_enabled",
		"gradient_checkpointing", "chunk_size_feed_forward", "torchscript", "return_dict", "output_attentions",
		"output_hidden_states", "use_bfloat16", "tf_legacy_loss", "ignore_index", "use_flash_attn", "use_flash_attention_2",
		"flash_attn", "flash_attention", "use_sdpa", "transformers.js_config", "onnx_config":
		return nil

	// Training alone: losses, dropout, noise; and what names or counts things.
	case "loss_type", "is_llama_config", "hidden_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob", "resid_pdrop", "embd_pdrop",
		"attn_pdrop", "classifier_dropout", "neftune_noise_alpha", "router_aux_loss_coef", "output_router_logits", "max_window_layers",
		"model_max_length", "pretrained_model_name_or_path", "model_name":
		return nil

	// Defaults of generate(), which old configurations carry; the caller of Generate decides these.
	case "do_sample", "temperature", "top_k", "top_p", "typical_p", "max_length", "max_new_tokens", "min_length",
		"num_beams", "num_beam_groups", "num_return_sequences", "early_stopping", "length_penalty", "diversity_penalty",
		"repetition_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "suppress_tokens",
		"begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
		"exponential_decay_length_penalty", "output_scores", "return_dict_in_generate", "decoder_start_token_id":
		return nil

	// Harmless at one value.
	case "is_decoder", "is_encoder_decoder", "add_cross_attention", "cross_attention_hidden_size", "tie_encoder_decoder":
		return only(key, value, "false", "the engine runs decoder-only models with their usual mask")
	case "rope_interleaved":
		return only(key, value, "false", "neighbouring elements turned together are not implemented")
	case "bias", "qkv_bias", "use_bias", "lm_head_bias":
		return only(key, value, "false", "biases are not implemented")
	case "use_qk_norm", "qk_layernorm", "use_sliding_window":
		return only(key, value, "false", "the model would be computed another way")
	case "layer_types":
		return fullAttention(value)
	case "pruned_heads":
		return only(key, value, "{} []", "pruned heads are not implemented")

	// Known to change the computation.
	case "quantization_config":
		return fmt.Errorf("%s: quantised weights are not supported; use the original checkpoint", key)
	case "auto_map":
		return fmt.Errorf("%s: the model brings its own Python code, which is never run", key)
	}
	return errUnknown
}

// only accepts a value whose text is one of allowed, a list separated by spaces.
func only(key string, value []byte, allowed, reason string) error {
	if slices.Contains(strings.Fields(allowed), strings.TrimSpace(string(value))) {
		return nil
	}
	return fmt.Errorf("%s is %s: %s", key, strictjson.Quote(string(value)), reason)
}

// fullAttention accepts a list of layers that all attend to everything before.
func fullAttention(value json.RawMessage) error {
	list, err := strictjson.Array(value)
	if err != nil {
		return fmt.Errorf("layer_types: %w", err)
	}
	for i, v := range list {
		if name, err := strictjson.String(v); err != nil || name != "full_attention" {
			return fmt.Errorf("layer_types: layer %d is %s, only full_attention is implemented", i, strictjson.Quote(string(v)))
		}
	}
	return nil
}

// positiveInteger accepts any number of parts that products are cut into for training: the product is the same.
func positiveInteger(key string, value json.RawMessage) error {
	if n, err := strictjson.Uint(value); err != nil || n == 0 {
		return fmt.Errorf("%s: want a positive integer, found %s", key, strictjson.Quote(string(value)))
	}
	return nil
}
