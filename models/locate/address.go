// Package locate finds the model that a name stands for: one within the program, a folder or a GGUF file here, an alias of a published
// model, a repository of the hub or a GGUF file in one; and brings it to this machine.
package locate

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/nearest"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// Address says what a name stands for: a directory or a GGUF file here, or a repository of the hub or a GGUF file in it.
type Address struct {
	Dir  string
	Repo hub.Repo
	File string // of the repository
	// Within are the files of a model that this program carries.
	Within fs.FS
}

// HubName is a repository as users write it: org/name, or org/name@revision.
var HubName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[\w.-]+(@[^@\s]+)?$`)

// hubFile is a GGUF file of a repository: org/name/file.gguf, or org/name/file.gguf@revision.
var hubFile = regexp.MustCompile(`^([A-Za-z0-9][\w.-]*/[\w.-]+)/([^@\s]+\.gguf)(?:@([^@\s]+))?$`)

// Find reads the name of a model. Its errors begin with that name, and whoever was given it by a flag says by which. A name that means nothing is refused with what was probably meant.
func Find(model string) (Address, error) {
	// The names of the program's own models come first, so that they mean the same everywhere.
	if files, ok, err := smokemodel.Files(model); ok {
		return Address{Within: files}, err
	}
	if _, err := os.Stat(model); err == nil {
		return Address{Dir: model}, nil
	}
	if id, revision, ok := Aliases().HubID(model); ok {
		return Address{Repo: hub.Repo{Kind: hub.Model, ID: id, Revision: revision}}, nil
	}
	if mixture(model) {
		return Address{}, fmt.Errorf("%s: a mixture of experts, which the engine does not compute", model)
	}
	if slices.Contains(engineBackends, model) {
		return Address{}, fmt.Errorf("%s is another harness's backend: the engine is built in, name a model, or pretrained=MODEL among the model arguments", model)
	}
	if err := ServerBackend(model); err != nil {
		return Address{}, err
	}
	if m := hubFile.FindStringSubmatch(model); m != nil {
		return Address{Repo: hub.Repo{Kind: hub.Model, ID: m[1], Revision: m[3]}, File: m[2]}, nil
	}
	if HubName.MatchString(model) && !strings.HasSuffix(model, ".gguf") {
		id, revision, _ := strings.Cut(model, "@")
		return Address{Repo: hub.Repo{Kind: hub.Model, ID: id, Revision: revision}}, nil
	}
	if near := nearest.Of(strings.ToLower(model), append(Aliases().Names(), smokemodel.Names()...)); near != nil {
		return Address{}, fmt.Errorf("%s: no such directory or file, no alias and no hub id org/name; did you mean %s?", model, strings.Join(near, " or "))
	}
	return Address{}, fmt.Errorf("%s: no such directory or file, no alias and no hub id org/name (swallow-eval list models)", model)
}

// engineBackends are other harnesses' words for computing here, serverBackends for asking somebody else.
var (
	engineBackends = []string{"hf", "hf-auto", "huggingface", "hf-causal", "hf-causal-experimental", "vllm", "sglang"}
	serverBackends = []string{"local-completions", "local-chat-completions", "openai", "openai-completions", "openai-chat-completions", "anthropic-completions",
		"anthropic-chat", "gguf", "ggml", "sglang-generate", "textsynth", "watsonx_llm"}
)

// ServerBackend refuses a backend that asks a server, whatever model arguments stand beside it.
func ServerBackend(model string) error {
	if slices.Contains(serverBackends, model) {
		return fmt.Errorf("%s is a backend of the harness: name a model here, or where servers are asked one of the OpenAI protocol, as openai:http://HOST:PORT/v1#MODEL, and its tokenizer", model)
	}
	return nil
}

// EncoderFiles are what a command needs that turns text into tokens and computes nothing.
func EncoderFiles(name string) bool {
	switch name {
	case "config.json", "generation_config.json", "tokenizer.model", "tokenizer.json", "tokenizer_config.json",
		"chat_template.jinja":
		return true
	}
	return false
}

// ConfigFiles decide what a model computes.
func ConfigFiles(name string) bool { return name == "config.json" || name == "generation_config.json" }
