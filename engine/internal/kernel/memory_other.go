//go:build !linux

package kernel

func allocate(n int) (*Memory, error) {
	return &Memory{bytes: aligned(make([]byte, n+line-1), n, line)}, nil
}

// unmap has nothing to do: the collector takes the memory back when nothing refers to it.
func unmap([]byte) error { return nil }
