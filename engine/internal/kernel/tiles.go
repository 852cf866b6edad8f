//go:build amd64 || arm64

package kernel

import "unsafe"

// height is how many of the rows that are left the first of some tiles takes, so that all are about equally high.
func height(left, tiles int) int { return (left + tiles - 1) / tiles }

// flag is what the assembly takes for a truth value.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rowPointers returns the addresses of up to group rows, from row r0 on, that start stride bytes apart. A missing row is
// stood in for by a present one, so that reading it is safe; the packer's mask zeroes what it gives.
func rowPointers(base unsafe.Pointer, stride, r0, n, group int) (rows [16]unsafe.Pointer) {
	for i := range group {
		rows[i] = unsafe.Add(base, stride*min(r0+i, n-1))
	}
	return rows
}
