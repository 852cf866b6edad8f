package compare

import "math/bits"

// pcg64 is the generator behind numpy's default_rng: PCG XSL-RR 128/64 seeded through a SeedSequence. sacreBLEU draws
// its resamples from it, so only the same integers give the same p-values. Sources: O'Neill, "PCG: A Family of Simple
// Fast Space-Efficient Statistically Good Algorithms", HMC-CS-2014-0905; numpy/random/bit_generator.pyx,
// src/pcg64/pcg64.h and src/distributions/distributions.c of numpy/numpy at v1.24.
type pcg64 struct {
	high, low       uint64
	incHigh, incLow uint64
	// half is the upper half of a word whose lower half is used, where full is true.
	half uint32
	full bool
}

// newPCG64 returns numpy's default_rng(seed).
func newPCG64(seed uint64) *pcg64 {
	w := seedSequence(seed)
	p := &pcg64{incHigh: w[2]<<1 | w[3]>>63, incLow: w[3]<<1 | 1}
	p.step()
	var carry uint64
	p.low, carry = bits.Add64(p.low, w[1], 0)
	p.high, _ = bits.Add64(p.high, w[0], carry)
	p.step()
	return p
}

func (p *pcg64) step() {
	const multiplierHigh, multiplierLow = 2549297995355413924, 4865540595714422341
	high, low := bits.Mul64(p.low, multiplierLow)
	high += p.high*multiplierLow + p.low*multiplierHigh
	var carry uint64
	p.low, carry = bits.Add64(low, p.incLow, 0)
	p.high, _ = bits.Add64(high, p.incHigh, carry)
}

// uint64 is the next word.
func (p *pcg64) uint64() uint64 {
	p.step()
	return bits.RotateLeft64(p.high^p.low, -int(p.high>>58))
}

// uint32 is the next half word, the lower half first.
func (p *pcg64) uint32() uint32 {
	if p.full {
		p.full = false
		return p.half
	}
	w := p.uint64()
	p.half, p.full = uint32(w>>32), true
	return uint32(w)
}

// below is numpy's Generator.choice(n) with replacement, for n from 1 to 2^32-1: Lemire's method on half words.
func (p *pcg64) below(n uint32) uint32 {
	if n == 1 {
		return 0
	}
	m := uint64(p.uint32()) * uint64(n)
	if uint32(m) < n {
		for threshold := -n % n; uint32(m) < threshold; {
			m = uint64(p.uint32()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

// coins reads numpy's Generator.integers(2, dtype=bool): the bits of half words, the lowest first.
type coins struct {
	from *pcg64
	word uint64
	left int
}

// take returns the next n bits, at most 8, the first drawn lowest.
func (c *coins) take(n int) uint8 {
	if c.left < n {
		c.word |= uint64(c.from.uint32()) << c.left
		c.left += 32
	}
	b := uint8(c.word & (1<<n - 1))
	c.word >>= n
	c.left -= n
	return b
}

// seedSequence is numpy's SeedSequence(seed).generate_state(4, uint64).
func seedSequence(seed uint64) [4]uint64 {
	const (
		initA, multA = 0x43b0d7e5, 0x931e8875
		initB, multB = 0x8b51f9dd, 0x58f38ded
		mixL, mixR   = 0xca01f9dd, 0x4973f715
		shift        = 16
	)
	hash := uint32(initA)
	scramble := func(v uint32) uint32 {
		v ^= hash
		hash *= multA
		v *= hash
		return v ^ v>>shift
	}
	mix := func(x, y uint32) uint32 {
		r := mixL*x - mixR*y
		return r ^ r>>shift
	}
	pool := [4]uint32{uint32(seed), uint32(seed >> 32)}
	for i := range pool {
		pool[i] = scramble(pool[i])
	}
	for from := range pool {
		for to := range pool {
			if from != to {
				pool[to] = mix(pool[to], scramble(pool[from]))
			}
		}
	}
	var state [4]uint64
	hash = initB
	for i := range 8 {
		v := pool[i%4] ^ hash
		hash *= multB
		v *= hash
		v ^= v >> shift
		state[i/2] |= uint64(v) << (32 * (i % 2))
	}
	return state
}
