package arch

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

// GenerationSetting is one setting by which a model's authors would change how Hugging Face's generate() runs: sampling,
// penalties, lengths. Only the end tokens are obeyed here; how to generate is the caller's decision.
type GenerationSetting struct {
	File    string // that it stands in
	Key     string
	Value   string // JSON, shortened
	Applied bool
}

// longestSetting bounds a value; some hold lists of thousands of tokens.
const longestSetting = 80

// ReadGeneration lists the settings of generation_config.json that differ from what generate() does without the file, in
// the file's order. Without the file the settings are those that old checkpoints keep in config.json, which generate()
// obeys then. Keys that are not known are listed too. A GGUF file has none.
func ReadGeneration(dir string) ([]GenerationSetting, error) {
	if gguf.Is(dir) {
		return nil, nil
	}
	name := GenerationName
	content, err := ReadFile(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		name = ConfigName
		content, err = ReadFile(dir, name)
	}
	if err != nil {
		return nil, err
	}
	f, err := newFields(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var list []GenerationSetting
	for _, key := range f.keys {
		neutral, known := neutralGeneration(key)
		switch value := strings.TrimSpace(string(f.values[key])); {
		case slices.Contains(neutral, value), slices.Contains(neutral, always):
		case !known && name == ConfigName: // it describes the model
		case key == "eos_token_id" && (name == ConfigName || sameEnds(dir, f)):
		default:
			list = append(list, GenerationSetting{File: name, Key: key, Value: shortened(value), Applied: key == "eos_token_id"})
		}
	}
	return list, nil
}

// sameEnds tells whether config.json names the same end tokens, so that the setting changes nothing.
func sameEnds(dir string, f *fields) bool {
	content, err := ReadFile(dir, ConfigName)
	if err != nil {
		return false
	}
	c, err := newFields(content)
	return err == nil && slices.Equal(f.tokens("eos_token_id"), c.tokens("eos_token_id"))
}

// always stands for a key that changes nothing whatever its value.
const always = "*"

// neutralGeneration returns the values of a key with which it changes nothing, and whether the key is one of generate()'s
// (transformers, generation/configuration_utils.py). Settings of sampling count although a greedy answer ignores them: they
// say what the authors would have sampled with.
func neutralGeneration(key string) (neutral []string, known bool) {
	switch key {
	case "transformers_version", "_from_model_config", "pad_token_id", "bos_token_id", "decoder_start_token_id", "use_cache",
		"cache_implementation", "output_scores", "output_logits", "output_attentions", "output_hidden_states",
		"return_dict_in_generate", "return_legacy_cache", "is_assistant", "trust_remote_code":
		return []string{always}, true
	case "do_sample", "early_stopping", "renormalize_logits", "remove_invalid_values":
		return []string{"false"}, true
	case "temperature", "top_p", "typical_p", "repetition_penalty", "encoder_repetition_penalty", "length_penalty", "guidance_scale":
		return []string{"1", "1.0"}, true
	case "top_k":
		return []string{"50"}, true
	case "num_beams", "num_beam_groups", "num_return_sequences":
		return []string{"1"}, true
	case "diversity_penalty", "epsilon_cutoff", "eta_cutoff", "min_p":
		return []string{"0", "0.0"}, true
	case "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "min_length", "min_new_tokens":
		return []string{"0"}, true
	case "max_length":
		return []string{"20"}, true
	case "eos_token_id", "max_new_tokens", "max_time", "stop_strings", "penalty_alpha", "dola_layers", "force_words_ids", "constraints",
		"bad_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id", "sequence_bias",
		"exponential_decay_length_penalty", "forced_decoder_ids", "watermarking_config", "prompt_lookup_num_tokens":
		return nil, true
	}
	return nil, false
}

// shortened is a value on one line.
func shortened(value string) string {
	text := strings.Join(strings.Fields(value), " ")
	if len(text) > longestSetting {
		text = strings.ToValidUTF8(text[:longestSetting], "") + "…"
	}
	return text
}
