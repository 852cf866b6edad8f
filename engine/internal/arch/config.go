package arch

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
)

const (
	// ConfigName and GenerationName are the files that describe a model in Hugging Face layout.
	ConfigName     = "config.json"
	GenerationName = "generation_config.json"
	maxConfigBytes = 16 << 20
)

// Config is what the engine takes from config.json and generation_config.json of a Hugging Face directory, or from a GGUF
// file. As JSON it is part of a model's digest: what llama has no use for is left out where it is zero, so that digests
// which were given before other families came still hold.
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
	// Family is model_type of an architecture other than llama, and "" for llama.
	Family string `json:",omitempty"`
	// AttentionBias is for biases of q, k and v, OutputBias for those of o, MLPBias for those of gate, up and down.
	AttentionBias, OutputBias, MLPBias bool `json:",omitempty"`
	// Windows are the tokens that one token sees, itself included, by layer: 0 where it sees all before it, nil where it
	// does in every layer.
	Windows []int `json:",omitempty"`
	// QueryScale is what scores are divided by the square root of; 0 is HeadDim.
	QueryScale float64 `json:",omitempty"`
	// AttentionCap and LogitCap bound scores and logits: cap·tanh(x/cap). 0 is no bound.
	AttentionCap float64 `json:",omitempty"`
	LogitCap     float64 `json:",omitempty"`
	// EmbeddingScale is what embeddings are multiplied by, a float32; 0 is 1. NormOffset is added to the stored weights of
	// norms. The family implies the first; the second depends on how the files write it down.
	EmbeddingScale float64 `json:"-"`
	NormOffset     float64 `json:"-"`
	// Ignored are the unknown keys that were passed over on the caller's word. They are no part of what is computed.
	Ignored []string `json:"-"`
}

// RopeScaling changes the rotary frequencies. The zero value leaves them alone.
type RopeScaling struct {
	Type   string  // "", "linear", "llama3" or "yarn"
	Factor float64 // all types

	LowFreqFactor, HighFreqFactor float64 // llama3
	OriginalMaxPositions          int     // llama3 and yarn

	// yarn: the turns within the original positions from which on a frequency is kept, and up to which it is divided; and
	// what cosines and sines are multiplied by.
	BetaFast, BetaSlow, AttentionFactor float64 `json:",omitempty"`
}

// Window is how many tokens a token of a layer sees, itself included; 0 is all before it.
func (c Config) Window(layer int) int {
	if layer >= len(c.Windows) {
		return 0
	}
	return c.Windows[layer]
}

// ScoreScale is what products of queries and keys are multiplied by.
func (c Config) ScoreScale() float64 {
	if c.QueryScale != 0 {
		return 1 / math.Sqrt(c.QueryScale)
	}
	return 1 / math.Sqrt(float64(c.HeadDim))
}

// ReadDir reads config.json and, where it exists, generation_config.json in dir. Every key must be known, or named by ignore:
// one that might change the computation in a way the engine does not implement is an error. StoredDType stays empty; it
// takes the weights to know it.
func ReadDir(dir string, ignore []string) (Config, error) {
	if err := CheckFolder(dir); err != nil {
		return Config{}, err
	}
	return read(func(name string) ([]byte, error) { return ReadFile(dir, name) }, ignore)
}

// ReadFS is ReadDir for a file system, such as that of a program's embedded files.
func ReadFS(files fs.FS, ignore []string) (Config, error) {
	return read(func(name string) ([]byte, error) { return fs.ReadFile(files, name) }, ignore)
}

func read(read func(name string) ([]byte, error), ignore []string) (Config, error) {
	content, err := read(ConfigName)
	if err != nil {
		return Config{}, err
	}
	c, err := parseConfig(content, ignore)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", ConfigName, err)
	}
	content, err = read(GenerationName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Config{}, err
	default:
		if err := c.setSpecialTokens(content); err != nil {
			return Config{}, fmt.Errorf("%s: %w", GenerationName, err)
		}
	}
	return c, nil
}

// ReadFile reads one of the files that describe a model. Its errors name the file without the directory.
func ReadFile(dir, name string) ([]byte, error) {
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

func parseConfig(content []byte, ignore []string) (Config, error) {
	f, err := newFields(content)
	if err != nil {
		return Config{}, err
	}
	a, err := f.architecture()
	if err != nil {
		return Config{}, err
	}
	ignored, err := f.checkKeys(a, ignore)
	if err != nil {
		return Config{}, err
	}
	if err := f.checkNulls(a); err != nil {
		return Config{}, err
	}
	c := a.config(f)
	c.Ignored = ignored
	if f.err != nil {
		return Config{}, f.err
	}
	if err := f.setHeadDim(&c); err != nil {
		return Config{}, err
	}
	return c, c.check()
}

// setHeadDim settles head_dim. Its default is the architecture's, or else only exists when the heads divide the hidden size.
func (f *fields) setHeadDim(c *Config) error {
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("num_key_value_heads %d does not divide num_attention_heads %d", c.KVHeads, c.Heads)
	}
	if _, explicit := f.values["head_dim"]; !explicit && c.HeadDim == 0 && c.HiddenSize%c.Heads != 0 {
		return fmt.Errorf("num_attention_heads %d does not divide hidden_size %d, and there is no head_dim", c.Heads, c.HiddenSize)
	}
	if c.HeadDim == 0 {
		c.HeadDim = max(1, c.HiddenSize/c.Heads)
	}
	c.HeadDim = f.size("head_dim", c.HeadDim)
	if f.err == nil && c.HeadDim%2 != 0 {
		return fmt.Errorf("head_dim %d is odd: rotary positions turn pairs", c.HeadDim)
	}
	return f.err
}

func (c *Config) check() error {
	if c.Windows != nil && len(c.Windows) != c.Layers {
		return fmt.Errorf("%d layers with windows, at most %d are supported", c.Layers, mostLayers)
	}
	return c.checkTokens()
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
