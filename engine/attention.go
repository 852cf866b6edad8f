package engine

import (
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// attentionRows is how many query rows (tokens x heads of a group) one task takes: enough to use a key panel well,
// few enough that their scores stay in the cache of a core.
const attentionRows = 48

// attentionTask is a run of a span's tokens for one key-value head.
type attentionTask struct {
	span  *span
	head  int // key-value head
	token int // first token, counted within the span
	n     int
}

// attentionTasks cuts the attention of a batch into tasks. They are the same in every layer.
func (m *Model) attentionTasks(spans []span) []attentionTask {
	step := max(1, attentionRows/m.group())
	var tasks []attentionTask
	for i := range spans {
		s := &spans[i]
		for token := (s.n - 1) / step * step; token >= 0; token -= step { // the longest first
			for head := range m.config.KVHeads {
				tasks = append(tasks, attentionTask{span: s, head: head, token: token, n: min(step, s.n-token)})
			}
		}
	}
	return tasks
}

// attendTask writes softmax(q K^T / sqrt(head_dim)) V of one task to b.mixed. Rows are ordered (token, head of the group); row r's own position is start + r/group.
func (m *Model) attendTask(w *worker, b *batch, layer int, t attentionTask) {
	var (
		k      = m.kernel
		dim    = m.config.HeadDim
		group  = m.group()
		rows   = t.n * group
		start  = t.span.start + t.token // position of the first row
		keys   = start + t.n            // keys that the last row sees
		shared = start + 1              // keys that all rows see
		stride = padded(keys)
		cache  = t.span.cache
		scores = floats(&w.scores, rows*stride) // (rows, keys)
		out    = floats(&w.mixed, rows*dim)     // (rows, head_dim)
		// (rows, head_dim): the group's heads of one token are neighbours, see batch.turned.
		q = b.turned[(t.head*b.n+t.span.row+t.token)*group*dim:]
	)
	for at := 0; at < keys; at += kernel.NR {
		k.Gemm(rows, min(kernel.NR, keys-at), dim, q, dim, cache.keyPanel(layer, t.head, at/kernel.NR), kernel.NR, scores[at:], stride, false)
	}

	scale := float32(1 / math.Sqrt(float64(dim)))
	sums := floats(&w.sums, rows)
	for r := range rows {
		row, seen := scores[r*stride:][:keys], shared+r/group
		for i, s := range row[:seen] {
			row[i] = float32(s * scale)
		}
		sums[r] = k.Softmax(row, seen)
		clear(row[seen:])
	}

	// Up to dense keys the product takes all rows together. A key that only later rows see has weight +0 in the earlier
	// ones, and +0 times a finite value leaves a chain as it is (but for the sign of a zero, which the addition at the
	// end settles); a value that is not finite would not, so then each row takes exactly its own keys.
	dense := keys
	if !m.finiteValues(cache, layer, t.head, shared, keys) {
		dense = shared
	}
	m.mixValues(cache, layer, t.head, 0, dense, rows, scores, stride, out)
	for token := 1; token < t.n && dense < keys; token++ {
		r := token * group
		m.mixValues(cache, layer, t.head, dense, shared+token, group, scores[r*stride:], stride, out[r*dim:])
	}

	for r := range rows {
		dst := b.mixed.row(t.span.row + t.token + r/group)[(t.head*group+r%group)*dim:][:dim]
		for i, x := range out[r*dim:][:dim] {
			dst[i] = float32(x/sums[r]) + 0
		}
	}
}

// mixValues continues (or begins, at key 0) the chains out[r] += sum over keys from..to-1 of scores[r][key] * value[key].
func (m *Model) mixValues(c *cache, layer, head, from, to, rows int, scores []float32, stride int, out []float32) {
	dim := m.config.HeadDim
	for at := from; at < to; {
		page, in := at/pageTokens, at%pageTokens
		n := min(pageTokens-in, to-at)
		values := c.values(layer, head, page)[in*dim:]
		for col := 0; col < dim; col += kernel.NR {
			m.kernel.Gemm(rows, min(kernel.NR, dim-col), n, scores[at:], stride, values[col:], dim, out[col:], dim, at > 0)
		}
		at += n
	}
}

// finiteValues tells whether the values of keys from..to-1 are all finite.
func (m *Model) finiteValues(c *cache, layer, head, from, to int) bool {
	dim := m.config.HeadDim
	for at := from; at < to; {
		page, in := at/pageTokens, at%pageTokens
		n := min(pageTokens-in, to-at)
		if !m.kernel.AllFinite(c.values(layer, head, page)[in*dim : (in+n)*dim]) {
			return false
		}
		at += n
	}
	return true
}
