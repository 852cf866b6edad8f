package gguftest

import (
	"encoding/json"
	"fmt"
	"os"
)

// Vocabulary makes a file that holds a SentencePiece vocabulary and no tensors, of a tokenizer.model. bos and eos are ids.
func Vocabulary(path string, bos, eos int) (*File, error) {
	f := &File{Pairs: []Pair{{"general.architecture", "llama"}}}
	return f, f.addVocabulary(path, config{BOS: bos, EOS: eos})
}

// ByteLevel makes a file that holds the byte-level vocabulary of a tokenizer.json and no tensors, split by a name of
// llama.cpp's (_set_vocab_gpt2). Added tokens that are not special become user-defined unless they are left out.
func ByteLevel(path, pre string, bos, eos int, leaveOut ...string) (*File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var d struct {
		Added []struct {
			ID      int
			Content string
			Special bool
		} `json:"added_tokens"`
		Model struct {
			Vocab  map[string]int
			Merges []any
		}
	}
	if err := json.Unmarshal(content, &d); err != nil {
		return nil, err
	}
	size := 0
	for _, id := range d.Model.Vocab {
		size = max(size, id+1)
	}
	for _, a := range d.Added {
		size = max(size, a.ID+1)
	}
	tokens, kinds := make([]string, size), make([]int32, size)
	for i := range tokens {
		tokens[i], kinds[i] = fmt.Sprintf("[PAD%d]", i), 5
	}
	for text, id := range d.Model.Vocab {
		tokens[id], kinds[id] = text, 1
	}
	for _, a := range d.Added {
		tokens[a.ID], kinds[a.ID] = a.Content, 4
		if a.Special {
			kinds[a.ID] = 3
		}
		for _, out := range leaveOut {
			if a.Content == out {
				tokens[a.ID], kinds[a.ID] = fmt.Sprintf("[PAD%d]", a.ID), 5
			}
		}
	}
	merges := make([]string, len(d.Model.Merges))
	for i, m := range d.Model.Merges {
		switch m := m.(type) {
		case string:
			merges[i] = m
		case []any:
			merges[i] = fmt.Sprintf("%s %s", m[0], m[1])
		}
	}
	return &File{Pairs: []Pair{
		{"general.architecture", "llama"}, {"tokenizer.ggml.model", "gpt2"}, {"tokenizer.ggml.pre", pre},
		{"tokenizer.ggml.tokens", tokens}, {"tokenizer.ggml.token_type", kinds}, {"tokenizer.ggml.merges", merges},
		{"tokenizer.ggml.bos_token_id", uint32(bos)}, {"tokenizer.ggml.eos_token_id", uint32(eos)},
	}}, nil
}
