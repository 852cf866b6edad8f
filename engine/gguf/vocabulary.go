package gguf

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Vocabulary is the tokenizer that a file holds (keys tokenizer.ggml.*), as it is stored. Scores, Types and Merges may be
// nil.
type Vocabulary struct {
	Model, Pre string // "llama" or "gpt2", and the name of the way in which gpt2 splits a text
	Tokens     []string
	Scores     []float32
	Types      []int64
	Merges     []string
	BOS, EOS   int32 // -1 where the file names none

	SpacePrefix bool // a text gets a space in front
	ExtraSpaces bool // remove_extra_whitespaces
	Charsmap    bool // there is a normalization table

	// Digest is the hexadecimal SHA-256 of the keys that make the tokenizer and their values, in the order of the keys.
	Digest string
}

// Vocabulary reads the tokenizer. Errors begin with the file's name.
func (f *File) Vocabulary() (*Vocabulary, error) {
	v, err := f.vocabulary()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.file.Name, err)
	}
	return v, nil
}

func (f *File) vocabulary() (*Vocabulary, error) {
	m := f.Metadata()
	v := &Vocabulary{Model: m.Text("tokenizer.ggml.model"), Pre: m.Text("tokenizer.ggml.pre"), BOS: -1, EOS: -1}
	if m.err == nil && v.Model == "" {
		return nil, errors.New("tokenizer.ggml.model: missing: the file holds no vocabulary")
	}
	var err error
	read := func(key string, into func(value) error) {
		if value, ok := m.parsed.values["tokenizer.ggml."+key]; ok && m.err == nil {
			m.Fail("tokenizer.ggml."+key, into(value))
		}
	}
	read("tokens", func(x value) error { v.Tokens, err = x.texts(); return err })
	read("scores", func(x value) error { v.Scores, err = x.floats(); return err })
	read("token_type", func(x value) error { v.Types, err = x.ints(); return err })
	read("merges", func(x value) error { v.Merges, err = x.texts(); return err })
	v.SpacePrefix = v.Model == "llama"
	read("add_space_prefix", func(x value) error { v.SpacePrefix, err = x.bool(); return err })
	read("remove_extra_whitespaces", func(x value) error { v.ExtraSpaces, err = x.bool(); return err })
	_, v.Charsmap = m.parsed.values["tokenizer.ggml.precompiled_charsmap"]
	if m.err == nil && len(v.Tokens) == 0 {
		return nil, errors.New("tokenizer.ggml.tokens: missing")
	}
	for _, n := range []struct {
		key  string
		list int
	}{{"scores", len(v.Scores)}, {"token_type", len(v.Types)}} {
		if m.err == nil && n.list != 0 && n.list != len(v.Tokens) {
			return nil, fmt.Errorf("tokenizer.ggml.%s has %d elements for %d tokens", n.key, n.list, len(v.Tokens))
		}
	}
	if ids := m.Tokens(len(v.Tokens), "tokenizer.ggml.bos_token_id"); ids != nil {
		v.BOS = ids[0]
	}
	if ids := m.Tokens(len(v.Tokens), "tokenizer.ggml.eos_token_id"); ids != nil {
		v.EOS = ids[0]
	}
	v.Digest = f.vocabularyDigest()
	return v, m.err
}

func (f *File) vocabularyDigest() string {
	h := sha256.New()
	var number [8]byte
	write := func(b []byte) {
		binary.LittleEndian.PutUint64(number[:], uint64(len(b)))
		h.Write(number[:])
		h.Write(b)
	}
	keys := slices.Clone(f.keys)
	slices.Sort(keys)
	for _, key := range keys {
		if strings.HasPrefix(key, "tokenizer.ggml.") {
			v := f.values[key]
			write([]byte(key))
			write([]byte{byte(v.kind), byte(v.element)})
			write(v.raw)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
