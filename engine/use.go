package engine

import (
	"maps"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Use is how a model would use the memory that it may take.
type Use struct {
	BatchTokens   int   `json:"batch_tokens"`             // most tokens of a batch
	Together      int   `json:"together"`                 // most sequences that are continued at once
	CacheBytes    int64 `json:"cache_bytes"`              // of keys and values that may exist at once
	PositionBytes int64 `json:"position_bytes"`           // of these, for each position of a sequence
	StreamedBytes int64 `json:"streamed_bytes,omitempty"` // of weights that are read for every batch
}

// UseOf is what Load would make of a model of which the configuration is known, and the weights if they are at path. An error is
// that of Load, such as a *MemoryError.
func UseOf(path string, c Config, o Options) (u Use, err error) {
	kernels, err := o.complete()
	if err != nil {
		return u, err
	}
	tensors := graph.Tensors(shapesOf(c))
	if path != "" {
		// Weights that are not here, or not whole, are those of the configuration.
		if opened, oerr := checkpoint.Open(path, o.IgnoreConfig); oerr == nil {
			defer func() { err = graph.Joined(err, opened.Files.Close()) }()
			c, tensors = opened.Config, opened.Tensors
		}
	}
	mode, err := o.DType.mode()
	if err != nil {
		return u, err
	}
	net, err := graph.New(c, tensors, kernels[0], mode)
	if err != nil {
		return u, err
	}
	p, err := makePlan(net, o)
	if err != nil {
		return u, err
	}
	u = Use{BatchTokens: p.batch, Together: schedule.Together(p.stream), CacheBytes: p.cache, PositionBytes: net.CacheShape(false).Bytes(8) / 8}
	if p.stream {
		for _, size := range net.StreamShape().Units[max(1, p.kept):] {
			u.StreamedBytes += size
		}
	}
	return u, nil
}

// shapes are the arrays of a model of which the configuration alone is known, in bfloat16 as models are published.
type shapes map[string][]int

func shapesOf(c Config) shapes {
	s := shapes(c.Shapes())
	if c.TieEmbeddings {
		delete(s, c.Architecture().Head)
	}
	return s
}

// Names are those that the architecture wants.
func (s shapes) Names() []string { return slices.Sorted(maps.Keys(s)) }

// Tensor has the shape of an array, and zeros for a vector, which is read when the network is made.
func (s shapes) Tensor(name string) (graph.Stored, bool, error) {
	shape, ok := s[name]
	t := graph.Stored{Shape: shape, Format: kernel.BF16, Name: "bfloat16"}
	if len(shape) == 1 {
		t.Data = make([]byte, shape[0]*t.Format.Size())
	}
	return t, ok, nil
}
