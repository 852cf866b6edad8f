package tokenizer

import "slices"

// workspace holds what one encoding needs, kept between encodings so that they do not allocate.
type workspace struct {
	out []int32 // the ids found so far

	// The part of the text in work: symbols that may yet merge. symbols[i] and symbols[i+1] become merged[i] with
	// ranks[i]; both have one entry per symbol, the last one being none and never.
	symbols []int32
	merged  []int32
	ranks   []uint32

	prev, next []int32
	heap       []uint64
	normal     []byte
	spelling   []byte

	best []best  // of a Unigram search
	cuts []int32 // where its pieces end, from the last on

	last remembered
}

// clear forgets the part in work.
func (w *workspace) clear() {
	w.symbols, w.merged, w.ranks = w.symbols[:0], w.merged[:0], w.ranks[:0]
}

// push appends a symbol to the part, with what the table says of it and its predecessor. It reports false, and does
// nothing, where the two can never share a token: the part is complete.
func (w *workspace) push(t *mergeTable, symbol int32) bool {
	if n := len(w.symbols); n > 0 {
		id, rank, linked := t.find(w.symbols[n-1], symbol)
		if !linked {
			return false
		}
		w.merged[n-1], w.ranks[n-1] = id, rank
	}
	w.symbols = append(w.symbols, symbol)
	w.merged = append(w.merged, none)
	w.ranks = append(w.ranks, never)
	return true
}

// short is the length up to which looking at every rank for each merge is faster than keeping a heap.
const short = 32

// reduce performs all merges of the part: always the pair of the lowest rank, the leftmost among equals. That is the
// order of bpe_model.cc (highest score, then smallest position) and of tokenizers' bpe/word.rs (lowest rank, then
// smallest position).
func (w *workspace) reduce(t *mergeTable) {
	if len(w.symbols) <= short {
		w.reduceShort(t)
	} else {
		w.reduceLong(t)
	}
}

// pair refreshes what is known of the symbols at positions i and j.
func (w *workspace) pair(t *mergeTable, i, j int) {
	w.merged[i], w.ranks[i] = none, never
	if id, rank, linked := t.find(w.symbols[i], w.symbols[j]); linked {
		w.merged[i], w.ranks[i] = id, rank
	}
}

func (w *workspace) reduceShort(t *mergeTable) {
	for {
		at, best := 0, never
		for i, r := range w.ranks {
			if r < best {
				at, best = i, r
			}
		}
		if best == never {
			return
		}
		w.symbols[at] = w.merged[at]
		w.symbols = slices.Delete(w.symbols, at+1, at+2)
		w.merged = slices.Delete(w.merged, at, at+1)
		w.ranks = slices.Delete(w.ranks, at, at+1)
		if at > 0 {
			w.pair(t, at-1, at)
		}
		if at+1 < len(w.symbols) {
			w.pair(t, at, at+1)
		}
	}
}

// reduceLong keeps the pairs in a heap of rank and position and the symbols in a linked list, so that n symbols take
// n log n steps. An entry whose pair has changed since is recognized by its rank: the symbols at a position only grow,
// so an equal rank means the same pair or one that may merge just as early.
func (w *workspace) reduceLong(t *mergeTable) {
	n := len(w.symbols)
	w.prev, w.next, w.heap = slices.Grow(w.prev[:0], n)[:n], slices.Grow(w.next[:0], n)[:n], w.heap[:0]
	for i := range n {
		w.prev[i], w.next[i] = int32(i-1), int32(i+1)
		if w.ranks[i] != never {
			w.heap = append(w.heap, uint64(w.ranks[i])<<32|uint64(i))
		}
	}
	for i := len(w.heap)/2 - 1; i >= 0; i-- {
		sink(w.heap, i)
	}
	for len(w.heap) > 0 {
		top := w.heap[0]
		last := len(w.heap) - 1
		w.heap[0] = w.heap[last]
		w.heap = w.heap[:last]
		if last > 1 {
			sink(w.heap, 0)
		}
		at, rank := int(top&0xFFFFFFFF), uint32(top>>32)
		if w.ranks[at] != rank {
			continue
		}
		gone := int(w.next[at])
		after := int(w.next[gone])
		w.symbols[at], w.symbols[gone] = w.merged[at], none
		w.ranks[gone] = never
		w.next[at] = int32(after)
		w.merged[at], w.ranks[at] = none, never
		if after < n {
			w.prev[after] = int32(at)
			w.repair(t, at, after)
		}
		if before := int(w.prev[at]); before >= 0 {
			w.repair(t, before, at)
		}
	}
	kept := w.symbols[:0]
	for _, s := range w.symbols {
		if s != none {
			kept = append(kept, s)
		}
	}
	w.symbols = kept
}

// repair refreshes a pair and enters it in the heap where it merges.
func (w *workspace) repair(t *mergeTable, i, j int) {
	w.pair(t, i, j)
	if w.ranks[i] != never {
		w.heap = append(w.heap, uint64(w.ranks[i])<<32|uint64(i))
		rise(w.heap)
	}
}

// rise restores the heap's order after its last element was added.
func rise(heap []uint64) {
	i := len(heap) - 1
	v := heap[i]
	for i > 0 {
		up := (i - 1) / 2
		if heap[up] <= v {
			break
		}
		heap[i] = heap[up]
		i = up
	}
	heap[i] = v
}

// sink restores the heap's order below one element.
func sink(heap []uint64, i int) {
	v := heap[i]
	for {
		down := 2*i + 1
		if down >= len(heap) {
			break
		}
		if down+1 < len(heap) && heap[down+1] < heap[down] {
			down++
		}
		if v <= heap[down] {
			break
		}
		heap[i] = heap[down]
		i = down
	}
	heap[i] = v
}
