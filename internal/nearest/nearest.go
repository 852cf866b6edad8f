// Package nearest finds what a misspelt name was probably meant to be.
package nearest

import (
	"slices"
	"strings"
)

// Of returns the candidates with the fewest edits to name, or nil where even those share little with it.
func Of(name string, candidates []string) []string {
	best, near := len(name)/2+1, []string(nil)
	for _, c := range candidates {
		d := edits(name, c)
		if strings.HasPrefix(c, name) && len(name) >= 3 {
			d = min(d, 1)
		}
		switch {
		case d < best:
			best, near = d, []string{c}
		case d == best && near != nil:
			near = append(near, c)
		}
	}
	slices.Sort(near)
	return slices.Compact(near)
}

// edits is the Levenshtein distance of two strings of bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
