// Package guard turns panics into errors where code that must not end a run meets what runs it.
package guard

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// Error is a panic that was turned into an error: of a task, a metric or a model.
type Error struct {
	Cause any
	// Where is file and line of the panic, Stack the whole trace.
	Where string
	Stack []byte
}

// Error is one line: where it happened and why.
func (e *Error) Error() string { return fmt.Sprintf("panicked at %s: %v", e.Where, e.Cause) }

// Unwrap returns the cause where it is an error.
func (e *Error) Unwrap() error {
	err, _ := e.Cause.(error)
	return err
}

// failure is an error on its way to Call.
type failure struct{ err error }

// Fail ends what Call has called with an error, from where none can be returned: Call returns it as it is.
func Fail(err error) { panic(failure{err}) }

// Call calls f and returns its error, or an *Error where f panics in its own goroutine. It stands where code that
// must not end the run meets the loop, which then knows what document it was about.
func Call(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			if f, ok := cause.(failure); ok {
				err = f.err
				return
			}
			err = &Error{Cause: cause, Where: panicSite(), Stack: debug.Stack()}
		}
	}()
	return f()
}

// panicSite is where the panic that is being recovered happened: the first frame below the runtime's own.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		ofRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !ofRuntime {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		panicking = panicking || ofRuntime
		if !more {
			return "an unknown place"
		}
	}
}
