// Package shorttest has tests of the engine do less with -short: an emulator of arm64 takes some fifty times as long for
// arithmetic as the processor that it runs on (CONTRIBUTING.md). A test then goes through all that it does, but through fewer
// settings, models and texts: those that differ most. What an emulated machine does not do at all is asked of the machine itself, by
// NeedsFaults.
package shorttest

import (
	"slices"
	"testing"
)

// Few is n, or with -short less.
func Few(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}

// Fewer is all cases, or with -short those of the given names. It panics at a name that is none.
func Fewer[V any](all map[string]V, names ...string) map[string]V {
	if !testing.Short() {
		return all
	}
	list := make(map[string]V, len(names))
	for _, name := range names {
		v, ok := all[name]
		if !ok {
			panic("no case " + name)
		}
		list[name] = v
	}
	return list
}

// EveryNth is a list, or with -short each n'th of its elements, from the first on.
func EveryNth[V any](list []V, n int) []V {
	if !testing.Short() {
		return list
	}
	var some []V
	for chunk := range slices.Chunk(list, n) {
		some = append(some, chunk[0])
	}
	return some
}
