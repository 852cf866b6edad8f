package fewshot

import (
	"fmt"
	"math"
	"math/bits"
)

// RandomState is numpy's legacy numpy.random.RandomState seeded with one 32-bit integer, the generator behind
// numpy.random.seed and the module's functions: numpy/random/mtrand.pyx. It is not safe for concurrent use.
type RandomState struct {
	mt mt19937
}

// NewRandomState returns numpy.random.RandomState(seed). Unlike CPython it seeds with a single word.
func NewRandomState(seed uint32) *RandomState {
	s := new(RandomState)
	s.mt.seedWord(seed)
	return s
}

// Uint32 returns the next 32 random bits.
func (s *RandomState) Uint32() uint32 { return s.mt.word() }

// RandomSample returns random_sample(): a double in [0, 1) with 53 random bits.
func (s *RandomState) RandomSample() float64 { return s.mt.double() }

// Choice returns size indices below n drawn with replacement, as choice(arange(n), size=size) and randint(0, n, size)
// draw them: mask a word to the bits of n-1 and reject what exceeds it. n = 1 draws nothing. n must be in 1..2^32.
func (s *RandomState) Choice(n, size int) []int {
	if n <= 0 || uint64(n-1) > math.MaxUint32 {
		panic(fmt.Sprintf("fewshot: Choice(%d): want 1 to 2^32", n))
	}
	picks := make([]int, size)
	if n == 1 {
		return picks
	}
	last := uint32(n - 1)
	mask := uint32(1)<<bits.Len32(last) - 1
	for i := range picks {
		v := s.mt.word() & mask
		for v > last {
			v = s.mt.word() & mask
		}
		picks[i] = int(v)
	}
	return picks
}
