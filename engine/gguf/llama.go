package gguf

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Llama is what a file says of a Llama model.
type Llama struct {
	Vocabulary, Hidden, Intermediate, Layers, Heads, KVHeads, HeadDim, Context int

	RMSEps, RopeBase float64
	// LinearFactor divides rotary frequencies; 0 is none.
	LinearFactor float64
	// RopeFactors divide them one by one (rope_freqs.weight); nil is none.
	RopeFactors []float32
	// Tied: the output matrix is the embedding, because there is no output.weight or because it is the same.
	Tied bool
	// BOS and EOS may be empty. EOS holds the end of a turn too, where the file names one.
	BOS, EOS []int32

	file  *File
	names map[string]string // by Hugging Face's name
}

// Llama reads the metadata of architecture llama and checks that the tensors are those that it describes. A key that may
// change the computation in a way that is not read here is an error, and so is a tensor too many. Errors begin with the
// file's name.
func (f *File) Llama() (*Llama, error) {
	l, err := f.llama()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.file.Name, err)
	}
	return l, nil
}

func (f *File) llama() (*Llama, error) {
	m := metadata{f.parsed, nil}
	if err := m.checkArchitecture(); err != nil {
		return nil, err
	}
	l := &Llama{
		Hidden:       m.size("llama.embedding_length", 0),
		Intermediate: m.size("llama.feed_forward_length", 0),
		Layers:       m.size("llama.block_count", 0),
		Heads:        m.size("llama.attention.head_count", 0),
		Context:      m.size("llama.context_length", 0),
		RMSEps:       m.positive("llama.attention.layer_norm_rms_epsilon", 0),
		RopeBase:     m.positive("llama.rope.freq_base", 10000),
		file:         f,
	}
	l.KVHeads = m.size("llama.attention.head_count_kv", l.Heads)
	if err := m.heads(l); err != nil {
		return nil, err
	}
	l.LinearFactor = m.scaling()
	l.Vocabulary = m.vocabulary()
	l.BOS = m.tokens(l.Vocabulary, "tokenizer.ggml.bos_token_id")
	l.EOS = m.tokens(l.Vocabulary, "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id")
	if m.err != nil {
		return nil, m.err
	}
	if err := m.checkKeys(); err != nil {
		return nil, err
	}
	return l, l.checkTensors()
}

// metadata reads keys; the first error stays in err, so that a list of readings needs one check.
type metadata struct {
	*parsed
	err error
}

func (m *metadata) fail(key string, err error) {
	if m.err == nil && err != nil {
		m.err = fmt.Errorf("%s: %w", key, err)
	}
}

// size reads a positive integer below 2^31. absent 0 makes it required.
func (m *metadata) size(key string, absent int) int {
	v, ok := m.values[key]
	if !ok {
		if absent == 0 {
			m.fail(key, errors.New("missing"))
		}
		return max(absent, 1) // never 0: callers divide before they look at err
	}
	if v.kind == arrayValue {
		m.fail(key, errors.New("a value for each layer is not supported"))
		return 1
	}
	n, err := v.uint()
	if err == nil && (n == 0 || n > math.MaxInt32) {
		err = fmt.Errorf("%d is not between 1 and %d", n, math.MaxInt32)
	}
	if err != nil {
		m.fail(key, err)
		return 1
	}
	return int(n)
}

func (m *metadata) positive(key string, absent float64) float64 {
	v, ok := m.values[key]
	if !ok {
		if absent == 0 {
			m.fail(key, errors.New("missing"))
		}
		return absent
	}
	x, err := v.float()
	if err == nil && !(x > 0) {
		err = fmt.Errorf("%v is not positive", x)
	}
	m.fail(key, err)
	return x
}

func (m *metadata) text(key string) string {
	v, ok := m.values[key]
	if !ok {
		return ""
	}
	s, err := v.text()
	m.fail(key, err)
	return s
}

func (m *metadata) checkArchitecture() error {
	arch, kind := m.text("general.architecture"), m.text("general.type")
	switch {
	case m.err != nil:
		return m.err
	case arch == "":
		return errors.New("general.architecture: missing")
	case arch != "llama":
		return fmt.Errorf("general.architecture %.80q is not supported, only llama", arch)
	case kind != "" && kind != "model":
		return fmt.Errorf("general.type %.80q is not supported, only model", kind)
	}
	if n := m.size("split.count", 1); n != 1 {
		return fmt.Errorf("split.count: one of %d parts; join them with llama-gguf-split --merge", n)
	}
	return m.err
}

// heads settles the size of a head.
func (m *metadata) heads(l *Llama) error {
	if m.err != nil {
		return m.err
	}
	if l.Heads%l.KVHeads != 0 {
		return fmt.Errorf("llama.attention.head_count_kv %d does not divide head_count %d", l.KVHeads, l.Heads)
	}
	const keyLength = "llama.attention.key_length"
	if _, explicit := m.values[keyLength]; !explicit && l.Hidden%l.Heads != 0 {
		return fmt.Errorf("llama.attention.head_count %d does not divide embedding_length %d, and there is no key_length", l.Heads, l.Hidden)
	}
	l.HeadDim = m.size(keyLength, max(1, l.Hidden/l.Heads))
	for _, key := range []string{"llama.attention.value_length", "llama.rope.dimension_count"} {
		if n := m.size(key, l.HeadDim); n != l.HeadDim && m.err == nil {
			return fmt.Errorf("%s is %d where a head has %d: that is not implemented", key, n, l.HeadDim)
		}
	}
	if m.err == nil && l.HeadDim%2 != 0 {
		return fmt.Errorf("a head of %d is odd: rotary positions turn pairs", l.HeadDim)
	}
	return m.err
}

// scaling returns the factor of linear scaling, or 0.
func (m *metadata) scaling() float64 {
	const factor, older = "llama.rope.scaling.factor", "llama.rope.scale_linear"
	switch kind := m.text("llama.rope.scaling.type"); kind {
	case "linear":
		return m.positive(factor, 0)
	case "none":
		return 0
	case "":
		// llama.cpp takes a factor without a type for linear.
		if _, ok := m.values[factor]; ok {
			return m.positive(factor, 0)
		}
		if _, ok := m.values[older]; ok {
			return m.positive(older, 0)
		}
	default:
		m.fail("llama.rope.scaling.type", fmt.Errorf("%.40q is not supported, only linear", kind))
	}
	return 0
}

// vocabulary is the number of tokens.
func (m *metadata) vocabulary() int {
	const size, tokens = "llama.vocab_size", "tokenizer.ggml.tokens"
	v, ok := m.values[tokens]
	if !ok {
		return m.size(size, 0)
	}
	m.fail(tokens, v.arrayOf(stringValue))
	if n := m.size(size, max(v.count, 1)); m.err == nil && n != v.count {
		m.fail(size, fmt.Errorf("%d, but there are %d tokens", n, v.count))
	}
	return v.count
}

// tokens reads token ids, without repetition.
func (m *metadata) tokens(vocabulary int, keys ...string) []int32 {
	var ids []int32
	for _, key := range keys {
		v, ok := m.values[key]
		if !ok {
			continue
		}
		n, err := v.int()
		if err == nil && (n < 0 || n >= int64(vocabulary)) {
			err = fmt.Errorf("%d is outside the vocabulary of %d", n, vocabulary)
		}
		m.fail(key, err)
		if id := int32(n); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// checkKeys refuses keys of the architecture that may change what a model computes.
func (m *metadata) checkKeys() error {
	for _, key := range m.keys {
		rest, ours := strings.CutPrefix(key, "llama.")
		if !ours {
			continue
		}
		v := m.values[key]
		only := func(ok bool, err error, why string) error {
			if err == nil && !ok {
				err = errors.New(why)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		}
		var err error
		switch rest {
		case "embedding_length", "feed_forward_length", "block_count", "context_length", "vocab_size", "attention.head_count",
			"attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length", "attention.value_length",
			"rope.dimension_count", "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear":
		case "rope.scaling.original_context_length", "rope.scaling.finetuned": // of no consequence without yarn
		case "tensor_data_layout":
			layout, e := v.text()
			err = only(layout == "Meta AI original pth", e, "another layout of tensors")
		case "expert_count", "expert_used_count":
			n, e := v.uint()
			err = only(n == 0, e, "experts are not implemented")
		case "attention.causal":
			causal, e := v.bool()
			err = only(causal, e, "attention in both directions is not implemented")
		case "attention.sliding_window":
			err = only(false, nil, "sliding-window attention is not implemented")
		default:
			err = fmt.Errorf("unknown key %s: it may change the computation", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
