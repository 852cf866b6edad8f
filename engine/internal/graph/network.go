package graph

import (
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// Network is an architecture bound to weights and to what computes them. It holds no activations: those belong to a Batch.
type Network struct {
	config     arch.Config
	kernel     *kernel.Kernel
	candidates []kernel.Candidate // what the kernel was chosen from, by Choose
	mode       kernel.Mode
	pool       *Pool
	rope       rope
	embedding  *matrix   // (vocab, hidden)
	first      *norm     // of the first layer: what its input goes through
	layers     []layer   //
	windows    []int     // of the layers' attention, each once: tokens that a token sees, 0 for all
	head       *matrix   // (vocab, hidden); the embedding when tied
	matrices   []*matrix // what the network multiplies by
	parameters int64
	packed     *kernel.Memory // the matrices as panels, if there is memory for it
	packedSize int64          // its bytes
	reaching   *reaching      // nil where no weights are packed as they are reached
	units      []*unit        // the weights of each step that has any, in order
	stream     *stream        // nil where all weights are at hand
}

// layer is a transformer block: its steps, and the norm of what comes after it.
type layer struct {
	steps []step
	units []*unit // of each step; nil for one without matrices
}

// New matches weights with a configuration, of which it sets StoredDType. Nothing is allocated by a number from the
// configuration before a tensor in the file has confirmed it.
func New(c arch.Config, tensors Tensors, k *kernel.Kernel, mode kernel.Mode) (*Network, error) {
	n := &Network{config: c, kernel: k, mode: mode, packed: &kernel.Memory{}}
	a, r := c.Architecture(), newWeightReader(tensors)
	if t, ok, err := tensors.Tensor(a.Embedding); err == nil && ok && len(t.Shape) == 2 && t.Shape[0] != c.VocabSize {
		return nil, fmt.Errorf("vocab_size is %d, but %s has %d rows", c.VocabSize, a.Embedding, t.Shape[0])
	}
	n.embedding = r.matrix(a.Embedding, c.VocabSize, c.HiddenSize)
	if err := n.compile(a, r); err != nil {
		return nil, err
	}
	n.head = r.head(n.embedding, a, c)
	if r.err != nil {
		return nil, r.err
	}
	if err := r.checkRest(); err != nil {
		return nil, err
	}
	n.matrices = append([]*matrix{n.head}, r.matrices...)
	n.parameters, n.config.StoredDType = r.parameters, r.storedDType()
	n.rope = newRope(c)
	n.settle(false)
	return n, nil
}

// settle decides in what form the weights are packed.
func (n *Network) settle(scarce bool) {
	for _, x := range n.matrices {
		x.settle(n.kernel, n.mode, scarce)
	}
	for _, u := range n.units {
		u.weigh()
	}
}

// Spare packs the weights in less memory, where that costs time only.
func (n *Network) Spare() { n.settle(true) }

// compile binds the architecture's steps to their weights. An addition waits for the norm that follows it, which takes it
// along; the norm that begins a block ends the one before it.
func (n *Network) compile(a arch.Architecture, r *weightReader) error {
	n.first = &norm{}
	end, added := n.first, true // the norm to be filled in, and whether an addition waits for one
	var attending *attend
	for i := 0; i < n.config.Layers && r.err == nil; i++ {
		var l layer
		for _, s := range a.Block(n.config, i) {
			if _, ok := s.(arch.Norm); ok != added {
				return fmt.Errorf("layer %d: %T where the graph adds and normalises in one step", i, s)
			}
			weights, before := boundTo(r, a.Prefix(i), s.Weights(n.config)), len(r.matrices)
			added = false
			switch s := s.(type) {
			case arch.Norm:
				end.weight = weights.scale(s.Weight, n.config)
			case arch.OutputNorm:
				l.steps = append(l.steps, &outputNorm{weight: weights.scale(s.Weight, n.config)})
			case arch.Attention:
				attending = n.attention(i, s, weights)
				l.steps = append(l.steps, attending)
			case arch.GatedMLP:
				l.steps = append(l.steps, &gatedMLP{
					gate: weights.linear(s.Gate, s.GateBias), up: weights.linear(s.Up, s.UpBias), down: weights.linear(s.Down, s.DownBias),
					gelu: s.Activation == arch.GELUTanh,
				})
			case arch.Add:
				end, added = &norm{add: true}, true
				l.steps = append(l.steps, end)
			default:
				return fmt.Errorf("layer %d: the graph has no %T", i, s)
			}
			n.unite(&l, r.matrices[before:])
		}
		n.layers = append(n.layers, l)
	}
	if attending != nil {
		attending.last = true
	}
	end.weight = shifted(r.vector(a.Norm, n.config.HiddenSize), n.config)
	return r.err
}

// attention binds a layer's attention. Layers whose windows are alike share one plan of who looks at what.
func (n *Network) attention(layer int, s arch.Attention, weights bound) *attend {
	view := slices.Index(n.windows, s.Window)
	if view < 0 {
		view = len(n.windows)
		n.windows = append(n.windows, s.Window)
	}
	return &attend{
		layer: layer, view: view,
		query: weights.linear(s.Query, s.QueryBias), key: weights.linear(s.Key, s.KeyBias),
		value: weights.linear(s.Value, s.ValueBias), output: weights.linear(s.Output, s.OutputBias),
		queryNorm: weights.scale(s.QueryNorm, n.config), keyNorm: weights.scale(s.KeyNorm, n.config),
		scale: float32(s.Scale), limit: float32(s.Cap),
	}
}

// unite makes the matrices that a layer's last step has taken a unit, if it has taken any.
func (n *Network) unite(l *layer, matrices []*matrix) {
	for len(l.units) < len(l.steps) {
		l.units = append(l.units, nil)
	}
	if len(matrices) > 0 {
		u := &unit{matrices: slices.Clone(matrices), number: -1}
		n.units, l.units[len(l.units)-1] = append(n.units, u), u
	}
}

// bound are a step's weights in a checkpoint.
type bound struct {
	*weightReader
	prefix string
	list   []arch.Weight
}

func boundTo(r *weightReader, prefix string, list []arch.Weight) bound { return bound{r, prefix, list} }

// vector returns a vector of the step's; "" names none.
func (b bound) vector(name string) []float32 {
	for _, w := range b.list {
		if w.Name == name {
			return b.weightReader.vector(b.prefix+name, w.Shape[0])
		}
	}
	return nil
}

// scale is the vector that a norm multiplies by.
func (b bound) scale(name string, c arch.Config) []float32 { return shifted(b.vector(name), c) }

// shifted adds to a norm's stored weights what the configuration says, in float32 as Hugging Face does.
func shifted(v []float32, c arch.Config) []float32 {
	if c.NormOffset != 0 { // a negative zero stays one
		for i := range v {
			v[i] += float32(c.NormOffset)
		}
	}
	return v
}

// linear returns a matrix and its bias, if it has one.
func (b bound) linear(name, bias string) linear {
	l := linear{bias: b.vector(bias)}
	for _, w := range b.list {
		if w.Name == name {
			l.w = b.weightReader.matrix(b.prefix+name, w.Shape[0], w.Shape[1])
			b.matrices = append(b.matrices, l.w)
		}
	}
	return l
}

// Choose takes the fastest of some kernels for the network's products, by measurement.
func (n *Network) Choose(kernels []*kernel.Kernel) {
	most := n.head // of layers, whose matrices take most of the time, if there are any
	for i, x := range n.matrices[1:] {
		if i == 0 || x.rows*x.cols > most.rows*most.cols {
			most = x
		}
	}
	n.kernel, n.candidates = kernel.Choose(kernels, kernel.Work{Mode: n.mode, Panels: most.mode, K: most.cols})
	n.settle(false)
}

// Start gives the network its threads.
func (n *Network) Start(threads int) { n.pool = NewPool(threads) }

// Close ends the threads and gives back packed weights.
func (n *Network) Close() error {
	if n.pool != nil {
		n.pool.Close()
	}
	n.rope = rope{}
	return Joined(n.stream.close(), n.packed.Release())
}

// Config is the configuration, with StoredDType.
func (n *Network) Config() arch.Config { return n.config }

// Kernel is what the network computes with.
func (n *Network) Kernel() *kernel.Kernel { return n.kernel }

// Candidates are what the kernel was chosen from, as they were measured.
func (n *Network) Candidates() []kernel.Candidate { return n.candidates }

// Mode is the arithmetic of its products.
func (n *Network) Mode() kernel.Mode { return n.mode }

// Pool is its threads.
func (n *Network) Pool() *Pool { return n.pool }

// Parameters is the number of weights, with a tied matrix counted once.
func (n *Network) Parameters() int64 { return n.parameters }

// group is the number of query heads that share one key-value head.
func (n *Network) group() int { return n.config.Heads / n.config.KVHeads }

// bf16 tells whether queries, keys, values and their weights are bfloat16.
func (n *Network) bf16() bool { return n.mode != kernel.ModeF32 }
