package mapfile

import (
	"errors"
	"runtime/debug"

	"github.com/swallow-eval/swallow-eval/engine/internal/memfault"
)

// errGone is what a fault says where the state of the files says nothing.
var errGone = errors.New("content of a weight file could not be read: it was cut short, or its disk failed")

// Guarded calls read, which reads mapped files in the goroutine that calls it. A fault of memory, as behind the end of a file that
// somebody has cut short, ends read with an error instead of the program: that of verify, which looks whether the files have changed
// since they were opened, if it has one. Other panics pass.
func Guarded(verify func() error, read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if !memfault.Is(cause) {
			panic(cause)
		}
		if err = verify(); err == nil {
			err = errGone
		}
	}()
	return read()
}
