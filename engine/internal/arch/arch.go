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
	GGUF      string // general.architecture, which the keys of a GGUF file begin with

	// Parts of a model beside its blocks, by Hugging Face's names.
	Embedding string // (vocab, hidden)
	Norm      string // (hidden) before the output matrix
	Head      string // (vocab, hidden) unless tied
	// Prefix is that of the tensors of a block.
	Prefix func(layer int) string
	// Block is what a block computes.
	Block func(c Config, layer int) []Step

	config func(f *fields) Config
	// key judges a key of config.json that the architectures do not have in common; known is false for any other.
	key func(key string, value []byte) (known bool, err error)
	// ggufConfig reads the metadata; what they get wrong stays in m.
	ggufConfig func(m *gguf.Metadata) Config
	// ggufKey judges a key of a GGUF file, without the architecture's name before it.
	ggufKey func(m *gguf.Metadata, key string) error
	// ggufTensor names, for a tensor within a block or beside the blocks, the one in a GGUF file.
	ggufTensor map[string]string
}

// Architectures lists what the engine computes.
func Architectures() []Architecture { return []Architecture{llama()} }

// Architecture is the family that a model belongs to.
func (c Config) Architecture() Architecture { return llama() }

// byModelType finds an architecture by what config.json calls it.
func byModelType(name string) (Architecture, error) {
	for _, a := range Architectures() {
		if a.ModelType == name {
			return a, nil
		}
	}
	return Architecture{}, fmt.Errorf("model_type %s is not supported, only %s", strictjson.Quote(name), names(func(a Architecture) string { return fmt.Sprintf("%q", a.ModelType) }))
}

// byGGUF finds an architecture by what a GGUF file calls it.
func byGGUF(name string) (Architecture, error) {
	for _, a := range Architectures() {
		if a.GGUF == name {
			return a, nil
		}
	}
	return Architecture{}, fmt.Errorf("general.architecture %.80q is not supported, only %s", name, names(func(a Architecture) string { return a.GGUF }))
}

func names(of func(Architecture) string) string {
	var list []string
	for _, a := range Architectures() {
		list = append(list, of(a))
	}
	return strings.Join(list, ", ")
}
