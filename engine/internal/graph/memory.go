package graph

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// SmallestCache is the bytes of the least cache that a network of that shape is of use with.
func (n *Network) SmallestCache() int64 {
	return n.CacheShape(false).Bytes(min(n.config.MaxPositions, pageTokens))
}

// CacheShape returns the shape of caches that keep all layers, or one at a time.
func (n *Network) CacheShape(oneLayer bool) CacheShape {
	s := CacheShape{layers: n.config.Layers, kvHeads: n.config.KVHeads, headDim: n.config.HeadDim, bf16: n.bf16()}
	if oneLayer {
		s.layers = 1
	}
	return s
}

// WorkingBytes estimates the memory of a batch of a number of tokens and of the threads' scratch, everything but weights
// and caches.
func (n *Network) WorkingBytes(threads, batch int) int64 {
	c := n.config
	queries, keys := int64(c.Heads)*int64(c.HeadDim), int64(c.KVHeads)*int64(c.HeadDim)
	widest := max(int64(c.HiddenSize), int64(c.Intermediate), queries)
	perToken := 2*int64(c.HiddenSize) + 3*queries + 2*keys + int64(c.Intermediate) + widest/2
	const columns = 64 // of the widest panels
	gated := int64(1)  // the half that is multiplied into its place takes none
	if n.mode == kernel.ModeBF16 {
		gated = 2
	}
	perThread := columns*widest + gated*min(manyPanels*blockRows*columns, int64(batch)*(int64(c.Intermediate)+columns)) + attentionRows*(int64(c.MaxPositions)*3/2+int64(c.HeadDim))
	if batch >= leastBlockRows {
		perThread += kernel.ScratchBytes / 4
	}
	perThread += min(logitBlockRows, int64(batch)) * blockLogits
	logits := min(logitRows, int64(batch)) * (int64(c.VocabSize) + int64(c.HiddenSize))
	logits += 3 * int64(batch) * (int64(c.VocabSize)/blockLogits + 1)        // a maximum and a sum in float64 of each block
	oneLayer := n.CacheShape(true).Bytes(pageStep) / pageStep * int64(batch) // one layer's keys of a batch
	return 4*(int64(batch)*perToken+int64(threads)*perThread+logits) + oneLayer
}

// KeptBytes is the size of the weights that stay as they are stored, and are read from there by every product.
func (n *Network) KeptBytes() (size int64) {
	for _, x := range n.matrices {
		if x.kept {
			size += int64(len(x.data))
		}
	}
	return size
}

// Joined is an error that names all causes on one line.
func Joined(err error, others ...error) error {
	for _, other := range others {
		switch {
		case other == nil:
		case err == nil:
			err = other
		default:
			err = fmt.Errorf("%w; %w", err, other)
		}
	}
	return err
}
