package graph

import (
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// attentionRows is how many query rows (tokens x heads of a group) one task takes: enough to use a key panel well,
// few enough that their scores stay in the cache of a core.
const attentionRows = 48

// fewQueries is up to how many query rows a task is worth fetching keys and values ahead for.
const fewQueries = 16

// attention says which keys the queries of a batch look at. It is the same in every layer with the same window.
type attention struct {
	window    int   // how many keys a query looks at, its own included; 0 is all
	positions []int // of each query token
	tasks     []attentionTask
	ranges    []keyRange
}

// attentionTask is a run of query tokens for every one of the key-value heads. The tokens of a run lie in spans whose
// segments have the same root, so that keys which several of them look at meet them all in one product.
type attentionTask struct {
	token, n int  // query tokens token..token+n-1
	keys     int  // more than the position of any of them
	base     int  // no key before it is multiplied with any of them
	from, to int  // its ranges, in the order of their keys
	windowed bool // some tokens do not see the first keys
}

// reach is a run of keys of one segment, from its start, and the tokens of a task that look at them.
type keyRange struct {
	segment *Segment
	// Tokens first..own-1 of the task lie in the segment itself and see its keys up to their own position; own..last-1 lie
	// in segments that continue it and see all of its keys.
	first, own, last int
	begin, end       int // keys are those of positions begin..end-1, of which each token sees those in its window
}

// aligned is where products with a range's keys begin: at the beginning of a page.
func (r *keyRange) aligned() int {
	return r.segment.start + (r.begin-r.segment.start)/pageTokens*pageTokens
}

// low is the first key that a query at a position sees.
func (a *attention) low(position int) int {
	if a.window == 0 {
		return 0
	}
	return max(0, position-a.window+1)
}

// plan lays out the attention of a batch for the tokens in the given rows.
func (a *attention) plan(n *Network, b *Batch, rows []int, window int) {
	a.window, a.positions, a.tasks, a.ranges = window, a.positions[:0], a.tasks[:0], a.ranges[:0]
	step := max(1, attentionRows/n.group())
	for i, row := range rows {
		span, position := &b.spans[b.owner[row]], b.positions[row]
		a.positions = append(a.positions, position)
		var t *attentionTask
		if last := len(a.tasks) - 1; last >= 0 {
			if t = &a.tasks[last]; t.n == step || b.spans[b.owner[rows[i-1]]].segment.root != span.segment.root {
				t = nil
			}
		}
		if t == nil {
			a.tasks = append(a.tasks, attentionTask{token: i, from: len(a.ranges)})
			t = &a.tasks[len(a.tasks)-1]
		}
		token := t.n
		low := a.low(position)
		t.n, t.keys, t.windowed = t.n+1, max(t.keys, position+1), t.windowed || low > 0
		for s := span.segment; s != nil && (s == span.segment || s.start+s.length > low); s = s.parent {
			r := a.keyRange(t, s, token)
			r.last, r.begin = token+1, min(r.begin, max(s.start, low))
			if s == span.segment {
				r.own, r.end = token+1, position+1
			} else {
				r.end = s.start + s.length
			}
		}
		t.to = len(a.ranges)
	}
	for i := range a.tasks {
		t := &a.tasks[i]
		slices.SortStableFunc(a.ranges[t.from:t.to], func(x, y keyRange) int { return x.segment.start - y.segment.start })
		t.base = t.keys
		for j := t.from; j < t.to; j++ {
			t.base = min(t.base, a.ranges[j].aligned())
		}
	}
}

// reach returns the task's reach of a segment that the tokens up to the given one are part of, or else a new one.
func (a *attention) keyRange(t *attentionTask, s *Segment, token int) *keyRange {
	for i := len(a.ranges) - 1; i >= t.from; i-- {
		if r := &a.ranges[i]; r.segment == s && r.last >= token {
			return r
		}
	}
	a.ranges = append(a.ranges, keyRange{segment: s, first: token, own: token, begin: math.MaxInt})
	return &a.ranges[len(a.ranges)-1]
}

// together is how many heads' tasks of the same tokens one worker takes. Where tokens are few, as in decoding, reading keys
// and values costs more than multiplying them: so long as there is enough to share out, the worker that has read some knows
// what it wants next.
func (a *attention) together(kvHeads, group, threads int) int {
	if len(a.positions)*group > fewQueries*len(a.tasks) {
		return 1
	}
	return max(1, min(kvHeads, len(a.tasks)*kvHeads/(tasksPerThread*threads)))
}

// task returns task i of the layer and its heads first..last-1: the last tokens, which see the most keys, come first.
func (a *attention) task(i, kvHeads, together int) (t attentionTask, first, last int) {
	parts := (kvHeads + together - 1) / together
	first = i % parts * together
	return a.tasks[len(a.tasks)-1-i/parts], first, min(kvHeads, first+together)
}

// fetch asks for the keys and values that a task will read of a head, or for the first of them.
func (n *Network) fetch(a *attention, layer int, t attentionTask, head int) {
	const most = 48 << 10
	for _, r := range a.ranges[t.from:t.to] {
		left := most
		for page := (r.begin - r.segment.start) / pageTokens; page*pageTokens < r.end-r.segment.start && left > 0; page++ {
			block := r.segment.stored(page, layer, head)
			n.kernel.Fetch(block)
			left -= len(block)
		}
	}
}

// attending is what the parts of one attention task share.
type attending struct {
	kernel      *kernel.Kernel
	dim         int // head_dim
	worker      *Worker
	layer, head int
	base        int       // position of the first key in scores
	scores      []float32 // (rows, keys), stride apart; in float32 also the weights of values
	weights     []uint16  // the same in bfloat16
	stride      int
	out         []float32 // (rows, head_dim)
	begun       bool      // whether out holds chains already where position 0 is not the first
}

// attendTask writes softmax(q K^T · scale) V of one task and key-value head to its place among all heads in dst,
// in bfloat16 if that is dst's form and else in float32. Rows are ordered (token, head of the group); row r's own position
// is that of token r/group.
func (n *Network) attendTask(w *Worker, b *Batch, a *attention, dst *operand, s *attend, t attentionTask, head int) {
	var (
		k      = n.kernel
		dim    = n.config.HeadDim
		group  = n.group()
		rows   = t.n * group
		stride = padded(t.keys - t.base)
		x      = attending{kernel: k, dim: dim, worker: w, layer: s.layer, head: head, base: t.base, stride: stride, scores: floats(&w.scores, rows*stride), out: floats(&w.mixed, rows*dim)}
		bf16   = n.bf16()
		ranges = a.ranges[t.from:t.to]
		seen   = a.positions[t.token:][:t.n]
		// (rows, head_dim): the group's heads of one token are neighbours, see batch.rotated.
		from = (head*len(a.positions) + t.token) * group * dim
	)
	if bf16 {
		x.weights = grown(&w.weights, rows*stride)
	}
	for i := range ranges {
		r := &ranges[i]
		first, n := r.first*group, (r.last-r.first)*group
		if bf16 {
			x.scoreRowsBF16(r, first, n, b.rotatedBF16[from+first*dim:])
		} else {
			x.scoreRows(r, first, n, b.rotated[from+first*dim:])
		}
	}
	wide := group * dim
	place, apart := dst.room(t.token, head*wide)
	if place == nil {
		place, apart = x.out, wide
	}
	for token := range t.n {
		k.Claim(place[token*apart:][:wide]) // the row of heads may have been another core's until now
	}
	sums := x.softmax(rows, group, a, seen, s)
	if t.windowed {
		x.mixWindows(ranges, group, a, seen)
	} else {
		x.mixRanges(ranges, group, seen)
	}
	for token := range t.n {
		heads, mixed := place[token*apart:][:wide], x.out[token*wide:]
		for i, sum := range sums[token*group:][:group] {
			k.Divide(heads[i*dim:], mixed[i*dim:][:dim], sum)
		}
		dst.put(k, t.token+token, head*wide, heads)
	}
}

// mixRanges sums the values of all ranges where every token sees all keys before it.
func (x *attending) mixRanges(ranges []keyRange, group int, seen []int) {
	for i := range ranges {
		r := &ranges[i]
		// The product takes all rows together. A key that only later rows see has weight +0 in the earlier ones, and +0 times
		// a finite value leaves a chain as it is (but for the sign of a zero, which the addition at the end settles); a value
		// that is not finite would not, so then each row takes exactly its own keys.
		dense := r.end
		if r.own > r.first && r.segment.notFinite.Load() {
			dense = min(r.end, WholePairs(seen[r.first]+1))
		}
		x.mix(r.segment, r.segment.start, dense, r.first*group, r.last*group)
		if dense == r.end {
			continue
		}
		for token := r.first; token < r.own; token++ {
			x.mix(r.segment, dense, seen[token]+1, token*group, (token+1)*group)
		}
		x.mix(r.segment, dense, r.end, r.own*group, r.last*group)
	}
}

// mixWindows sums the values of all ranges where some tokens do not see the first keys: these have weight +0, as those
// after a token do in mixRanges.
func (x *attending) mixWindows(ranges []keyRange, group int, a *attention, seen []int) {
	clear(x.out)
	x.begun = true
	for i := range ranges {
		r := &ranges[i]
		if !r.segment.notFinite.Load() {
			x.mix(r.segment, WholePairs(r.begin), r.end, r.first*group, r.last*group)
			continue
		}
		for token := r.first; token < r.last; token++ {
			from, to := max(r.segment.start, a.low(seen[token])), min(r.end, seen[token]+1)
			first, last := token*group, (token+1)*group
			if from%2 == 1 && from < to && x.weights != nil { // its partner, which is not seen, may not be finite
				x.mixSecondBF16(r.segment, from, first, last)
				from++
			}
			x.mix(r.segment, from, to, first, last)
		}
	}
}

// softmax makes scores weights of values, not yet divided by their sums, which it returns: (rows). Lanes are counted from
// the first key that the row sees.
func (x *attending) softmax(rows, group int, a *attention, seen []int, s *attend) []float32 {
	sums := floats(&x.worker.sums, rows)
	for r := range rows {
		position, scale := seen[r/group], s.scale
		from, to := a.low(position)-x.base, position+1-x.base
		row := x.scores[r*x.stride:][:x.stride]
		if s.limit != 0 {
			x.kernel.Cap(row[from:to], scale, s.limit)
			scale = 1
		}
		if x.weights != nil {
			weights := x.weights[r*x.stride:][:x.stride]
			sums[r] = x.kernel.SoftmaxBF16(weights[from:to], row[from:to], to-from, scale)
			clear(weights[:from])
			clear(weights[to:])
		} else {
			sums[r] = x.kernel.Softmax(row[from:to], to-from, scale)
			clear(row[:from])
			clear(row[to:])
		}
	}
	return sums
}

// scoreRows writes the products of n queries (n, head_dim) with the keys of a range to scores, from row first on.
func (x *attending) scoreRows(r *keyRange, first, n int, q []float32) {
	dim := x.dim
	for at := r.aligned(); at < r.end; at += kernel.NR {
		keys, width := r.segment.keyPanel(x.layer, x.head, (at-r.segment.start)/kernel.NR)
		x.kernel.Gemm(n, min(width, r.end-at), dim, q, dim, keys, width, x.scores[first*x.stride+at-x.base:], x.stride, false)
	}
}

// mix continues (or begins, at key 0) the chains out[r] += sum over keys from..to-1 of weight[r][key] * value[key] for rows
// first..last-1. from is even in bfloat16.
func (x *attending) mix(s *Segment, from, to, first, last int) {
	for at := from; at < to && first < last; {
		page, in := (at-s.start)/pageTokens, (at-s.start)%pageTokens
		n := min(pageTokens-in, to-at)
		if s.bf16 {
			x.mixRowsBF16(s, page, in, at, n, first, last)
		} else {
			x.mixRows(s, page, in, at, n, first, last)
		}
		at += n
	}
}

// mixRows is mix for n keys from at on, which are those from in on of a page.
func (x *attending) mixRows(s *Segment, page, in, at, n, first, last int) {
	dim := x.dim
	values := s.values(x.layer, x.head, page)[in*dim:]
	for col := 0; col < dim; col += kernel.NR {
		x.kernel.Gemm(last-first, min(kernel.NR, dim-col), n, x.scores[first*x.stride+at-x.base:], x.stride, values[col:], dim, x.out[first*dim+col:], dim, x.begun || at > 0)
	}
}
