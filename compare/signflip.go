package compare

import (
	"math"
	"math/bits"
)

// The sign-flip test's sizes: up to enumerated differences every sign is tried, beyond it flips draws are made.
const (
	enumerated = 20
	flips      = 10000
)

// SignFlip is the paired sign-flip permutation test of differences, one per document or cluster in an order that does
// not depend on the run: how often signs at random make their sum as large as it is. Zeros do not count. Up to 20
// differences all signs are enumerated and p is their share; beyond, p = (k+1)/(10000+1) over draws keyed by seed and
// task. Swapping the runs negates every sum and changes nothing.
func SignFlip(differences []float64, seed uint64, task string) (p float64, exact bool) {
	values, sum := quantised(differences)
	n := len(values)
	if n == 0 {
		return 1, true
	}
	// Rounding moves each side of the comparison by at most half a unit a difference; sums that are equal in exact
	// arithmetic must count as equal.
	least := max(sum, -sum) - int64(n)
	if n <= enumerated {
		return float64(enumerateFlips(values, least)) / float64(uint64(1)<<n), true
	}
	return float64(sampleFlips(values, least, newCounter(seed, task, "sign-flip"))+1) / (flips + 1), false
}

// quantum is the unit of quantised differences.
func quantum(differences []float64) float64 {
	largest := 0.0
	for _, d := range differences {
		largest = max(largest, math.Abs(d))
	}
	return largest * 0x1p-40
}

// quantised are the non-zero differences as multiples of 2^-40 of the largest, with their sum: whole numbers add up
// the same in every order.
func quantised(differences []float64) (values []int64, sum int64) {
	largest := quantum(differences) * 0x1p40
	for _, d := range differences {
		if v := int64(math.Round(d / largest * 0x1p40)); d != 0 && v != 0 {
			values = append(values, v)
			sum += v
		}
	}
	return values, sum
}

// enumerateFlips counts the assignments of signs whose sum is at least least in size, in Gray-code order so that each
// takes one addition.
func enumerateFlips(values []int64, least int64) int {
	sum := int64(0)
	signs := make([]int64, len(values))
	for i, v := range values {
		sum += v
		signs[i] = v
	}
	count := 0
	for i := uint(1); ; i++ {
		if sum >= least || -sum >= least {
			count++
		}
		if i == 1<<len(values) {
			return count
		}
		bit := bits.TrailingZeros(i)
		sum -= 2 * signs[bit]
		signs[bit] = -signs[bit]
	}
}

// sampleFlips counts among the draws.
func sampleFlips(values []int64, least int64, random counter) int {
	count := 0
	for _, sum := range sampleSums(values, random) {
		if sum >= least || -sum >= least {
			count++
		}
	}
	return count
}

// sampleSums are the sums of the values under the draws' signs. Eight signs at a time are looked up as the sum they give.
func sampleSums(values []int64, random counter) []int64 {
	tables := make([][256]int64, (len(values)+7)/8)
	for g := range tables {
		group := values[8*g : min(8*g+8, len(values))]
		table := &tables[g]
		for _, v := range group {
			table[0] -= v
		}
		for b := 1; b < 256; b++ {
			bit := bits.TrailingZeros(uint(b))
			table[b] = table[b&(b-1)]
			if bit < len(group) {
				table[b] += 2 * group[bit]
			}
		}
	}
	sums := make([]int64, flips)
	for draw := range sums {
		for i := 0; i < len(tables); i += 8 {
			word := random.word(draw, i/8)
			for g := i; g < min(i+8, len(tables)); g++ {
				sums[draw] += tables[g][uint8(word)]
				word >>= 8
			}
		}
	}
	return sums
}
