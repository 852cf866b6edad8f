package graph

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// weightReader takes tensors out of a checkpoint, each checked against the shape that the configuration demands.
type weightReader struct {
	tensors    Tensors
	taken      map[string]bool
	formats    map[string]bool
	matrices   []*matrix // in the order of reading
	parameters int64
	err        error
}

func newWeightReader(t Tensors) *weightReader {
	return &weightReader{tensors: t, taken: make(map[string]bool), formats: make(map[string]bool)}
}

// head returns the output matrix. A tied model may store it too, as some do, but then it must be the embedding again:
// Hugging Face would silently use the embedding.
func (r *weightReader) head(embedding *matrix, a arch.Architecture, c arch.Config) *matrix {
	_, stored, _ := r.tensors.Tensor(a.Head) // an error comes again when it is read
	if !c.TieEmbeddings {
		return r.matrix(a.Head, c.VocabSize, c.HiddenSize)
	}
	if stored && r.err == nil {
		before := r.parameters
		head := r.matrix(a.Head, c.VocabSize, c.HiddenSize)
		r.parameters = before
		if r.err == nil && !head.same(embedding) {
			r.err = fmt.Errorf("tie_word_embeddings is true, but %s is not %s", a.Head, a.Embedding)
		}
	}
	return embedding
}

// tensor returns a tensor after checking its shape.
func (r *weightReader) tensor(name string, shape ...int) Stored {
	if r.err != nil {
		return Stored{}
	}
	t, ok, err := r.tensors.Tensor(name)
	switch {
	case !ok:
		r.err = fmt.Errorf("tensor %s is missing", name)
	case !slices.Equal(t.Shape, shape):
		r.err = fmt.Errorf("tensor %s has shape %v, %s demands %v", name, t.Shape, arch.ConfigName, shape)
	default:
		r.err = err
	}
	if r.err != nil {
		return Stored{}
	}
	r.taken[name] = true
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	r.parameters += n
	return t
}

func (r *weightReader) matrix(name string, rows, cols int) *matrix {
	t := r.tensor(name, rows, cols)
	if r.err == nil {
		r.formats[t.Name] = true
	}
	m := &matrix{data: t.Data, format: t.Format, decoder: t.Rows, blocks: t.Blocks, rows: rows, cols: cols, source: t.Source, at: t.At, group: max(1, t.Group)}
	if t.Rows != nil {
		m.spare = new(sync.Pool)
	}
	return m
}

func (r *weightReader) vector(name string, n int) []float32 {
	t := r.tensor(name, n)
	if r.err != nil {
		return nil
	}
	v := make([]float32, n)
	if t.Rows != nil {
		t.Rows.Values(v, 0)
	} else {
		widen(v, t.Data, t.Format)
	}
	return v
}

// checkRest refuses tensors that no part of the model uses: they would belong to a different model. Buffers of
// rotary frequencies, which old versions of Hugging Face transformers saved, can be computed and are passed over.
func (r *weightReader) checkRest() error {
	for _, name := range r.tensors.Names() {
		if !r.taken[name] && !strings.HasSuffix(name, ".rotary_emb.inv_freq") {
			return fmt.Errorf("tensor %s is not part of the model that %s describes", strictjson.Quote(name), arch.ConfigName)
		}
	}
	return nil
}

// storedDType is Config.StoredDType.
func (r *weightReader) storedDType() string {
	if len(r.formats) == 1 {
		for name := range r.formats {
			return name
		}
	}
	return "mixed"
}
