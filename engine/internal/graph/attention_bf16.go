package graph

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// scoreRowsBF16 is scoreRows for queries and keys in bfloat16.
func (x *attending) scoreRowsBF16(r *keyRange, first, n int, q []uint16) {
	dim := x.dim
	for at := r.aligned(); at < r.end; at += pageTokens {
		keys, width := r.segment.keyPairs(x.layer, x.head, (at-r.segment.start)/pageTokens)
		x.kernel.GemmPairs(n, min(width, r.end-at), dim, q, dim, keys, 4*width, x.scores[first*x.stride+at-x.base:], x.stride, false)
	}
}

// mixRowsBF16 is mixRows for weights and values in bfloat16. An odd number of keys is filled up with the last one's partner,
// which has weight +0.
func (x *attending) mixRowsBF16(s *Segment, page, in, at, n, first, last int) {
	dim := x.dim
	values := s.valuePairs(x.layer, x.head, page)[in/2*4*dim:]
	if whole := WholePairs(n); whole < n && s.notFinite.Load() {
		// The partner may be a later key that is not finite.
		x.mixPairsBF16(values, at, whole, first, last)
		alone := grown(&x.worker.alone, 4*dim)
		copy(alone, values[whole/2*4*dim:])
		for i := range dim {
			alone[4*i+2], alone[4*i+3] = 0, 0
		}
		x.mixPairsBF16(alone, at+whole, 2, first, last)
		return
	}
	x.mixPairsBF16(values, at, n+n%2, first, last)
}

// mixSecondBF16 is mix for the one key at an odd position, whose partner's weight is +0 and whose value does not count.
func (x *attending) mixSecondBF16(s *Segment, position, first, last int) {
	at := position - s.start - 1
	values := s.valuePairs(x.layer, x.head, at/pageTokens)[at%pageTokens/2*4*x.dim:]
	alone := grown(&x.worker.alone, 4*x.dim)
	copy(alone, values)
	for i := range x.dim {
		alone[4*i], alone[4*i+1] = 0, 0
	}
	x.mixPairsBF16(alone, position-1, 2, first, last)
}

// mixPairsBF16 adds the products of n weights, an even number, from position at on with values, to the rows of out.
func (x *attending) mixPairsBF16(values []byte, at, n, first, last int) {
	dim, columns := x.dim, kernel.ModeBF16.Columns()
	for col := 0; col < dim && n > 0; col += columns {
		x.kernel.GemmPairs(last-first, min(columns, dim-col), n, x.weights[first*x.stride+at-x.base:], x.stride, values[4*col:], 4*dim, x.out[first*dim+col:], dim, x.begun || at > 0)
	}
}
