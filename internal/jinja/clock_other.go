//go:build !linux

package jinja

import "time"

// timed is how long a call takes.
func timed(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun)
}
