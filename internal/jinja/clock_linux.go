package jinja

import (
	"runtime"
	"syscall"
	"time"
)

// timed is how much processor time a call takes: on a busy machine a call that is not to blame takes as little of that as on an idle one.
func timed(f func()) time.Duration {
	runtime.LockOSThread() // the kernel counts by thread
	defer runtime.UnlockOSThread()
	begun := threadTime()
	f()
	return threadTime() - begun
}

func threadTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &used); err != nil {
		panic("jinja: " + err.Error()) // it takes nothing that can be wrong
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
