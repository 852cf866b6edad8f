//go:build !amd64 && !arm64

package kernel

// lesser returns kernels that this machine can run but would not choose.
func lesser() []*Kernel { return nil }
