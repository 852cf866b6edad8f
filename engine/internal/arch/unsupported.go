package arch

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// unsupported refuses a family by its name in a description, and says what it has that is not implemented, where that is
// known: then its reader need not wonder whether a key could be ignored.
func unsupported(key, name, supported string) error {
	if why := lacking(name); why != "" {
		return fmt.Errorf("%s %s is not supported: %s; supported are %s", key, strictjson.Quote(name), why, supported)
	}
	return fmt.Errorf("%s %s is not supported, only %s", key, strictjson.Quote(name), supported)
}

// lacking says what a family of models has, by model_type or general.architecture, that is not implemented.
func lacking(name string) string {
	switch n := strings.ToLower(name); n {
	case "mixtral", "deepseek_v2", "deepseek_v3", "deepseek2", "gpt_oss", "gpt-oss", "llama4", "llama4_text", "dbrx", "arctic", "jetmoe", "minimax",
		"ernie4_5_moe", "hunyuan_v1_moe", "dots1", "phimoe", "grok":
		return mixture
	case "mamba", "mamba2", "falcon_mamba", "jamba", "bamba", "zamba", "zamba2", "rwkv", "rwkv5", "rwkv6", "rwkv7", "rwkv6qwen2", "recurrent_gemma",
		"nemotron_h", "plamo2", "granitemoehybrid", "falcon_h1", "qwen3_next", "lfm2", "xlstm":
		return "layers that keep a state instead of attention are not implemented"
	case "t5", "mt5", "umt5", "bart", "mbart", "marian", "pegasus", "t5gemma", "whisper":
		return "encoder-decoder models are not implemented"
	case "bert", "roberta", "deberta-v2", "modernbert", "xlm-roberta", "electra":
		return "models that fill masks do not score text from left to right"
	case "gpt2", "gpt_neox", "gptneox", "gptj", "gpt_neo", "gpt_bigcode", "starcoder", "starcoder2", "bloom", "mpt", "opt", "falcon", "codegen", "stablelm",
		"phi", "phi2", "olmo", "cohere", "command-r":
		return "layer norms with a mean, positions or blocks of another form are not implemented"
	case "gemma3", "gemma3_text", "gemma3n", "phi3", "olmo2", "granite", "cohere2", "qwen", "plamo", "internlm2", "gemma", "exaone", "minicpm", "ministral",
		"mistral3", "smollm3", "glm", "glm4", "chatglm", "baichuan", "nemotron":
		return "its block has parts that are not implemented"
	default:
		if strings.Contains(n, "moe") {
			return mixture
		}
	}
	return ""
}

const mixture = "mixtures of experts are not implemented"
