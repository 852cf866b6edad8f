package schedule

import (
	"cmp"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// node is a run of tokens that some sequences have in common, given that they have everything before it in common, too.
type node struct {
	graph.Segment
	parent *node
	tokens []int32
	fed    int // of tokens, that have gone through the model
	// The sequences that pass through it, or end with it, are numbers first..last-1 of the tree.
	first, last int
	users       int  // of these, those that are not finished
	generators  int  // of these, those that are continued
	kept        bool // its pages outlive the batch
	batched     int  // tokens in the batch under way
	below       int  // tokens of it and of all nodes below it
	// stored counts the positions for which pages exist when every node from the root to this one is complete.
	stored int
}

// tree holds sequences of tokens, in lexicographic order, such that each common beginning exists once, up to a token at
// its end: a node begins with an even position, see graph.WholePairs.
type tree struct {
	order  []int // what the caller numbers the sequences
	inputs [][]int32
	leaf   []*node // the node that each ends with; nil for an empty one
	nodes  []*node // parents before children, and every subtree in one piece
}

// growTree makes the tree of inputs, or, unless share, one branch for each.
func growTree(inputs [][]int32, share bool) *tree {
	t := &tree{order: make([]int, len(inputs)), inputs: make([][]int32, len(inputs)), leaf: make([]*node, len(inputs))}
	for i := range t.order {
		t.order[i] = i
	}
	if share {
		slices.SortStableFunc(t.order, func(a, b int) int {
			return cmp.Or(slices.Compare(inputs[a], inputs[b]), cmp.Compare(a, b))
		})
	}
	for i, from := range t.order {
		t.inputs[i] = inputs[from]
	}
	if share {
		t.branch(0, len(inputs), 0, nil)
	} else {
		for i, s := range t.inputs {
			if len(s) > 0 {
				t.leaf[i] = t.add(i, i+1, 0, len(s), nil)
			}
		}
	}
	for _, n := range slices.Backward(t.nodes) {
		if n.below += len(n.tokens); n.parent != nil {
			n.parent.below += n.below
		}
	}
	return t
}

// branch adds what sequences first..last-1 have after their first depth tokens, which are those of parent and before.
func (t *tree) branch(first, last, depth int, parent *node) {
	if first == last {
		return
	}
	// In order, the first and the last have in common what all have.
	end, to := depth, t.inputs[last-1]
	for s := t.inputs[first]; end < min(len(s), len(to)) && s[end] == to[end]; {
		end++
	}
	fork := end
	if len(to) > end {
		fork = graph.WholePairs(end)
	}
	if fork > depth {
		parent = t.add(first, last, depth, fork, parent)
	}
	if fork == end {
		for ; first < last && len(t.inputs[first]) == end; first++ {
			t.leaf[first] = parent
		}
	}
	for first < last {
		next := first + 1
		for next < last && t.alike(first, next, end) {
			next++
		}
		t.branch(first, next, fork, parent)
		first = next
	}
}

// alike tells whether two sequences that have their first n tokens in common both go on with the same one or both end.
func (t *tree) alike(i, j, n int) bool {
	a, b := t.inputs[i], t.inputs[j]
	if len(a) == n || len(b) == n {
		return len(a) == len(b)
	}
	return a[n] == b[n]
}

func (t *tree) add(first, last, from, to int, parent *node) *node {
	n := &node{parent: parent, tokens: t.inputs[first][from:to], first: first, last: last, users: last - first, stored: graph.Stepped(to - from)}
	var before *graph.Segment
	if parent != nil {
		before = &parent.Segment
		n.stored += parent.stored
	}
	n.Begin(before, to-from)
	t.nodes = append(t.nodes, n)
	return n
}
