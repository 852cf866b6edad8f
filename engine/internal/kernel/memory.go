package kernel

import (
	"errors"
	"fmt"
	"unsafe"
)

// hugePage is the size of memory that one entry of the second-level page tables maps on the usual machines.
const hugePage = 2 << 20

// line is the size of a cache line.
const line = 64

// Memory is a block of memory for packed weights or a large workspace: zero at first, aligned to a cache line at least,
// and where the system allows outside the collector's heap and on huge pages, which saves both the collector and the
// processor's address translation most of their work. It costs nothing until it is written to.
type Memory struct {
	bytes  []byte
	mapped []byte // what to give back to the system; nil where the collector owns the bytes
}

// Allocate returns n bytes. Release gives them back; without it they stay for the life of the process.
func Allocate(n int) (*Memory, error) {
	if n < 0 {
		panic(fmt.Sprintf("kernel: Allocate %d bytes", n))
	}
	if n == 0 {
		return &Memory{}, nil
	}
	return allocate(n)
}

// Bytes returns the memory. It must not be used after Release.
func (m *Memory) Bytes() []byte { return m.bytes }

// Floats returns the memory as float32.
func (m *Memory) Floats() []float32 { return floats(m.bytes[:len(m.bytes)&^3]) }

// Halves returns the memory as 16-bit words, for activations in bfloat16.
func (m *Memory) Halves() []uint16 {
	if len(m.bytes) < 2 {
		return nil
	}
	return unsafe.Slice((*uint16)(unsafe.Pointer(&m.bytes[0])), len(m.bytes)/2)
}

// Release gives the memory back to the system. Releasing twice is an error, releasing nothing is not.
func (m *Memory) Release() error {
	if m.bytes == nil && m.mapped == nil {
		return nil
	}
	mapped := m.mapped
	if len(m.bytes) == 0 {
		return errors.New("kernel: memory released twice")
	}
	m.bytes = m.bytes[:0]
	m.mapped = nil
	return unmap(mapped)
}

// aligned returns n bytes of b that start at a multiple of a power of two. b is longer by at least that power less one.
func aligned(b []byte, n, to int) []byte {
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & uintptr(to-1))
	return b[off : off+n : off+n]
}
