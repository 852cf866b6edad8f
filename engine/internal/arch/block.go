package arch

// Step is a part of a transformer block. A block is a list of them, read from the top: x is the residual stream of a token
// (hidden), h what a step hands to the next. Weights are named as in Hugging Face's files, without the block's prefix; a
// matrix has outputs as rows. The graph computes steps, and knows nothing of where they come from.
type Step interface {
	// Weights lists the step's arrays, in their order.
	Weights(c Config) []Weight
}

// Norm: h = x / sqrt(mean(x²) + eps) · Weight.
type Norm struct {
	Weight string // (hidden)
}

// Attention: q, k, v = h Queryᵀ, h Keyᵀ, h Valueᵀ; heads of q and k are rotated to their positions; with the key-value
// head that it shares, each query head gives softmax(q kᵀ / sqrt(head_dim)) v over its own position and those before it;
// h = their concatenation times Outputᵀ.
type Attention struct {
	Query      string // (heads · head_dim, hidden)
	Key, Value string // (kv_heads · head_dim, hidden)
	Output     string // (hidden, heads · head_dim)
}

// GatedMLP: h = (silu(h Gateᵀ) ⊙ h Upᵀ) Downᵀ, the feed-forward layer called SwiGLU (Shazeer, "GLU Variants Improve
// Transformer", 2020).
type GatedMLP struct {
	Gate, Up string // (intermediate, hidden)
	Down     string // (hidden, intermediate)
}

// Add: x = x + h.
type Add struct{}

// Weights is the scale of each dimension.
func (s Norm) Weights(c Config) []Weight { return []Weight{{s.Weight, []int{c.HiddenSize}}} }

// Weights are Query, Key, Value and Output.
func (s Attention) Weights(c Config) []Weight {
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	return []Weight{
		{s.Query, []int{q, c.HiddenSize}}, {s.Key, []int{kv, c.HiddenSize}}, {s.Value, []int{kv, c.HiddenSize}},
		{s.Output, []int{c.HiddenSize, q}},
	}
}

// Weights are Gate, Up and Down.
func (s GatedMLP) Weights(c Config) []Weight {
	in, out := []int{c.Intermediate, c.HiddenSize}, []int{c.HiddenSize, c.Intermediate}
	return []Weight{{s.Gate, in}, {s.Up, in}, {s.Down, out}}
}

// Weights is empty.
func (Add) Weights(Config) []Weight { return nil }
