//go:build !linux && !darwin

package limits

// AddressSpace is 0: this system's shells set no such limit.
func AddressSpace() uint64 { return 0 }
