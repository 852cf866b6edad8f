package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// fields are the members of one configuration object. Reading one of the wrong type leaves the first error in err, so
// that a list of readings needs one check.
type fields struct {
	keys   []string                   // in the order of the file
	values map[string]json.RawMessage // without nulls: null mostly means absent in Hugging Face configurations
	nulls  []string                   // the keys that are null
	err    error
}

func newFields(content []byte) (*fields, error) {
	members, err := strictjson.Object(content)
	if err != nil {
		if what := safetensors.Impostor(content); what != "" {
			return nil, errors.New(what)
		}
		return nil, err
	}
	f := &fields{values: make(map[string]json.RawMessage, len(members))}
	for _, m := range members {
		if m.Null() {
			f.nulls = append(f.nulls, m.Key)
			continue
		}
		f.keys = append(f.keys, m.Key)
		f.values[m.Key] = m.Value
	}
	return f, nil
}

func (f *fields) fail(key string, err error) {
	if f.err == nil && err != nil {
		f.err = fmt.Errorf("%s: %w", key, err)
	}
}

// size reads a positive integer below 2^31, so that a product of two cannot overflow. absent 0 makes it required.
func (f *fields) size(key string, absent int) int {
	v, ok := f.values[key]
	if !ok {
		if absent == 0 {
			f.fail(key, errors.New("missing"))
		}
		return max(absent, 1) // never 0: callers divide before they look at err
	}
	n, err := strictjson.Uint(v)
	if err == nil && (n == 0 || n > math.MaxInt32) {
		err = fmt.Errorf("%d is not between 1 and %d", n, math.MaxInt32)
	}
	if err != nil {
		f.fail(key, err)
		return 1
	}
	return int(n)
}

func (f *fields) positive(key string, absent float64) float64 {
	v, ok := f.values[key]
	if !ok {
		if absent == 0 {
			f.fail(key, errors.New("missing"))
		}
		return absent
	}
	x, err := strictjson.Float(v)
	if err == nil && !(x > 0) {
		err = fmt.Errorf("%v is not positive", x)
	}
	f.fail(key, err)
	return x
}

func (f *fields) truth(key string, absent bool) bool {
	v, ok := f.values[key]
	if !ok {
		return absent
	}
	b, err := strictjson.Bool(v)
	f.fail(key, err)
	return b
}

func (f *fields) text(key string) string {
	v, ok := f.values[key]
	if !ok {
		return ""
	}
	s, err := strictjson.String(v)
	f.fail(key, err)
	return s
}

// tokens reads one token id or a list of them; nil when absent.
func (f *fields) tokens(key string) []int32 {
	v, ok := f.values[key]
	if !ok {
		return nil
	}
	list, err := strictjson.Array(v)
	if err != nil {
		list = []json.RawMessage{v}
	}
	ids := make([]int32, 0, len(list))
	for _, v := range list {
		n, err := strictjson.Int(v)
		if err == nil && int64(int32(n)) != n {
			err = fmt.Errorf("%d is not a token id", n)
		}
		f.fail(key, err)
		ids = append(ids, int32(n))
	}
	return ids
}

// null tells whether the key is there and null.
func (f *fields) null(key string) bool { return slices.Contains(f.nulls, key) }

// optional reads a positive number for which null means that there is none: 0.
func (f *fields) optional(key string, absent float64) float64 {
	if f.null(key) {
		return 0
	}
	return f.positive(key, absent)
}

// defaults are what an architecture's class takes for keys that are absent.
type defaults struct {
	positions int
	kvHeads   int // 0 is the number of heads, which null is in every architecture
	headDim   int // 0 is hidden_size / num_attention_heads
	tied      bool
}

// common reads the keys that all architectures have.
func (f *fields) common(d defaults) Config {
	c := Config{
		VocabSize:     f.size("vocab_size", 0),
		HiddenSize:    f.size("hidden_size", 0),
		Intermediate:  f.size("intermediate_size", 0),
		Layers:        f.size("num_hidden_layers", 0),
		Heads:         f.size("num_attention_heads", 0),
		HeadDim:       d.headDim,
		MaxPositions:  f.size("max_position_embeddings", d.positions),
		RMSNormEps:    f.positive("rms_norm_eps", 1e-6),
		TieEmbeddings: f.truth("tie_word_embeddings", d.tied),
		BOS:           f.tokens("bos_token_id"),
		EOS:           f.tokens("eos_token_id"),
	}
	if d.kvHeads == 0 || f.null("num_key_value_heads") {
		d.kvHeads = c.Heads
	}
	c.KVHeads = f.size("num_key_value_heads", d.kvHeads)
	c.RopeTheta, c.RopeScaling = f.rope(c)
	return c
}
