//go:build !unix

package bench

import "time"

// ProcessorTime is what all threads of the process have had of the processors so far, or 0 where the system does not say.
func ProcessorTime() time.Duration { return 0 }
