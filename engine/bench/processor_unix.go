//go:build unix

package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// ProcessorTime is what all threads of the process have had of the processors so far, or 0 where the system does not say.
func ProcessorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
