//go:build !linux

package engine

// forget would tell the system that a part of a mapped file is not needed for now.
func forget([]byte) error { return nil }
