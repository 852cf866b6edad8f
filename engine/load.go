package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// matrix is a weight matrix as it is stored: y = x W^T for W (rows = outputs, cols = inputs).
type matrix struct {
	data       []byte // row-major, mapped from a file
	format     kernel.Format
	source     *rowSource // nil where data are the rows; else it makes them, of the same format
	rows, cols int
	mode       kernel.Mode // the form of its panels
	packed     []byte      // these, if there is memory for them
}

// layerWeights are the weights of one transformer block.
type layerWeights struct {
	attentionNorm []float32 // (hidden)
	query         matrix    // (heads * head_dim, hidden)
	key, value    matrix    // (kv_heads * head_dim, hidden)
	output        matrix    // (hidden, heads * head_dim)
	mlpNorm       []float32 // (hidden)
	gate, up      matrix    // (intermediate, hidden)
	down          matrix    // (hidden, intermediate)
}

// weights are all weights of a model.
type weights struct {
	embedding  matrix // (vocab, hidden)
	layers     []layerWeights
	norm       []float32 // (hidden)
	head       matrix    // (vocab, hidden); the embedding when tied
	parameters int64
	stored     string // Config.StoredDType
}

// weightReader takes tensors out of a checkpoint, each checked against the shape that the configuration demands.
type weightReader struct {
	checkpoint checkpoint
	taken      map[string]bool
	formats    map[string]bool
	parameters int64
	err        error
}

// readWeights matches a checkpoint with a configuration. Nothing is allocated by a number from the configuration
// before a tensor in the file has confirmed it.
func readWeights(checkpoint checkpoint, c Config) (*weights, error) {
	r := &weightReader{checkpoint: checkpoint, taken: make(map[string]bool), formats: make(map[string]bool)}
	w := &weights{}
	if t, ok, err := checkpoint.tensor(embeddingName); err == nil && ok && len(t.shape) == 2 && t.shape[0] != c.VocabSize {
		return nil, fmt.Errorf("vocab_size is %d, but %s has %d rows", c.VocabSize, embeddingName, t.shape[0])
	}
	w.embedding = r.matrix(embeddingName, c.VocabSize, c.HiddenSize)
	for i := 0; i < c.Layers && r.err == nil; i++ {
		w.layers = append(w.layers, r.layer(fmt.Sprintf("model.layers.%d.", i), c))
	}
	w.norm = r.vector("model.norm.weight", c.HiddenSize)
	w.head = r.head(w.embedding, c)
	if r.err != nil {
		return nil, r.err
	}
	if err := r.checkRest(); err != nil {
		return nil, err
	}
	w.parameters = r.parameters
	w.stored = "mixed"
	if len(r.formats) == 1 {
		for name := range r.formats {
			w.stored = name
		}
	}
	return w, nil
}

const (
	embeddingName = "model.embed_tokens.weight"
	headName      = "lm_head.weight"
)

func (r *weightReader) layer(prefix string, c Config) layerWeights {
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	return layerWeights{
		attentionNorm: r.vector(prefix+"input_layernorm.weight", c.HiddenSize),
		query:         r.matrix(prefix+"self_attn.q_proj.weight", q, c.HiddenSize),
		key:           r.matrix(prefix+"self_attn.k_proj.weight", kv, c.HiddenSize),
		value:         r.matrix(prefix+"self_attn.v_proj.weight", kv, c.HiddenSize),
		output:        r.matrix(prefix+"self_attn.o_proj.weight", c.HiddenSize, q),
		mlpNorm:       r.vector(prefix+"post_attention_layernorm.weight", c.HiddenSize),
		gate:          r.matrix(prefix+"mlp.gate_proj.weight", c.Intermediate, c.HiddenSize),
		up:            r.matrix(prefix+"mlp.up_proj.weight", c.Intermediate, c.HiddenSize),
		down:          r.matrix(prefix+"mlp.down_proj.weight", c.HiddenSize, c.Intermediate),
	}
}

// head returns the output matrix. A tied model may store it too, as some do, but then it must be the embedding again:
// Hugging Face would silently use the embedding.
func (r *weightReader) head(embedding matrix, c Config) matrix {
	_, stored, _ := r.checkpoint.tensor(headName) // an error comes again when it is read
	if !c.TieEmbeddings {
		return r.matrix(headName, c.VocabSize, c.HiddenSize)
	}
	if stored && r.err == nil {
		before := r.parameters
		head := r.matrix(headName, c.VocabSize, c.HiddenSize)
		r.parameters = before
		if r.err == nil && (head.format != embedding.format || !bytes.Equal(head.data, embedding.data)) {
			r.err = fmt.Errorf("tie_word_embeddings is true, but %s is not %s", headName, embeddingName)
		}
	}
	return embedding
}

// tensor returns a tensor after checking its shape.
func (r *weightReader) tensor(name string, shape ...int) stored {
	if r.err != nil {
		return stored{}
	}
	t, ok, err := r.checkpoint.tensor(name)
	switch {
	case !ok:
		r.err = fmt.Errorf("tensor %s is missing", name)
	case !slices.Equal(t.shape, shape):
		r.err = fmt.Errorf("tensor %s has shape %v, %s demands %v", name, t.shape, configName, shape)
	default:
		r.err = err
	}
	if r.err != nil {
		return stored{}
	}
	r.taken[name] = true
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	r.parameters += n
	return t
}

func (r *weightReader) matrix(name string, rows, cols int) matrix {
	t := r.tensor(name, rows, cols)
	if r.err == nil {
		r.formats[t.name] = true
	}
	return matrix{data: t.data, format: t.format, source: t.source, rows: rows, cols: cols}
}

func (r *weightReader) vector(name string, n int) []float32 {
	t := r.tensor(name, n)
	if r.err != nil {
		return nil
	}
	v := make([]float32, n)
	if t.source != nil {
		t.source.Row(v, 0)
	} else {
		widen(v, t.data, t.format)
	}
	return v
}

// checkRest refuses tensors that no part of the model uses: they would belong to a different model. Buffers of
// rotary frequencies, which old versions of Hugging Face transformers saved, can be computed and are passed over.
func (r *weightReader) checkRest() error {
	for _, name := range r.checkpoint.Names() {
		if !r.taken[name] && !strings.HasSuffix(name, ".rotary_emb.inv_freq") {
			return fmt.Errorf("tensor %s is not part of the model that %s describes", strictjson.Quote(name), configName)
		}
	}
	return nil
}

// widen decodes stored values to float32.
func widen(dst []float32, src []byte, f kernel.Format) {
	switch f {
	case kernel.BF16:
		for i := range dst {
			dst[i] = num.BF16ToF32(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case kernel.F16:
		for i := range dst {
			dst[i] = num.F16ToF32(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}
}

// row decodes one row of m.
func (m *matrix) row(dst []float32, row int) {
	if m.source != nil {
		m.source.Row(dst[:m.cols], row)
		return
	}
	n := m.cols * m.format.Size()
	widen(dst[:m.cols], m.data[row*n:][:n], m.format)
}
