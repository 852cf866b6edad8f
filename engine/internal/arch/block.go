package arch

import "slices"

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

// OutputNorm: h = h / sqrt(mean(h²) + eps) · Weight, before h is added.
type OutputNorm struct {
	Weight string // (hidden)
}

// Attention: q, k, v = h Queryᵀ, h Keyᵀ, h Valueᵀ, plus biases; heads of q and k are normalised, where they have norms, and
// rotated to their positions; with the key-value head that it shares, each query head gives softmax(q kᵀ · scale) v over its
// own position and those before it, in a window only the last of them; h = their concatenation times Outputᵀ, plus bias.
// Scores are capped before the softmax: Cap·tanh(q kᵀ · scale / Cap).
type Attention struct {
	Query      string // (heads · head_dim, hidden)
	Key, Value string // (kv_heads · head_dim, hidden)
	Output     string // (hidden, heads · head_dim)

	// What some architectures have, "" where they do not.
	QueryBias, KeyBias, ValueBias, OutputBias string // (rows of their matrix)
	QueryNorm, KeyNorm                        string // (head_dim), shared by the heads

	Window int     // tokens that a token sees, itself included; 0 is all
	Scale  float64 // of products of queries and keys
	Cap    float64 // 0 is none
}

// Activation is the function of the gate in a GatedMLP.
type Activation int

const (
	SiLU     Activation = iota // z / (1 + e^-z)
	GELUTanh                   // z/2 · (1 + tanh(sqrt(2/π) · (z + 0.044715 z³)))
)

// GatedMLP: h = (act(h Gateᵀ) ⊙ h Upᵀ) Downᵀ, each product plus its bias: the feed-forward layers called SwiGLU and GeGLU
// (Shazeer, "GLU Variants Improve Transformer", 2020).
type GatedMLP struct {
	Gate, Up                   string // (intermediate, hidden)
	Down                       string // (hidden, intermediate)
	GateBias, UpBias, DownBias string // (rows of their matrix), or ""
	Activation                 Activation
}

// Add: x = x + h.
type Add struct{}

// Weights is the scale of each dimension.
func (s Norm) Weights(c Config) []Weight { return []Weight{{s.Weight, []int{c.HiddenSize}}} }

// Weights is the scale of each dimension.
func (s OutputNorm) Weights(c Config) []Weight { return []Weight{{s.Weight, []int{c.HiddenSize}}} }

// Weights are Query, Key, Value and Output, and then the vectors that there are.
func (s Attention) Weights(c Config) []Weight {
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	return present([]Weight{
		{s.Query, []int{q, c.HiddenSize}}, {s.Key, []int{kv, c.HiddenSize}}, {s.Value, []int{kv, c.HiddenSize}},
		{s.Output, []int{c.HiddenSize, q}},
		{s.QueryBias, []int{q}}, {s.KeyBias, []int{kv}}, {s.ValueBias, []int{kv}}, {s.OutputBias, []int{c.HiddenSize}},
		{s.QueryNorm, []int{c.HeadDim}}, {s.KeyNorm, []int{c.HeadDim}},
	})
}

// Weights are Gate, Up and Down, and then the biases that there are.
func (s GatedMLP) Weights(c Config) []Weight {
	in, out := []int{c.Intermediate, c.HiddenSize}, []int{c.HiddenSize, c.Intermediate}
	return present([]Weight{
		{s.Gate, in}, {s.Up, in}, {s.Down, out},
		{s.GateBias, []int{c.Intermediate}}, {s.UpBias, []int{c.Intermediate}}, {s.DownBias, []int{c.HiddenSize}},
	})
}

// present are those that have a name.
func present(list []Weight) []Weight {
	return slices.DeleteFunc(list, func(w Weight) bool { return w.Name == "" })
}

// Weights is empty.
func (Add) Weights(Config) []Weight { return nil }
