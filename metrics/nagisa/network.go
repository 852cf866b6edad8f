package nagisa

import (
	"math"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/dynet"
)

// gates is the number of an LSTM's gates: input, forget, output and update, in this order in weights and bias.
const gates = 4

// forgetBias is added to the forget gate on top of its learned bias (dynet/lstm.cc, VanillaLSTMBuilder; its default,
// which nagisa does not change).
const forgetBias = 1

// network computes the scores of all tags at every character. It is immutable.
//
// DyNet computes in float32, in an order of additions and with approximations of the logistic function and of tanh that
// depend on its build and the processor. Here the float32 weights go through float64 arithmetic, so that the
// scores are what DyNet's would be without rounding, up to some 1e-15: they differ from DyNet's by DyNet's own error,
// about 1e-6. The tags are the same unless two paths are that close.
type network struct {
	h hyperparameters
	// Embeddings, entry by entry.
	chars, pairs, words, types []float32
	// layers are pairs of a forward and a backward LSTM, each layer's input the output of the one below.
	layers [][2]lstm
	// weights are the numTags rows of dimHidden columns of the last step, row by row, bias its addends.
	weights, bias []float64
	// transitions[to*numTags+from] scores one tag after another.
	transitions []float64
}

// newNetwork arranges the values of a model of the shapes of h.
func newNetwork(h hyperparameters, m dynet.Model[[]float32]) *network {
	n := &network{
		h:           h,
		chars:       m.Lookups[lookupChars],
		pairs:       m.Lookups[lookupPairs],
		words:       m.Lookups[lookupWords],
		types:       m.Lookups[lookupTypes],
		transitions: widen(m.Lookups[lookupTransitions]),
	}
	rest := m.Parameters
	for range h.layers {
		var pair [2]lstm
		for i := range pair {
			pair[i] = newLSTM(h.dimHidden/2, rest[:parametersPerLSTM])
			rest = rest[parametersPerLSTM:]
		}
		n.layers = append(n.layers, pair)
	}
	// The other two networks, each of as many LSTMs, lie between.
	rest = rest[2*h.layers*2*parametersPerLSTM:]
	n.weights = transpose(widen(rest[0]), numTags, h.dimHidden)
	n.bias = widen(rest[1])
	return n
}

// scores returns numTags scores for every character (nagisa/model.py, Model.encode_ws).
func (n *network) scores(all []features) [][]float64 {
	inputs := make([][]float64, len(all))
	for i, f := range all {
		inputs[i] = n.input(f)
	}
	for _, pair := range n.layers {
		forward, backward := pair[0].run(inputs, false), pair[1].run(inputs, true)
		outputs := make([][]float64, len(inputs))
		for i := range outputs {
			outputs[i] = append(forward[i], backward[i]...)
		}
		inputs = outputs
	}
	scores := make([][]float64, len(inputs))
	for i, hidden := range inputs {
		scores[i] = make([]float64, numTags)
		for tag := range scores[i] {
			scores[i][tag] = n.bias[tag] + dot(n.weights[tag*n.h.dimHidden:], hidden)
		}
	}
	return scores
}

// input concatenates the embeddings of one character's features; those of words are summed.
func (n *network) input(f features) []float64 {
	v := make([]float64, 0, n.h.input())
	concatenate := func(table []float32, dim int, ids []int) {
		for _, id := range ids {
			for _, x := range table[id*dim:][:dim] {
				v = append(v, float64(x))
			}
		}
	}
	sum := func(ids []int) {
		dim := n.h.dimWord
		total := make([]float64, dim)
		for _, id := range ids {
			for i, x := range n.words[id*dim:][:dim] {
				total[i] += float64(x)
			}
		}
		v = append(v, total...)
	}
	concatenate(n.chars, n.h.dimChar, f.chars)
	concatenate(n.pairs, n.h.dimPair, f.pairs)
	concatenate(n.types, n.h.dimType, f.types)
	sum(f.starting)
	sum(f.ending)
	return v
}

// lstm is DyNet's VanillaLSTM in one direction (dynet/lstm.cc): no peepholes, input and forget gates apart, hidden and
// cell state zero at first. Of its gates x weights each gate has hidden rows.
type lstm struct {
	hidden int
	// input and recurrent are the weights row by row, bias the addends.
	input, recurrent, bias []float64
}

// newLSTM arranges the input weights, the recurrent weights and the bias.
func newLSTM(hidden int, parameters [][]float32) lstm {
	rows := gates * hidden
	return lstm{
		hidden:    hidden,
		input:     transpose(widen(parameters[0]), rows, len(parameters[0])/rows),
		recurrent: transpose(widen(parameters[1]), rows, hidden),
		bias:      widen(parameters[2]),
	}
}

// run returns the hidden state at every place, in the order of the inputs, which are taken from the last to the first
// where backward is set.
func (l lstm) run(inputs [][]float64, backward bool) [][]float64 {
	outputs := make([][]float64, len(inputs))
	cell := make([]float64, l.hidden)
	state := make([]float64, l.hidden)
	sums := make([]float64, gates*l.hidden)
	for k := range inputs {
		i := k
		if backward {
			i = len(inputs) - 1 - k
		}
		for r := range sums {
			sums[r] = l.bias[r] + dot(l.input[r*len(inputs[i]):], inputs[i]) + dot(l.recurrent[r*l.hidden:], state)
		}
		// With room to append the other direction.
		next := make([]float64, l.hidden, 2*l.hidden)
		for j := range next {
			in := logistic(sums[j])
			forget := logistic(sums[l.hidden+j] + forgetBias)
			out := logistic(sums[2*l.hidden+j])
			update := math.Tanh(sums[3*l.hidden+j])
			cell[j] = float64(forget*cell[j]) + float64(in*update)
			next[j] = out * math.Tanh(cell[j])
		}
		outputs[i], state = next, next
	}
	return outputs
}

// logistic is 1 / (1 + e^-x).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// dot is the inner product of v and as many first elements of row. It sums in four strands, always the same.
func dot(row, v []float64) float64 {
	row = row[:len(v)]
	var a, b, c, d float64
	for len(v) >= 4 && len(row) >= 4 {
		a += float64(row[0] * v[0])
		b += float64(row[1] * v[1])
		c += float64(row[2] * v[2])
		d += float64(row[3] * v[3])
		row, v = row[4:], v[4:]
	}
	for i := range v {
		a += float64(row[i] * v[i])
	}
	return (a + b) + (c + d)
}

// widen converts to float64.
func widen(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}

// transpose turns a matrix stored column by column into one stored row by row.
func transpose(m []float64, rows, columns int) []float64 {
	t := make([]float64, len(m))
	for c := range columns {
		for r := range rows {
			t[r*columns+c] = m[c*rows+r]
		}
	}
	return t
}

// impossible is the score of a path that does not begin at the start, large but finite as in nagisa.
const impossible = -1e10

// best returns the tags of the path with the greatest sum of scores and transitions, from tagStart before the first
// character to tagStop after the last; of equal ones the lower tag wins, from the end on (nagisa/nagisa_utils.pyx,
// np_viterbi, which too works in float64).
func (n *network) best(scores [][]float64) []int {
	path := make([]float64, numTags)
	for tag := range path {
		path[tag] = impossible
	}
	path[tagStart] = 0
	from := make([][numTags]int, len(scores))
	for i, score := range scores {
		next := make([]float64, numTags)
		for tag := range next {
			from[i][tag], next[tag] = n.reach(path, tag)
			next[tag] += score[tag]
		}
		path = next
	}
	tag, _ := n.reach(path, tagStop)
	tags := make([]int, len(scores))
	for i := len(scores) - 1; i >= 0; i-- {
		tags[i] = tag
		tag = from[i][tag]
	}
	return tags
}

// reach returns the tag from which the given one is reached at the greatest sum, and that sum.
func (n *network) reach(path []float64, to int) (from int, sum float64) {
	row := n.transitions[to*numTags:][:numTags]
	sum = math.Inf(-1)
	for tag, p := range path {
		if s := p + row[tag]; s > sum {
			from, sum = tag, s
		}
	}
	return from, sum
}
