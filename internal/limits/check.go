//go:build linux || darwin

package limits

import "syscall"

// exitFailure is internal/exitcode's Failure, which is not imported so that nothing is initialised before this package.
const exitFailure = 2

func init() {
	if why := problem(limit(syscall.RLIMIT_NOFILE), AddressSpace()); why != "" {
		// Not os.Stderr, which may want the poller that cannot be had. There is nobody to tell of an error of this write.
		_, _ = syscall.Write(2, []byte("swallow-eval: "+why+"\n"))
		syscall.Exit(exitFailure)
	}
}

// AddressSpace is the limit of the process's address space in bytes, 0 where there is none.
func AddressSpace() uint64 { return limit(syscall.RLIMIT_AS) }

// limit is the soft limit of a resource, 0 where there is none or it cannot be told.
func limit(resource int) uint64 {
	var r syscall.Rlimit
	if syscall.Getrlimit(resource, &r) != nil || r.Cur >= 1<<62 {
		return 0
	}
	return r.Cur
}
