package engine_test

import (
	"slices"
	"testing"
)

// An emulator of arm64 takes some fifty times as long for arithmetic as the processor that it runs on (CONTRIBUTING.md). So with
// -short every test goes through all that it does, but through fewer settings, models and texts: those that differ most.

// few is n, or with -short less.
func few(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}

// fewer is all cases, or with -short those of the given names.
func fewer[V any](all map[string]V, names ...string) map[string]V {
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

// everyNth is a list, or with -short each n'th of its elements, from the first on.
func everyNth[V any](list []V, n int) []V {
	if !testing.Short() {
		return list
	}
	var some []V
	for chunk := range slices.Chunk(list, n) {
		some = append(some, chunk[0])
	}
	return some
}
