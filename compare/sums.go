package compare

import (
	"math"
	"math/bits"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// subsetGroup is how many units share one table of their subsets' sums.
const subsetGroup = 4

// subsetSums adds up random subsets of rows: the sums of the 16 subsets of every four rows are tabulated once.
type subsetSums struct {
	rows, width int
	packed      packing
	tables      []int64   // 16 packed sums a group, or
	plain       []float64 // 16 sums a group where the numbers cannot be packed
}

func newSubsetSums(rows []metrics.Stat, width int) subsetSums {
	s := subsetSums{rows: len(rows), width: width, packed: packingOf(rows, width)}
	groups := (len(rows) + subsetGroup - 1) / subsetGroup
	if s.packed.possible {
		s.tables = make([]int64, groups<<subsetGroup*s.packed.words)
	} else {
		s.plain = make([]float64, groups<<subsetGroup*width)
	}
	row := make([]int64, s.packed.words)
	for g := range groups {
		for subset := 1; subset < 1<<subsetGroup; subset++ {
			i := subsetGroup*g + bits.TrailingZeros(uint(subset))
			if i >= len(rows) {
				continue
			}
			at, rest := g<<subsetGroup+subset, g<<subsetGroup+subset&(subset-1)
			if s.packed.possible {
				s.packed.pack(rows[i], row)
				w := s.packed.words
				for k, v := range row {
					s.tables[at*w+k] = s.tables[rest*w+k] + v
				}
				continue
			}
			for k, v := range rows[i] {
				s.plain[at*width+k] = s.plain[rest*width+k] + v
			}
		}
	}
	return s
}

// draw sets sum to that of the rows whose coin shows 1.
func (s subsetSums) draw(random *coins, sum metrics.Stat) {
	clear(sum)
	var acc [maxPacked]int64
	w := s.packed.words
	for first := 0; first < s.rows; first += subsetGroup {
		subset := int(random.take(min(subsetGroup, s.rows-first)))
		at := first/subsetGroup<<subsetGroup + subset
		if s.packed.possible {
			for k, v := range s.tables[at*w : at*w+w] {
				acc[k&(maxPacked-1)] += v
			}
			continue
		}
		for k, v := range s.plain[at*s.width : (at+1)*s.width] {
			sum[k] += v
		}
	}
	if s.packed.possible {
		s.packed.unpack(acc[:w], sum)
	}
}

// packedRows adds up rows drawn with replacement.
type packedRows struct {
	rows   []metrics.Stat
	packed packing
	// blocks holds four words of every row, then the next four of every row: a block's sums stay in registers.
	blocks [][][4]int64
	picks  []uint32
}

func newPackedRows(rows []metrics.Stat, width int) packedRows {
	p := packedRows{rows: rows, packed: packingOf(rows, width)}
	if !p.packed.possible {
		return p
	}
	p.picks = make([]uint32, len(rows))
	p.blocks = make([][][4]int64, (p.packed.words+3)/4)
	for b := range p.blocks {
		p.blocks[b] = make([][4]int64, len(rows))
	}
	words := make([]int64, p.packed.words)
	for i, r := range rows {
		p.packed.pack(r, words)
		for k, v := range words {
			p.blocks[k/4][i][k%4] = v
		}
	}
	return p
}

// resample sets sum to that of as many rows as there are, drawn with replacement.
func (p packedRows) resample(random *pcg64, sum metrics.Stat) {
	n := uint32(len(p.rows))
	if !p.packed.possible {
		clear(sum)
		for range p.rows {
			sum.Add(p.rows[random.below(n)])
		}
		return
	}
	for i := range p.picks {
		p.picks[i] = random.below(n)
	}
	var acc [maxPacked]int64
	for b, block := range p.blocks {
		var w0, w1, w2, w3 int64
		for _, pick := range p.picks {
			row := &block[pick]
			w0 += row[0]
			w1 += row[1]
			w2 += row[2]
			w3 += row[3]
		}
		copy(acc[4*b:], []int64{w0, w1, w2, w3})
	}
	p.packed.unpack(acc[:p.packed.words], sum)
}

// packing puts two whole numbers into one word, which then add up together: a word is high*2^32 + low with signed
// halves, and sums of words stay so while the sums of the halves fit 31 bits.
type packing struct {
	possible bool
	words    int
}

// maxPacked is the most words of a row, a power of two.
const maxPacked = 32

// packingOf tells whether rows can be packed: whole numbers all, and as many times the largest as there are rows fits.
func packingOf(rows []metrics.Stat, width int) packing {
	p := packing{words: (width + 1) / 2}
	largest := 0.0
	for _, r := range rows {
		for _, v := range r {
			if v != math.Trunc(v) { // infinities are whole, and too large
				return p
			}
			largest = max(largest, math.Abs(v))
		}
	}
	p.possible = p.words <= maxPacked && largest*float64(len(rows)) < 1<<31
	return p
}

func (p packing) pack(row metrics.Stat, words []int64) {
	clear(words)
	for k, v := range row {
		words[k/2] += int64(v) << (32 * (k % 2))
	}
}

func (p packing) unpack(words []int64, row metrics.Stat) {
	for k := range row {
		low := int64(int32(words[k/2]))
		if k%2 == 0 {
			row[k] = float64(low)
		} else {
			row[k] = float64((words[k/2] - low) >> 32)
		}
	}
}
