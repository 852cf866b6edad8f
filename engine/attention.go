package engine

import (
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// attentionRows is how many query rows (tokens x heads of a group) one task takes: enough to use a key panel well,
// few enough that their scores stay in the cache of a core.
const attentionRows = 48

// attention says which keys the queries of a batch look at. It is the same in every layer.
type attention struct {
	positions []int // of each query token
	tasks     []attentionTask
	reaches   []reach
}

// attentionTask is a run of query tokens for every one of the key-value heads. The tokens of a run lie in spans whose
// segments have the same root, so that keys which several of them look at meet them all in one product.
type attentionTask struct {
	token, n int // query tokens token..token+n-1
	keys     int // more than the position of any of them
	from, to int // its reaches, in the order of their keys
}

// reach is a run of keys of one segment, from its start, and the tokens of a task that look at them.
type reach struct {
	segment *segment
	// Tokens first..own-1 of the task lie in the segment itself and see its keys up to their own position; own..last-1 lie
	// in segments that continue it and see all of its keys.
	first, own, last int
	end              int // keys are those of positions segment.start..end-1
}

// plan lays out the attention of a batch for the tokens in the given rows.
func (a *attention) plan(m *Model, b *batch, rows []int) {
	a.positions, a.tasks, a.reaches = a.positions[:0], a.tasks[:0], a.reaches[:0]
	step := max(1, attentionRows/m.group())
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
			a.tasks = append(a.tasks, attentionTask{token: i, from: len(a.reaches)})
			t = &a.tasks[len(a.tasks)-1]
		}
		token := t.n
		t.n, t.keys = t.n+1, max(t.keys, position+1)
		for s := span.segment; s != nil; s = s.parent {
			r := a.reach(t, s, token)
			r.last = token + 1
			if s == span.segment {
				r.own, r.end = token+1, position+1
			} else {
				r.end = s.start + s.length
			}
		}
		t.to = len(a.reaches)
	}
	for _, t := range a.tasks {
		slices.SortStableFunc(a.reaches[t.from:t.to], func(x, y reach) int { return x.segment.start - y.segment.start })
	}
}

// reach returns the task's reach of a segment that the tokens up to the given one are part of, or else a new one.
func (a *attention) reach(t *attentionTask, s *segment, token int) *reach {
	for i := len(a.reaches) - 1; i >= t.from; i-- {
		if r := &a.reaches[i]; r.segment == s && r.last >= token {
			return r
		}
	}
	a.reaches = append(a.reaches, reach{segment: s, first: token, own: token})
	return &a.reaches[len(a.reaches)-1]
}

// task returns task i of the layer: the last tokens, which see the most keys, come first.
func (a *attention) task(i, kvHeads int) (t attentionTask, head int) {
	return a.tasks[len(a.tasks)-1-i/kvHeads], i % kvHeads
}

// attendTask writes softmax(q K^T / sqrt(head_dim)) V of one task and key-value head to b.mixed. Rows are ordered
// (token, head of the group); row r's own position is that of token r/group.
func (m *Model) attendTask(w *worker, b *batch, a *attention, layer int, t attentionTask, head int) {
	var (
		k       = m.kernel
		dim     = m.config.HeadDim
		group   = m.group()
		rows    = t.n * group
		stride  = padded(t.keys)
		scores  = floats(&w.scores, rows*stride) // (rows, keys)
		out     = floats(&w.mixed, rows*dim)     // (rows, head_dim)
		reaches = a.reaches[t.from:t.to]
		seen    = a.positions[t.token:][:t.n]
		// (rows, head_dim): the group's heads of one token are neighbours, see batch.turned.
		q = b.turned[(head*len(a.positions)+t.token)*group*dim:]
	)
	for i := range reaches {
		r := &reaches[i]
		first, n := r.first*group, (r.last-r.first)*group
		for at := r.segment.start; at < r.end; at += kernel.NR {
			keys, width := r.segment.keyPanel(layer, head, (at-r.segment.start)/kernel.NR)
			k.Gemm(n, min(width, r.end-at), dim, q[first*dim:], dim, keys, width, scores[first*stride+at:], stride, false)
		}
	}

	scale := float32(1 / math.Sqrt(float64(dim)))
	sums := floats(&w.sums, rows)
	for r := range rows {
		n := seen[r/group] + 1
		row := scores[r*stride:][:t.keys]
		sums[r] = k.Softmax(row, n, scale)
		clear(row[n:])
	}

	for i := range reaches {
		r := &reaches[i]
		// Up to dense keys the product takes all rows together. A key that only later rows see has weight +0 in the earlier
		// ones, and +0 times a finite value leaves a chain as it is (but for the sign of a zero, which the addition at the
		// end settles); a value that is not finite would not, so then each row takes exactly its own keys.
		dense := r.end
		if r.own > r.first {
			if all := seen[r.first] + 1; all < r.end && !m.finiteValues(r.segment, layer, head, all, r.end) {
				dense = all
			}
		}
		m.mixValues(r.segment, layer, head, r.segment.start, dense, r.first*group, r.last*group, scores, stride, out)
		if dense == r.end {
			continue
		}
		for token := r.first; token < r.own; token++ {
			m.mixValues(r.segment, layer, head, dense, seen[token]+1, token*group, (token+1)*group, scores, stride, out)
		}
		m.mixValues(r.segment, layer, head, dense, r.end, r.own*group, r.last*group, scores, stride, out)
	}

	for r := range rows {
		dst := b.mixed.row(t.token + r/group)[(head*group+r%group)*dim:][:dim]
		k.Divide(dst, out[r*dim:][:dim], sums[r])
	}
}

// mixValues continues (or begins, at key 0) the chains out[r] += sum over keys from..to-1 of scores[r][key] * value[key]
// for rows first..last-1.
func (m *Model) mixValues(s *segment, layer, head, from, to, first, last int, scores []float32, stride int, out []float32) {
	dim := m.config.HeadDim
	for at := from; at < to && first < last; {
		page, in := (at-s.start)/pageTokens, (at-s.start)%pageTokens
		n := min(pageTokens-in, to-at)
		values := s.values(layer, head, page)[in*dim:]
		for col := 0; col < dim; col += kernel.NR {
			m.kernel.Gemm(last-first, min(kernel.NR, dim-col), n, scores[first*stride+at:], stride, values[col:], dim, out[first*dim+col:], dim, at > 0)
		}
		at += n
	}
}

// finiteValues tells whether the values of keys from..to-1 are all finite.
func (m *Model) finiteValues(s *segment, layer, head, from, to int) bool {
	dim := m.config.HeadDim
	for at := from; at < to; {
		page, in := (at-s.start)/pageTokens, (at-s.start)%pageTokens
		n := min(pageTokens-in, to-at)
		if !m.kernel.AllFinite(s.values(layer, head, page)[in*dim : (in+n)*dim]) {
			return false
		}
		at += n
	}
	return true
}
