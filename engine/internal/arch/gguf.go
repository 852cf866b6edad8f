package arch

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

const factorsName = "rope_freqs.weight"

// GGUF is a model in a GGUF file: its configuration, and its tensors by Hugging Face's names.
type GGUF struct {
	Config Config

	file  *gguf.File
	names map[string]string // in the file, by Hugging Face's name
	// permuted: llama.cpp's conversion permuted the rows of query and key matrices, and their biases.
	permuted bool
}

// ReadGGUF reads the metadata and checks that the tensors are those that they describe. A key that may change the
// computation in a way that is not read here is an error unless ignore has it, and so is a tensor too many. Errors begin with the file's name.
func ReadGGUF(f *gguf.File, ignore []string) (*GGUF, error) {
	g := &GGUF{file: f, names: make(map[string]string)}
	if err := g.read(ignore); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return g, nil
}

func (g *GGUF) read(ignore []string) error {
	m := g.file.Metadata()
	a, err := ggufArchitecture(m)
	if err != nil {
		return err
	}
	c := &g.Config
	g.permuted = a.ggufPermuted
	*c = a.ggufConfig(m, func(tensor string) bool { _, ok := g.file.Tensor(tensor); return ok })
	if err := ggufHeads(m, a.GGUF+".", c); err != nil {
		return err
	}
	c.RopeScaling = ggufScaling(m, a.GGUF+".", *c)
	c.VocabSize = ggufVocabulary(m, a.GGUF+".")
	c.BOS = m.Tokens(c.VocabSize, "tokenizer.ggml.bos_token_id")
	// The end of a turn too, where the file names one.
	c.EOS = m.Tokens(c.VocabSize, "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id")
	if m.Err() != nil {
		return m.Err()
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.Ignored, err = ggufKeys(m, a, ignore); err != nil {
		return err
	}
	factors, err := g.checkTensors(a)
	if err != nil {
		return err
	}
	if factors == nil {
		return nil
	}
	if c.RopeScaling.Type != "" {
		return fmt.Errorf("rope_freqs.weight beside %s scaling is not supported", c.RopeScaling.Type)
	}
	c.RopeScaling, err = llama3Scaling(factors, *c)
	return err
}

// ggufKeys judges the architecture's keys, and returns those that are there and ignored.
func ggufKeys(m *gguf.Metadata, a Architecture, ignore []string) (ignored []string, err error) {
	var ours []string
	for _, key := range m.Keys() {
		if strings.HasPrefix(key, a.GGUF+".") {
			ours = append(ours, key)
		}
	}
	plain := func(key string) string { return key }
	return passed(ours, ignore, plain, func(key string) error {
		if rest, ok := strings.CutPrefix(key, a.GGUF+"."); ok {
			return a.ggufKey(m, rest)
		}
		return errUnknown // a key of another description, as where two models are opened with the same flags
	})
}

func ggufArchitecture(m *gguf.Metadata) (Architecture, error) {
	name, kind := m.Text("general.architecture"), m.Text("general.type")
	if m.Err() != nil {
		return Architecture{}, m.Err()
	}
	if name == "" {
		return Architecture{}, errors.New("general.architecture: missing")
	}
	a, err := byGGUF(name)
	switch {
	case err != nil:
		return a, err
	case kind != "" && kind != "model":
		return a, fmt.Errorf("general.type %.80q is not supported, only model", kind)
	}
	return a, m.Err()
}

// ggufHeads settles the size of a head.
func ggufHeads(m *gguf.Metadata, prefix string, c *Config) error {
	if m.Err() != nil {
		return m.Err()
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("%sattention.head_count_kv %d does not divide head_count %d", prefix, c.KVHeads, c.Heads)
	}
	keyLength := prefix + "attention.key_length"
	if !m.Has(keyLength) && c.HiddenSize%c.Heads != 0 {
		return fmt.Errorf("%sattention.head_count %d does not divide embedding_length %d, and there is no key_length", prefix, c.Heads, c.HiddenSize)
	}
	c.HeadDim = m.Size(keyLength, max(1, c.HiddenSize/c.Heads))
	for _, key := range []string{prefix + "attention.value_length", prefix + "rope.dimension_count"} {
		if n := m.Size(key, c.HeadDim); n != c.HeadDim && m.Err() == nil {
			return fmt.Errorf("%s is %d where a head has %d: that is not implemented", key, n, c.HeadDim)
		}
	}
	if m.Err() == nil && c.HeadDim%2 != 0 {
		return fmt.Errorf("a head of %d is odd: rotary positions turn pairs", c.HeadDim)
	}
	return m.Err()
}

// ggufScaling reads how rotary positions are scaled. A linear factor of 1 is no scaling.
func ggufScaling(m *gguf.Metadata, prefix string, c Config) RopeScaling {
	factor, older := prefix+"rope.scaling.factor", prefix+"rope.scale_linear"
	linear := func(key string) RopeScaling {
		if x := m.Positive(key, 0); x != 1 {
			return RopeScaling{Type: "linear", Factor: x}
		}
		return RopeScaling{}
	}
	switch kind := m.Text(prefix + "rope.scaling.type"); kind {
	case "linear":
		return linear(factor)
	case "yarn":
		x := m.Positive(factor, 0)
		return RopeScaling{
			Type: kind, Factor: x, OriginalMaxPositions: m.Size(prefix+"rope.scaling.original_context_length", c.MaxPositions),
			BetaFast: 32, BetaSlow: 1, AttentionFactor: yarnAttention(x),
		}
	case "none":
	case "":
		// llama.cpp takes a factor without a type for linear.
		if m.Has(factor) {
			return linear(factor)
		}
		if m.Has(older) {
			return linear(older)
		}
	default:
		m.Fail(prefix+"rope.scaling.type", fmt.Errorf("%.40q is not supported, only linear and yarn", kind))
	}
	return RopeScaling{}
}

// ggufVocabulary is the number of tokens.
func ggufVocabulary(m *gguf.Metadata, prefix string) int {
	const tokens = "tokenizer.ggml.tokens"
	size := prefix + "vocab_size"
	if !m.Has(tokens) {
		return m.Size(size, 0)
	}
	count := m.TextCount(tokens)
	if n := m.Size(size, max(count, 1)); m.Err() == nil && n != count {
		m.Fail(size, fmt.Errorf("%d, but there are %d tokens", n, count))
	}
	return count
}

// checkTensors requires that the file has every tensor of the model in its shape, and no other, and returns what rotary
// frequencies are divided by. It looks at one layer after the other, so that a number of layers without tensors costs
// nothing.
func (g *GGUF) checkTensors(a Architecture) (factors []float32, err error) {
	c := &g.Config
	embedding := a.ggufTensor[a.Embedding]
	if err := g.require(a.Embedding, embedding, []int{c.VocabSize, c.HiddenSize}); err != nil {
		return nil, err
	}
	for i := range c.Layers {
		there, here := a.Prefix(i), fmt.Sprintf("blk.%d.", i)
		for _, w := range c.BlockWeights(i) {
			if err := g.require(there+w.Name, here+a.ggufTensor[w.Name], w.Shape); err != nil {
				return nil, err
			}
		}
	}
	if err := g.require(a.Norm, a.ggufTensor[a.Norm], []int{c.HiddenSize}); err != nil {
		return nil, err
	}
	output, ok := g.file.Tensor(a.ggufTensor[a.Head])
	if ok {
		if err := g.require(a.Head, a.ggufTensor[a.Head], []int{c.VocabSize, c.HiddenSize}); err != nil {
			return nil, err
		}
	}
	stored, _ := g.file.Tensor(embedding)
	c.TieEmbeddings = !ok || output.Type == stored.Type && bytes.Equal(output.Stored(), stored.Stored())
	used := make(map[string]bool, len(g.names))
	for _, name := range g.names {
		used[name] = true
	}
	for _, name := range g.file.Names() {
		switch {
		case used[name]:
		case name == factorsName:
			if factors, err = g.readFactors(); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("tensor %q is not part of a model of %s", name, a.GGUF)
		}
	}
	return factors, nil
}

func (g *GGUF) require(there, here string, shape []int) error {
	t, ok := g.file.Tensor(here)
	switch {
	case !ok:
		return fmt.Errorf("tensor %s is missing", here)
	case !slices.Equal(t.Shape, shape):
		return fmt.Errorf("tensor %s has shape %v, the metadata demand %v", here, t.Shape, shape)
	}
	g.names[there] = here
	return nil
}

// readFactors reads what rotary frequencies are divided by; ones change nothing.
func (g *GGUF) readFactors() ([]float32, error) {
	t, _ := g.file.Tensor(factorsName)
	list, err := t.Vector()
	if err != nil {
		return nil, err
	}
	if len(list) != g.Config.HeadDim/2 {
		return nil, fmt.Errorf("tensor %s has %d factors for heads of %d", factorsName, len(list), g.Config.HeadDim)
	}
	if slices.ContainsFunc(list, func(x float32) bool { return x != 1 }) {
		return list, nil
	}
	return nil, nil
}

// llama3Scaling finds the scaling whose factors a file holds. llama.cpp's conversion writes what Llama 3.1's rule makes of
// the frequencies in float32, and not the rule; taken from the rule itself, a model has the same bits as from Hugging
// Face's directory. The three numbers beside the factor are those of every published model.
func llama3Scaling(factors []float32, c Config) (RopeScaling, error) {
	largest := float32(1)
	for _, x := range factors {
		largest = max(largest, x)
	}
	s := RopeScaling{Type: "llama3", Factor: float64(largest), LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositions: 8192}
	plain, scaled := c, c
	plain.RopeScaling, scaled.RopeScaling = RopeScaling{}, s
	from, to := plain.InverseFrequencies(), scaled.InverseFrequencies()
	for i, x := range factors {
		if want := from[i] / to[i]; !(math.Abs(float64(x)-want) <= 1e-4*want) {
			return s, fmt.Errorf("rope_freqs.weight is not the scaling of Llama 3.1 (factor %v, low 1, high 4, 8192 positions): element %d is %v, not %v",
				largest, i, x, want)
		}
	}
	return s, nil
}

// Tensor returns a tensor by the name that it has in Hugging Face's layout.
func (g *GGUF) Tensor(name string) (gguf.Tensor, bool) {
	here, ok := g.names[name]
	if !ok {
		return gguf.Tensor{}, false
	}
	t, _ := g.file.Tensor(here)
	if g.permuted {
		switch {
		case strings.HasSuffix(here, ".attn_q.weight"), strings.HasSuffix(here, ".attn_q.bias"):
			t.Heads = g.Config.Heads
		case strings.HasSuffix(here, ".attn_k.weight"), strings.HasSuffix(here, ".attn_k.bias"):
			t.Heads = g.Config.KVHeads
		}
	}
	return t, true
}

// Names returns the names of Tensor, in no order.
func (g *GGUF) Names() []string {
	names := make([]string, 0, len(g.names))
	for name := range g.names {
		names = append(names, name)
	}
	return names
}
