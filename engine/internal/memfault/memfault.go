// Package memfault tells accesses to memory that is not there, as behind the end of a mapped file that somebody has cut short, from other
// panics. Whoever wants them as panics calls debug.SetPanicOnFault in the goroutine that reads.
package memfault

import "runtime"

// Is tells whether what was recovered is such an access: no other panic of the runtime's has an address.
func Is(cause any) bool {
	at, ok := cause.(interface {
		runtime.Error
		Addr() uintptr
	})
	return ok && at.Addr() != 0
}
