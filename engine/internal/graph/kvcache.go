package graph

import (
	"fmt"
	"sync/atomic"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

const (
	// pageTokens is the number of positions of a full page, a multiple of kernel.NR.
	pageTokens = 2 * kernel.NR
	// pageStep is what the size of a last page is a multiple of: endings of a few tokens should not cost a full one.
	pageStep = 8
)

// WholePairs rounds a number of positions down to an even one. Sequences part after an even number of positions, because
// bfloat16 values are kept, and their products added, in pairs of positions: a pair belongs to one segment.
func WholePairs(n int) int { return n &^ 1 }

// CacheShape is what the size of a page depends on.
type CacheShape struct {
	layers  int // 1 for what no later batch looks at: then no layer outlives the next
	kvHeads int
	headDim int
	bf16    bool // bfloat16 instead of float32
}

// elementSize is the number of bytes of a number.
func (s CacheShape) elementSize() int {
	if s.bf16 {
		return 2
	}
	return 4
}

// pageBytes is the number of bytes of a page for n positions.
func (s CacheShape) pageBytes(n int) int {
	return 2 * s.layers * s.kvHeads * n * s.headDim * s.elementSize()
}

// Bytes is the memory that a segment of n positions needs. It is subadditive up to pageStep: cutting a sequence into
// segments can only add to it.
func (s CacheShape) Bytes(n int) int64 { return int64(s.pageBytes(1)) * int64(Stepped(n)) }

// Stepped rounds n up to a whole number of page steps.
func Stepped(n int) int { return (n + pageStep - 1) / pageStep * pageStep }

// Segment keeps the keys and values of a run of positions which one or more sequences have in common, given that they
// have everything before it in common, too. The keys of a sequence are those of a chain of segments.
type Segment struct {
	parent, root *Segment // nil and itself where positions start at 0
	CacheShape
	start     int // position of its first token, even
	length    int // positions when it is complete
	pages     []page
	notFinite atomic.Bool // whether a value that is not finite has been stored
}

// Begin makes s an empty segment of a number of positions that follow those of parent, which may be nil.
func (s *Segment) Begin(parent *Segment, length int) {
	s.parent, s.root, s.start, s.length, s.pages = parent, s, 0, length, s.pages[:0]
	s.notFinite.Store(false)
	if parent != nil {
		s.root, s.start = parent.root, parent.start+parent.length
	}
}

// page has room for up to pageTokens positions, each layer's and head's keys and then its values. Places of positions that
// have not been stored hold anything, NaN included.
//
// In float32, keys are packed panels, that is up to two of (head_dim, panelWidth), which is how the product with queries
// wants them, and values are rows, (tokens, head_dim), which is how the product with probabilities wants them. In bfloat16,
// both are in pairs for the same reasons: (head_dim/2, tokens, 2) and (tokens/2, head_dim, 2).
type page struct {
	bytes   []byte
	floats  []float32 // the same memory
	tokens  int
	spilled bool // in a file, of which memory holds what is in use
}

// block says where one layer's and head's part of a page is, in elements; half 0 is keys, 1 is values.
func (s *Segment) block(page, layer, head, half int) (from, to int) {
	size := s.pages[page].tokens * s.headDim
	if s.layers == 1 {
		layer = 0
	}
	from = ((layer*s.kvHeads+head)*2 + half) * size
	return from, from + size
}

// stored returns a page's keys and values of one layer and head.
func (s *Segment) stored(page, layer, head int) []byte {
	from, _ := s.block(page, layer, head, 0)
	_, to := s.block(page, layer, head, 1)
	return s.pages[page].bytes[from*s.elementSize() : to*s.elementSize()]
}

// floats returns a block of float32.
func (s *Segment) floats(page, layer, head, half int) []float32 {
	from, to := s.block(page, layer, head, half)
	return s.pages[page].floats[from:to]
}

// panelWidth is the number of positions of a panel, and the distance between its rows.
func (p page) panelWidth(panel int) int { return min(kernel.NR, p.tokens-panel*kernel.NR) }

// storeKey scatters the key (head_dim) of a position into its column of a panel.
func (s *Segment) storeKey(layer, head, position int, key []float32) {
	at := position - s.start
	page, in := at/pageTokens, at%pageTokens
	panel, width := s.floats(page, layer, head, 0)[in/kernel.NR*kernel.NR*s.headDim:], s.pages[page].panelWidth(in/kernel.NR)
	for i, x := range key {
		panel[i*width+in%kernel.NR] = x
	}
}

// claimKeys claims the parts of pages that have the keys of positions first..last.
func (s *Segment) claimKeys(k *kernel.Kernel, layer, head, first, last int) {
	for page := (first - s.start) / pageTokens; page <= (last-s.start)/pageTokens; page++ {
		from, to := s.block(page, layer, head, 0)
		k.Claim(s.pages[page].floats[from:to])
	}
}

// storeValue copies the value (head_dim) of a position.
func (s *Segment) storeValue(layer, head, position int, value []float32) {
	at := position - s.start
	copy(s.floats(at/pageTokens, layer, head, 1)[at%pageTokens*s.headDim:][:s.headDim], value)
}

// keyPanel returns the keys of the segment's panel of that number as (head_dim, width), width elements apart.
func (s *Segment) keyPanel(layer, head, panel int) (keys []float32, width int) {
	const perPage = pageTokens / kernel.NR
	page, in := panel/perPage, panel%perPage
	width = s.pages[page].panelWidth(in)
	return s.floats(page, layer, head, 0)[in*kernel.NR*s.headDim:][:width*s.headDim], width
}

// values returns a page's values as (tokens, head_dim).
func (s *Segment) values(layer, head, page int) []float32 { return s.floats(page, layer, head, 1) }

// Stock hands out pages of one shape and takes them back, so that memory once touched is used again.
//
// The full stock keeps every layer of what later batches look at; the one-layer stock keeps one layer at a time of what none does.
type Stock struct {
	CacheShape
	free  [pageTokens/pageStep + 1][]page // by size, in steps
	slabs []*kernel.Memory                // what pages are cut from
	next  int                             // the slab to cut from
	used  int                             // bytes of it that pages have

	spill   Spill
	memory  int64 // bytes of slabs that are not files
	spilled map[*kernel.Memory]bool
}

// Spill says where pages go that memory has no room for.
type Spill struct {
	Dir    string // "" for nowhere
	Memory int64  // bytes of pages that stay in memory
}

// slabSize is what pages are cut from, on huge pages: a small page of memory holds less than a head's keys.
const slabSize = 16 << 20

// Reset takes every page back, whatever segments still hold them.
func (k *Stock) Reset() {
	for i := range k.free {
		k.free[i] = k.free[i][:0]
	}
	k.next, k.used = 0, 0
}

// Close gives the memory back to the system.
func (k *Stock) Close() (err error) {
	k.Reset()
	for _, slab := range k.slabs {
		err = Joined(err, slab.Release())
	}
	k.slabs, k.spilled, k.memory = nil, nil, 0
	return err
}

// cut returns a new page. Its memory holds anything.
func (k *Stock) cut(tokens int) (page, error) {
	const line = 64
	n := k.pageBytes(tokens)
	for k.next < len(k.slabs) && len(k.slabs[k.next].Bytes()) < k.used+n {
		k.next, k.used = k.next+1, 0
	}
	if k.next == len(k.slabs) {
		if err := k.grow(max(slabSize, n)); err != nil {
			return page{}, err
		}
	}
	slab, from := k.slabs[k.next], k.used
	k.used = (from + n + line - 1) / line * line
	return page{bytes: slab.Bytes()[from : from+n : from+n], floats: slab.Floats()[from/4 : (from+n)/4], tokens: tokens, spilled: k.spilled[slab]}, nil
}

// grow adds a slab, in a file when memory has as many as it may.
func (k *Stock) grow(n int) error {
	if k.spill.Dir == "" || k.memory+int64(n) <= k.spill.Memory {
		slab, err := kernel.Allocate(n)
		if err != nil {
			return err
		}
		k.slabs, k.memory = append(k.slabs, slab), k.memory+int64(n)
		return nil
	}
	slab, err := kernel.AllocateFile(k.spill.Dir, n)
	if err != nil {
		return fmt.Errorf("keys and values that memory has no room for: %w", err)
	}
	if k.spilled == nil {
		k.spilled = make(map[*kernel.Memory]bool)
	}
	k.slabs, k.spilled[slab] = append(k.slabs, slab), true
	return nil
}

// Extend gives s pages for its first n positions.
func (k *Stock) Extend(s *Segment, n int) error {
	s.CacheShape = k.CacheShape
	for len(s.pages)*pageTokens < n {
		tokens := min(pageTokens, Stepped(s.length-len(s.pages)*pageTokens))
		free := &k.free[tokens/pageStep]
		if last := len(*free) - 1; last >= 0 {
			s.pages = append(s.pages, (*free)[last])
			*free = (*free)[:last]
		} else {
			p, err := k.cut(tokens)
			if err != nil {
				return err
			}
			s.pages = append(s.pages, p)
		}
	}
	return nil
}

// Release takes s's pages back.
func (k *Stock) Release(s *Segment) {
	for _, p := range s.pages {
		k.free[p.tokens/pageStep] = append(k.free[p.tokens/pageStep], p)
	}
	s.pages = s.pages[:0]
}

// NewStock returns an empty stock, whose pages go to files where memory has no room for them and spill says so.
func NewStock(shape CacheShape, spill Spill) Stock { return Stock{CacheShape: shape, spill: spill} }

// Start is the position of the segment's first token.
func (s *Segment) Start() int { return s.start }

// Len is the number of its positions when it is complete.
func (s *Segment) Len() int { return s.length }

// Parent is the segment whose positions this one continues, or nil.
func (s *Segment) Parent() *Segment { return s.parent }
