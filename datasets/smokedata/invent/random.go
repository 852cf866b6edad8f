package invent

import "math/rand/v2"

// random draws from PCG's bits with arithmetic of its own, so that a seed gives the same data set with every release
// of Go.
type random struct{ bits *rand.PCG }

func newRandom(seed, stream uint64) *random { return &random{rand.NewPCG(seed, stream)} }

// below returns a number in [0, n). The bias of the remainder is far below what any draw here could show.
func (r *random) below(n int) int { return int(r.bits.Uint64() % uint64(n)) }

// between returns a number in [low, high].
func (r *random) between(low, high int) int { return low + r.below(high-low+1) }

// pick returns one of list.
func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

// some returns n different elements of list in random order.
func some[T any](r *random, list []T, n int) []T {
	left := append([]T(nil), list...)
	shuffle(r, left)
	return left[:n]
}

// shuffle is Fisher and Yates'.
func shuffle[T any](r *random, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := r.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}
