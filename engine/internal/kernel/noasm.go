//go:build !amd64

package kernel

// native lists no kernels: this architecture has none of its own yet.
func native() []*Kernel { return nil }
