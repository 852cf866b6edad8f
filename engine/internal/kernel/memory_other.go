//go:build !linux

package kernel

import "fmt"

func allocate(n int) (*Memory, error) {
	return &Memory{bytes: aligned(make([]byte, n+line-1), n, line)}, nil
}

// unmap has nothing to do: the collector takes the memory back when nothing refers to it.
func unmap([]byte) error { return nil }

// AllocateFile is for systems whose files need no name.
func AllocateFile(dir string, n int) (*Memory, error) {
	return nil, fmt.Errorf("temporary file of %d bytes in %s: not on this system", n, dir)
}

// DiskRoom is 0: AllocateFile has nothing to give.
func DiskRoom(string) int64 { return 0 }
