package arch

import (
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// Files by which folders that are no model of their own are known.
const (
	adapterConfig = "adapter_config.json" // PEFT
	adapterModel  = "adapter_model."
	metaParams    = "params.json" // Meta's releases
)

// AdapterError is the error of a folder of a LoRA adapter where one of a model is wanted.
type AdapterError struct {
	// File is the adapter's. Base says which model it is for, as the end of a sentence, "" where nothing does.
	File, Base string
	// Beside tells that it lies beside the weights of a model.
	Beside bool
}

func (e *AdapterError) Error() string {
	if e.Beside {
		return e.File + ": a LoRA adapter lies beside the weights, and the weights alone would be measured: put its files into a folder of their own, or leave them out to measure the base model"
	}
	return e.File + ": the folder holds an adapter alone" + e.Base
}

// CheckFolder refuses a folder that holds something else than one model in Hugging Face layout, and says what.
func CheckFolder(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil // the file that is missing says it better
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name()
	}
	return checkNames(names, func() string { return baseOf(dir) })
}

// CheckNames is the same for a folder of which only the names of the files are known. Those with a slash lie deeper, and
// are nobody's.
func CheckNames(names []string) error {
	return checkNames(names, func() string { return "" })
}

// checkNames asks for base, the end of a sentence, only where there is an adapter alone.
func checkNames(names []string, base func() string) error {
	has := make(map[string]bool)
	adapter := ""
	for _, name := range names {
		if strings.Contains(name, "/") {
			continue
		}
		has[name] = true
		if name == adapterConfig || strings.HasPrefix(name, adapterModel) && adapter == "" {
			adapter = name
		}
	}
	switch {
	case adapter != "" && has[ConfigName]:
		return &AdapterError{File: adapter, Beside: true}
	case adapter != "":
		return &AdapterError{File: adapter, Base: base()}
	case has[metaParams] && !has[ConfigName]:
		return errors.New(metaParams + ": the folder has the layout of Meta's releases (consolidated.*.pth): convert it to that of Hugging Face (transformers' convert_llama_weights_to_hf.py)")
	}
	return nil
}

// baseOf names the base model of an adapter, if its file does.
func baseOf(dir string) string {
	content, err := ReadFile(dir, adapterConfig)
	if err != nil {
		return ""
	}
	var a struct {
		Base string `json:"base_model_name_or_path"`
	}
	if json.Unmarshal(content, &a) != nil || a.Base == "" {
		return ""
	}
	return ", of " + strictjson.Quote(a.Base)
}
