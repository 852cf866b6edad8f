package bulk

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// pause is how long an input may give nothing before what it gave is answered: longer than whoever copies a file into a pipe
// takes between two lines, so that pieces stay large, and shorter than a person notices.
const pause = 100 * time.Millisecond

// arrival is a line of the input.
type arrival struct {
	line   []byte
	number int
	err    error // errLong is this line's alone; any other ends the input
}

// arrivals reads lines as they are taken, at most one ahead, until the input or ctx ends. A Read that never returns is left
// behind: nothing can end it.
func arrivals(ctx context.Context, lines *lineReader) <-chan arrival {
	to := make(chan arrival)
	go func() {
		for {
			line, err := lines.next()
			select {
			case to <- arrival{bytes.Clone(line), lines.number, err}:
			case <-ctx.Done():
				return
			}
			if err != nil && !errors.Is(err, errLong) {
				return
			}
		}
	}()
	return to
}
