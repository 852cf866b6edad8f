package arch

// Weight is an array of a block: its name, without the block's prefix, and its shape, rows first.
type Weight struct {
	Name  string
	Shape []int
}

// BlockWeights lists the arrays of a block in the order of its steps.
func (c Config) BlockWeights(layer int) []Weight {
	var list []Weight
	for _, s := range c.Architecture().Block(c, layer) {
		list = append(list, s.Weights(c)...)
	}
	return list
}

// Shapes are those of all arrays that the model may have, by their names; the output matrix is among them where it is tied,
// too.
func (c Config) Shapes() map[string][]int {
	a := c.Architecture()
	shapes := map[string][]int{a.Embedding: {c.VocabSize, c.HiddenSize}, a.Norm: {c.HiddenSize}, a.Head: {c.VocabSize, c.HiddenSize}}
	for i := range min(c.Layers, mostLayers) {
		for _, w := range c.BlockWeights(i) {
			shapes[a.Prefix(i)+w.Name] = w.Shape
		}
	}
	return shapes
}
