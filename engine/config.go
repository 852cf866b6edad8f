package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

const (
	configName     = "config.json"
	generationName = "generation_config.json"
	maxConfigBytes = 16 << 20
)

// Config is what the engine takes from config.json and generation_config.json of a Hugging Face Llama directory.
type Config struct {
	VocabSize    int // rows of the embedding matrix
	HiddenSize   int
	Intermediate int // width of the feed-forward layer
	Layers       int
	Heads        int // query heads
	KVHeads      int // key and value heads; divides Heads
	HeadDim      int // even
	MaxPositions int // what the model was trained for; the engine itself does not stop there
	RMSNormEps   float64
	RopeTheta    float64
	RopeScaling  RopeScaling
	// TieEmbeddings: the output matrix is the embedding matrix.
	TieEmbeddings bool
	BOS, EOS      []int32 // from generation_config.json where it has them, else from config.json; may be empty
	// StoredDType is the format of the weight matrices in the files: "float32", "bfloat16", "float16" or "mixed". It
	// comes from the tensors; config.json's torch_dtype is only what somebody wrote there.
	StoredDType string
}

// RopeScaling changes the rotary frequencies. The zero value leaves them alone.
type RopeScaling struct {
	Type   string  // "", "linear" or "llama3"
	Factor float64 // both types

	LowFreqFactor, HighFreqFactor float64 // llama3
	OriginalMaxPositions          int     // llama3
}

// ReadConfig reads config.json and, where it exists, generation_config.json in dir. Every key must be known: one that
// might change the computation in a way the engine does not implement is an error, never ignored. StoredDType stays
// empty; it takes the weights to know it. dir may be a GGUF file, which holds all that too.
func ReadConfig(dir string) (Config, error) {
	if gguf.Is(dir) {
		return readGGUFConfig(dir)
	}
	return readConfig(func(name string) ([]byte, error) { return readConfigFile(dir, name) })
}

// ReadConfigFS is ReadConfig for a file system, such as that of a program's embedded files.
func ReadConfigFS(files fs.FS) (Config, error) {
	return readConfig(func(name string) ([]byte, error) { return fs.ReadFile(files, name) })
}

func readConfig(read func(name string) ([]byte, error)) (Config, error) {
	content, err := read(configName)
	if err != nil {
		return Config{}, err
	}
	c, err := parseConfig(content)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", configName, err)
	}
	content, err = read(generationName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Config{}, err
	default:
		if err := c.setSpecialTokens(content); err != nil {
			return Config{}, fmt.Errorf("%s: %w", generationName, err)
		}
	}
	return c, nil
}

func readConfigFile(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	if err == nil && info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("%s: %d bytes, at most %d are allowed", name, info.Size(), maxConfigBytes)
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(path)
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return nil, fmt.Errorf("%s: %w", name, path.Err) // the caller knows the directory
	}
	return content, err
}

func parseConfig(content []byte) (Config, error) {
	f, err := newFields(content)
	if err != nil {
		return Config{}, err
	}
	if err := f.checkArchitecture(); err != nil {
		return Config{}, err
	}
	if err := f.checkKeys(); err != nil {
		return Config{}, err
	}
	c := Config{
		VocabSize:     f.size("vocab_size", 0),
		HiddenSize:    f.size("hidden_size", 0),
		Intermediate:  f.size("intermediate_size", 0),
		Layers:        f.size("num_hidden_layers", 0),
		Heads:         f.size("num_attention_heads", 0),
		MaxPositions:  f.size("max_position_embeddings", 2048),
		RMSNormEps:    f.positive("rms_norm_eps", 1e-6),
		TieEmbeddings: f.truth("tie_word_embeddings", false),
		BOS:           f.tokens("bos_token_id"),
		EOS:           f.tokens("eos_token_id"),
	}
	c.KVHeads = f.size("num_key_value_heads", c.Heads)
	c.RopeTheta, c.RopeScaling = f.rope()
	if f.err != nil {
		return Config{}, f.err
	}
	if err := f.setHeadDim(&c); err != nil {
		return Config{}, err
	}
	return c, c.checkTokens()
}

// setHeadDim settles head_dim, whose default only exists when the heads divide the hidden size.
func (f *fields) setHeadDim(c *Config) error {
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("num_key_value_heads %d does not divide num_attention_heads %d", c.KVHeads, c.Heads)
	}
	if _, explicit := f.values["head_dim"]; !explicit && c.HiddenSize%c.Heads != 0 {
		return fmt.Errorf("num_attention_heads %d does not divide hidden_size %d, and there is no head_dim", c.Heads, c.HiddenSize)
	}
	c.HeadDim = f.size("head_dim", c.HiddenSize/c.Heads)
	if f.err == nil && c.HeadDim%2 != 0 {
		return fmt.Errorf("head_dim %d is odd: rotary positions turn pairs", c.HeadDim)
	}
	return f.err
}

func (c *Config) checkTokens() error {
	for _, t := range slices.Concat(c.BOS, c.EOS) {
		if t < 0 || int(t) >= c.VocabSize {
			return fmt.Errorf("bos_token_id or eos_token_id %d is outside the vocabulary of %d", t, c.VocabSize)
		}
	}
	return nil
}

// setSpecialTokens takes the two ids from generation_config.json, which is what Hugging Face's generate() obeys. The
// rest of that file describes sampling, which is the caller's decision here.
func (c *Config) setSpecialTokens(content []byte) error {
	f, err := newFields(content)
	if err != nil {
		return err
	}
	if ids := f.tokens("bos_token_id"); ids != nil {
		c.BOS = ids
	}
	if ids := f.tokens("eos_token_id"); ids != nil {
		c.EOS = ids
	}
	if f.err != nil {
		return f.err
	}
	return c.checkTokens()
}

// fields are the members of one configuration object. Reading one of the wrong type leaves the first error in err, so
// that a list of readings needs one check.
type fields struct {
	keys   []string                   // in the order of the file
	values map[string]json.RawMessage // without nulls: null means absent throughout Hugging Face configurations
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
		if !m.Null() {
			f.keys = append(f.keys, m.Key)
			f.values[m.Key] = m.Value
		}
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
