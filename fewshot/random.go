package fewshot

import (
	"errors"
	"fmt"
	"math/bits"
)

// ErrSample is returned, wrapped, where a sample is negative or larger than what it is drawn from. CPython raises
// ValueError there.
var ErrSample = errors.New("sample larger than population or is negative")

// Random is CPython's random.Random (any 3.x) seeded with an integer: Lib/random.py and Modules/_randommodule.c. The
// integer it yields for a call depends on every call before it, so one Random serves one task from start to end. It
// is not safe for concurrent use.
type Random struct {
	mt mt19937
}

// New returns random.Random(seed). As in CPython the seed's sign is dropped.
func New(seed int64) *Random {
	u := uint64(seed)
	if seed < 0 {
		u = -u
	}
	key := []uint32{uint32(u)}
	if high := uint32(u >> 32); high != 0 {
		key = append(key, high)
	}
	r := new(Random)
	r.mt.seedWords(key)
	return r
}

// GetRandBits returns an integer of k random bits, 0 <= k <= 64, as getrandbits(k) does; it draws nothing for k = 0.
func (r *Random) GetRandBits(k int) uint64 {
	if k < 0 || k > 64 {
		panic(fmt.Sprintf("fewshot: GetRandBits(%d): want 0 to 64 bits", k))
	}
	var v uint64
	for shift := 0; shift < k; shift += 32 {
		v |= uint64(r.limb(k-shift)) << shift
	}
	return v
}

// Limbs returns getrandbits(k) for any k >= 0 as 32-bit words, least significant first.
func (r *Random) Limbs(k int) []uint32 {
	if k < 0 {
		panic(fmt.Sprintf("fewshot: Limbs(%d): negative number of bits", k))
	}
	limbs := make([]uint32, 0, (k+31)/32)
	for ; k > 0; k -= 32 {
		limbs = append(limbs, r.limb(k))
	}
	return limbs
}

// limb draws one word and keeps its most significant bits where fewer than 32 are left to fill.
func (r *Random) limb(left int) uint32 {
	w := r.mt.word()
	if left < 32 {
		w >>= 32 - left
	}
	return w
}

// Random returns random(): a double in [0, 1) with 53 random bits.
func (r *Random) Random() float64 { return r.mt.double() }

// RandBelow returns an integer in [0, n) as _randbelow(n) draws it, by rejection. n must be positive; n = 1 draws too,
// one bit at a time until a zero comes.
func (r *Random) RandBelow(n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("fewshot: RandBelow(%d): want a positive bound", n))
	}
	k := bits.Len(uint(n))
	for {
		if v := r.GetRandBits(k); v < uint64(n) {
			return int(v)
		}
	}
}

// Shuffle puts n elements in random order as shuffle(list) does, by calling swap(i, j).
func (r *Random) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, r.RandBelow(i+1))
	}
}

// Permutation returns the integers 0 to n-1 as shuffle(list(range(n))) leaves them.
func (r *Random) Permutation(n int) []int {
	p := ascending(n)
	r.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// Sample returns k distinct indices below n in the order sample(population, k) picks them, or ErrSample, having
// drawn nothing, unless 0 <= k <= n.
func (r *Random) Sample(n, k int) ([]int, error) {
	if k < 0 || k > n {
		return nil, fmt.Errorf("%w: %d of %d", ErrSample, k, n)
	}
	if n <= poolLimit(k) {
		return r.samplePool(n, k), nil
	}
	return r.sampleSet(n, k), nil
}

// poolLimit is the largest population that CPython copies into a list instead of remembering what was picked. It
// estimates the memory of a set of k: 21 plus, above five picks, the smallest power of four that is at least 3k.
func poolLimit(k int) int {
	if k <= 5 {
		return 21
	}
	size := 1
	for size < 3*k {
		size *= 4
	}
	return 21 + size
}

// samplePool picks from a list and moves its last element into each gap.
func (r *Random) samplePool(n, k int) []int {
	pool, picks := ascending(n), make([]int, k)
	for i := range picks {
		j := r.RandBelow(n - i)
		picks[i] = pool[j]
		pool[j] = pool[n-i-1]
	}
	return picks
}

// sampleSet draws again whatever was picked before.
func (r *Random) sampleSet(n, k int) []int {
	picked, picks := make(map[int]bool, k), make([]int, k)
	for i := range picks {
		j := r.RandBelow(n)
		for picked[j] {
			j = r.RandBelow(n)
		}
		picked[j] = true
		picks[i] = j
	}
	return picks
}

// Choices returns k indices below n drawn with replacement, as choices(population, k=k) does: floor(random() * n).
// n must be positive unless k is 0.
func (r *Random) Choices(n, k int) []int {
	if n <= 0 && k > 0 {
		panic(fmt.Sprintf("fewshot: Choices(%d, %d): nothing to choose from", n, k))
	}
	picks := make([]int, k)
	for i := range picks {
		picks[i] = int(r.Random() * float64(n))
	}
	return picks
}

// ascending returns the integers 0 to n-1.
func ascending(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
