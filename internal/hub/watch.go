package hub

import (
	"context"
	"io"
	"time"
)

// watchdog ends a request to which nothing happens. There is no limit on the whole: 140 GB over a slow line are fine.
type watchdog struct {
	timer    *time.Timer
	patience time.Duration
	cancel   context.CancelCauseFunc
}

// watch derives a context that is cancelled with ErrStalled when patience passes without a sign of life.
func watch(ctx context.Context, patience time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{patience: patience, cancel: cancel}
	w.timer = time.AfterFunc(patience, func() { cancel(ErrStalled) })
	return ctx, w
}

// allow sets another patience, from now on.
func (w *watchdog) allow(patience time.Duration) {
	w.patience = patience
	w.timer.Reset(patience)
}

// alive is a sign of life.
func (w *watchdog) alive() { w.timer.Reset(w.patience) }

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// reading takes every byte read as a sign of life.
func (w *watchdog) reading(r io.Reader) io.Reader { return &watched{r, w} }

type watched struct {
	r io.Reader
	w *watchdog
}

func (r *watched) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if n > 0 {
		r.w.alive()
	}
	return n, err
}
