package lora

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// ConfigName and WeightsName are the files of an adapter.
const (
	ConfigName  = "adapter_config.json"
	WeightsName = "adapter_model.safetensors"
)

// Config is what an adapter's configuration says that its merge depends on.
type Config struct {
	Base string // base_model_name_or_path, as it was when the adapter was made; may be ""

	Rank     int
	Alpha    float64
	RSLoRA   bool      // the scale is Alpha/sqrt(rank)
	Ranks    []pattern // rank_pattern, in its order
	Alphas   []pattern // alpha_pattern
	Targets  targets   // target_modules
	Excluded targets   // exclude_modules
	Layers   []int     // layers_to_transform; nil is all
	Saved    []string  // modules_to_save: what the adapter has whole
}

// scale is what the product of a module's matrices is multiplied by.
func (c Config) scale(module string) float64 {
	rank, alpha := float64(c.rank(module)), c.Alpha
	if x, ok := find(c.Alphas, module); ok {
		alpha = x
	}
	if c.RSLoRA {
		return alpha / math.Sqrt(rank)
	}
	return alpha / rank
}

// rank is the number of columns of a module's matrix B.
func (c Config) rank(module string) int {
	if x, ok := find(c.Ranks, module); ok {
		return int(x)
	}
	return c.Rank
}

// ParseConfig reads adapter_config.json. A key that may change what is merged is read or refused.
func ParseConfig(content []byte) (c Config, err error) {
	members, err := strictjson.Object(content)
	if err != nil {
		return c, err
	}
	// The kind comes first: the keys of another one would only be unknown.
	kind := ""
	for _, m := range members {
		if m.Key == "peft_type" {
			if kind, err = strictjson.String(m.Value); err != nil {
				return c, fmt.Errorf("peft_type: %w", err)
			}
		}
	}
	if kind != "LORA" {
		return c, fmt.Errorf("peft_type %s is not supported, only \"LORA\"", strictjson.Quote(kind))
	}
	for _, m := range members {
		if err := c.read(m); err != nil {
			return c, fmt.Errorf("%s: %w", m.Key, err)
		}
	}
	if c.Rank == 0 || c.Alpha == 0 {
		return c, errors.New("r or lora_alpha is missing")
	}
	if c.Targets.none() {
		return c, errors.New("target_modules: missing")
	}
	return c, nil
}

// read takes one key.
func (c *Config) read(m strictjson.Member) (err error) {
	switch m.Key {
	case "base_model_name_or_path":
		if !m.Null() {
			c.Base, err = strictjson.String(m.Value)
		}
	case "r":
		c.Rank, err = rank(m.Value)
	case "lora_alpha":
		c.Alpha, err = positive(m.Value)
	case "use_rslora":
		if !m.Null() {
			c.RSLoRA, err = strictjson.Bool(m.Value)
		}
	case "rank_pattern":
		c.Ranks, err = readPatterns(m, func(v json.RawMessage) (float64, error) { n, err := rank(v); return float64(n), err })
	case "alpha_pattern":
		c.Alphas, err = readPatterns(m, positive)
	case "target_modules":
		c.Targets, err = readTargets(m)
	case "exclude_modules":
		c.Excluded, err = readTargets(m)
	case "layers_to_transform":
		c.Layers, err = readLayers(m)
	case "modules_to_save":
		if !m.Null() {
			c.Saved, err = texts(m.Value)
		}
	default:
		return judge(m)
	}
	return err
}

// judge is about keys that are harmless, or are at some values.
func judge(m strictjson.Member) error {
	only := func(reason string, allowed ...string) error {
		value := strings.TrimSpace(string(m.Value))
		if m.Null() || slices.Contains(allowed, value) {
			return nil
		}
		return fmt.Errorf("%s: %s", strictjson.Quote(value), reason)
	}
	switch m.Key {
	case "peft_type":
		return nil
	// Where it comes from, and training.
	case "auto_mapping", "revision", "inference_mode", "lora_dropout", "peft_version", "runtime_config", "megatron_core", "loftq_config",
		"eva_config", "ensure_weight_tying":
		return nil
	// Transposed layers, which no model here has: PEFT turns it off for them.
	case "fan_in_fan_out":
		return nil
	case "task_type":
		return only("only adapters of causal language models are supported", `"CAUSAL_LM"`)
	case "bias":
		return only("biases that were trained along are not implemented", `"none"`)
	case "lora_bias":
		return only("biases of the adapter's matrices are not implemented", "false")
	case "use_dora":
		return only("DoRA, which scales the columns of the merged weights, is not implemented", "false")
	case "use_qalora", "use_bdlora":
		return only("this variant of LoRA is not implemented", "false")
	case "qalora_group_size":
		return nil // of use_qalora
	case "init_lora_weights":
		return only("this initialisation changes the base model's weights, too", "true", "false", `"gaussian"`, `"orthogonal"`, `"eva"`)
	case "layer_replication":
		return only("replicated layers are not implemented", "[]")
	case "trainable_token_indices":
		return only("single trained tokens are not implemented", "[]")
	case "target_parameters":
		return only("parameters outside of linear layers are not implemented", "[]")
	case "layers_pattern":
		return only("a pattern of layers' names is not implemented", "[]")
	case "megatron_config", "corda_config", "arrow_config", "alora_invocation_tokens", "lora_ga_config", "velora_config":
		return only("this variant of LoRA is not implemented", "{}", "[]")
	}
	if m.Null() {
		return nil
	}
	return errors.New("an unknown key, which may change what is merged")
}

func rank(v json.RawMessage) (int, error) {
	const most = 1 << 16
	n, err := strictjson.Uint(v)
	if err == nil && (n == 0 || n > most) {
		err = fmt.Errorf("%d is not between 1 and %d", n, most)
	}
	return int(n), err
}

func positive(v json.RawMessage) (float64, error) {
	x, err := strictjson.Float(v)
	if err == nil && !(x > 0) {
		err = fmt.Errorf("%v is not positive", x)
	}
	return x, err
}

func texts(v json.RawMessage) (list []string, err error) {
	values, err := strictjson.Array(v)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		s, err := strictjson.String(v)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func readLayers(m strictjson.Member) (list []int, err error) {
	if m.Null() {
		return nil, nil
	}
	values, err := strictjson.Array(m.Value)
	if err != nil {
		values = []json.RawMessage{m.Value} // one layer
	}
	list = []int{}
	for _, v := range values {
		n, err := strictjson.Uint(v)
		if err != nil || n > math.MaxInt32 {
			return nil, fmt.Errorf("want numbers of layers, found %s", strictjson.Quote(string(v)))
		}
		list = append(list, int(n))
	}
	return list, nil
}
