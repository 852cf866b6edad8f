package compare

import "math"

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

// quantised are the non-zero differences as multiples of 2^-40 of the largest, with their sum: whole numbers add up
// the same in every order.
func quantised(differences []float64) (values []int64, sum int64) {
	largest := 0.0
	for _, d := range differences {
		largest = max(largest, math.Abs(d))
	}
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
		bit := trailingZeros(i)
		sum -= 2 * signs[bit]
		signs[bit] = -signs[bit]
	}
}

func trailingZeros(i uint) int {
	n := 0
	for ; i&1 == 0; i >>= 1 {
		n++
	}
	return n
}

// sampleFlips counts among the draws. Eight signs at a time are looked up as the sum they give.
func sampleFlips(values []int64, least int64, random counter) int {
	tables := make([][256]int64, (len(values)+7)/8)
	for g := range tables {
		group := values[8*g : min(8*g+8, len(values))]
		table := &tables[g]
		for _, v := range group {
			table[0] -= v
		}
		for b := 1; b < 256; b++ {
			bit := trailingZeros(uint(b))
			table[b] = table[b&(b-1)]
			if bit < len(group) {
				table[b] += 2 * group[bit]
			}
		}
	}
	count := 0
	for trial := range flips {
		sum := int64(0)
		for i := 0; i < len(tables); i += 8 {
			word := random.word(trial, i/8)
			for g := i; g < min(i+8, len(tables)); g++ {
				sum += tables[g][uint8(word)]
				word >>= 8
			}
		}
		if sum >= least || -sum >= least {
			count++
		}
	}
	return count
}
