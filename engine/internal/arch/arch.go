// Package arch knows how models are written down: for each architecture, one file with its keys in config.json and in GGUF,
// the names of its tensors in both, and its transformer block as a list of steps that reads like the paper. It reads
// descriptions; it neither loads weights nor computes.
//
// A further architecture is one more file with a value of [Architecture], and its line in [Architectures]. What its block
// has that no [Step] says yet is a field or a type in block.go, and its counterpart in package graph.
package arch

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// Architecture is a family of models.
type Architecture struct {
	ModelType string // model_type in config.json
	Class     string // the one entry of architectures there
	GGUF      string // general.architecture, which the keys of a GGUF file begin with; "" where files call it otherwise

	// Parts of a model beside its blocks, by Hugging Face's names.
	Embedding string // (vocab, hidden)
	Norm      string // (hidden) before the output matrix
	Head      string // (vocab, hidden) unless tied
	// Prefix is that of the tensors of a block.
	Prefix func(layer int) string
	// Block is what a block computes.
	Block func(c Config, layer int) []Step

	config func(f *fields) Config
	// notNull are keys that may not be null, beside those that no architecture's may.
	notNull []string
	// key judges a key of config.json that the architectures do not have in common; known is false for any other.
	key func(key string, value []byte) (known bool, err error)
	// ggufConfig reads the metadata; what they get wrong stays in m. has tells whether there is a tensor of that name.
	ggufConfig func(m *gguf.Metadata, has func(tensor string) bool) Config
	// ggufKey judges a key of a GGUF file, without the architecture's name before it.
	ggufKey func(m *gguf.Metadata, key string) error
	// ggufTensor names, for a tensor within a block or beside the blocks, the one in a GGUF file.
	ggufTensor map[string]string
	// ggufPermuted: llama.cpp's conversion permutes the rows of query and key matrices.
	ggufPermuted bool
}

// Architectures lists what the engine computes.
func Architectures() []Architecture {
	return []Architecture{llama(), mistral(), qwen2(), qwen3(), gemma2()}
}

// Architecture is the family that a model belongs to.
func (c Config) Architecture() Architecture {
	for _, a := range Architectures() {
		if a.ModelType == c.Family {
			return a
		}
	}
	return llama()
}

// family is an architecture with the names that all have in common.
func family(modelType, class, ggufName string) Architecture {
	return Architecture{
		ModelType: modelType, Class: class, GGUF: ggufName,
		Embedding: "model.embed_tokens.weight", Norm: "model.norm.weight", Head: "lm_head.weight",
		Prefix:     func(layer int) string { return fmt.Sprintf("model.layers.%d.", layer) },
		ggufKey:    commonGGUFKey(ggufName + "."),
		ggufTensor: ggufTensors(),
	}
}

// byModelType finds an architecture by what config.json calls it.
func byModelType(name string) (Architecture, error) {
	for _, a := range Architectures() {
		if a.ModelType == name {
			return a, nil
		}
	}
	return Architecture{}, unsupported("model_type", name, names(func(a Architecture) string { return strictjson.Quote(a.ModelType) }))
}

// byGGUF finds an architecture by what a GGUF file calls it.
func byGGUF(name string) (Architecture, error) {
	for _, a := range Architectures() {
		if a.GGUF == name && name != "" {
			return a, nil
		}
	}
	return Architecture{}, unsupported("general.architecture", name, names(func(a Architecture) string { return a.GGUF }))
}

func names(of func(Architecture) string) string {
	var list []string
	for _, a := range Architectures() {
		if name := of(a); name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
