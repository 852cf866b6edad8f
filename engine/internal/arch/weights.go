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
