package lmeval

import (
	"fmt"
	"strconv"
	"strings"
)

// ModelArgs is what the --model_args of lm-eval's command line say of a model, in the words of this program.
type ModelArgs struct {
	// Model is the model's name with its revision, as it was before where they do not name one, which Named tells.
	Model string
	Named bool
	// DType is the arithmetic, Adapter a LoRA adapter, Window the number of positions; "" and 0 where they say nothing.
	DType   string
	Adapter string
	Window  int
	// TrustRemoteCode tells that the word was there, which means nothing here: no code of a model is run.
	TrustRemoteCode bool

	pretrained, revision, tokenizer string
}

// dtypeNames are lm-eval's words for arithmetic that the engine has. auto, the format in which weights are stored, decides
// nothing here: the weights are always those that are stored, and the arithmetic is the default's.
var dtypeNames = map[string]string{"float32": "f32", "float": "f32", "bfloat16": "bf16", "auto": "f32"}

// ParseModelArgs reads them as key=value between commas; model is the one that was named otherwise. What the model or its tokenizer
// would not be the same under is refused.
func ParseModelArgs(text, model string) (ModelArgs, error) {
	a := ModelArgs{Model: model}
	for _, arg := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return a, fmt.Errorf("%q is not of the form key=value", arg)
		}
		if err := a.set(key, value); err != nil {
			return a, err
		}
	}
	if a.Named {
		a.Model = a.pretrained
	}
	if a.revision != "" {
		if strings.Contains(a.Model, "@") {
			return a, fmt.Errorf("revision %s, but %s names one already", a.revision, a.Model)
		}
		a.Model += "@" + a.revision
	}
	if a.tokenizer != "" && a.tokenizer != a.pretrained && a.tokenizer != a.Model {
		return a, fmt.Errorf("tokenizer=%s is not supported: a model is read with the tokenizer in its own folder", a.tokenizer)
	}
	return a, nil
}

// set takes one argument or says why it cannot.
func (a *ModelArgs) set(key, value string) error {
	switch key {
	case "pretrained":
		a.pretrained, a.Named = value, true
	case "revision":
		a.revision = value
	case "tokenizer":
		a.tokenizer = value
	case "dtype":
		if short, ok := dtypeNames[value]; ok {
			value = short
		}
		a.DType = value
	case "peft":
		a.Adapter = value
	case "max_length":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return fmt.Errorf("max_length %q is not a positive number", value)
		}
		a.Window = n
	case "trust_remote_code":
		if _, err := strconv.ParseBool(value); err != nil {
			return fmt.Errorf("trust_remote_code %q is neither True nor False", value)
		}
		a.TrustRemoteCode = true
	default:
		return fmt.Errorf("%s is not supported: pretrained, peft, revision, dtype, max_length, tokenizer and trust_remote_code are", key)
	}
	return nil
}
