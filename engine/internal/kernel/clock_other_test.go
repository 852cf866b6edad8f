//go:build !linux

package kernel

import "time"

var start = time.Now()

// busy is real time where the system has no clock for a thread.
func busy() time.Duration { return time.Since(start) }
