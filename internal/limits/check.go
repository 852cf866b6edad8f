//go:build linux || darwin

package limits

import "syscall"

// exitFailure is internal/exitcode's Failure, which is not imported so that nothing is initialised before this package.
const exitFailure = 2

func init() {
	for i := range rows {
		r := &rows[i]
		limit, ok := soft(int(r.resource))
		if !ok || !r.applies(limit, syscall.Getuid() == 0) {
			continue
		}
		// Not os.Stderr, which may want the poller that cannot be had. There is nobody to tell of an error of this write.
		_, _ = syscall.Write(2, []byte(r.line(limit)))
		syscall.Exit(exitFailure)
	}
}

// AddressSpace is the limit of the process's address space in bytes, 0 where there is none.
func AddressSpace() uint64 {
	limit, ok := soft(syscall.RLIMIT_AS)
	if !ok || limit >= 1<<62 {
		return 0
	}
	return limit
}

// soft is the soft limit of a resource, false where it cannot be told. No limit is a number larger than any.
func soft(resource int) (uint64, bool) {
	var r syscall.Rlimit
	if syscall.Getrlimit(resource, &r) != nil {
		return 0, false
	}
	return r.Cur, true
}
