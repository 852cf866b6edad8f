package engine

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// pageTokens is the number of positions of a cache page, a multiple of kernel.NR.
const pageTokens = 2 * kernel.NR

// cacheShape is what the size of a page depends on.
type cacheShape struct {
	layers  int // 1 where a sequence is computed at once, so that no layer outlives the next
	kvHeads int
	headDim int
}

// pageFloats is the number of float32 of one page.
func (s cacheShape) pageFloats() int { return 2 * s.layers * s.kvHeads * pageTokens * s.headDim }

// bytes is the memory that n positions need.
func (s cacheShape) bytes(n int) int64 {
	return int64(pages(n)) * int64(s.pageFloats()) * 4
}

// pages is the number of pages for n positions.
func pages(n int) int { return (n + pageTokens - 1) / pageTokens }

// cache keeps the keys and values of one sequence in pages. Within a page each layer and head has its keys as packed
// panels, (pageTokens/NR, head_dim, NR), which is how the product with queries wants them, and its values as rows,
// (pageTokens, head_dim), which is how the product with probabilities wants them. Places of positions that have not
// been stored hold anything, NaN included.
type cache struct {
	cacheShape
	pages [][]float32
}

// block returns one layer's and head's part of a page; half 0 is keys, 1 is values.
func (c *cache) block(page, layer, head, half int) []float32 {
	size := pageTokens * c.headDim
	if c.layers == 1 {
		layer = 0
	}
	at := ((layer*c.kvHeads+head)*2 + half) * size
	return c.pages[page][at : at+size]
}

// storeKey scatters the key (head_dim) of a position into its column of a panel.
func (c *cache) storeKey(layer, head, position int, key []float32) {
	block := c.block(position/pageTokens, layer, head, 0)
	in := position % pageTokens
	panel := block[in/kernel.NR*kernel.NR*c.headDim:]
	for i, x := range key {
		panel[i*kernel.NR+in%kernel.NR] = x
	}
}

// storeValue copies the value (head_dim) of a position.
func (c *cache) storeValue(layer, head, position int, value []float32) {
	copy(c.block(position/pageTokens, layer, head, 1)[position%pageTokens*c.headDim:][:c.headDim], value)
}

// keyPanel returns the keys of positions panel*NR to panel*NR+NR-1 as (head_dim, NR).
func (c *cache) keyPanel(layer, head, panel int) []float32 {
	const perPage = pageTokens / kernel.NR
	size := c.headDim * kernel.NR
	return c.block(panel/perPage, layer, head, 0)[panel%perPage*size:][:size]
}

// values returns a page's values as (pageTokens, head_dim).
func (c *cache) values(layer, head, page int) []float32 { return c.block(page, layer, head, 1) }

// pageStock hands out pages of one shape and takes them back, so that memory once touched is used again.
type pageStock struct {
	cacheShape
	free [][]float32
}

// extend gives c pages for its first n positions.
func (s *pageStock) extend(c *cache, n int) {
	c.cacheShape = s.cacheShape
	for len(c.pages) < pages(n) {
		if last := len(s.free) - 1; last >= 0 {
			c.pages = append(c.pages, s.free[last])
			s.free = s.free[:last]
		} else {
			c.pages = append(c.pages, make([]float32, s.pageFloats()))
		}
	}
}

// release takes c's pages back.
func (s *pageStock) release(c *cache) {
	s.free = append(s.free, c.pages...)
	c.pages = nil
}
