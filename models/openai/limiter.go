package openai

import (
	"context"
	"sync"
)

// limiter is how many requests a server gets at one time: twice as many after each full round that went well, until one
// does not; then half as many, and from there one more a round (additive increase, multiplicative decrease).
type limiter struct {
	mutex   sync.Mutex
	most    int
	limit   int
	running int
	good    int  // in a row, since the limit was last changed
	slow    bool // a request has failed: the limit grows by one
	free    chan struct{}
}

// firstLimit is what a server gets before anything is known of it.
const firstLimit = 4

func newLimiter(most int) *limiter {
	return &limiter{most: most, limit: min(firstLimit, most), free: make(chan struct{})}
}

// acquire waits for a place. release gives it back and says whether the server coped.
func (l *limiter) acquire(ctx context.Context) (release func(coped bool), err error) {
	for {
		l.mutex.Lock()
		if l.running < l.limit {
			l.running++
			l.mutex.Unlock()
			return l.release, nil
		}
		free := l.free
		l.mutex.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-free:
		}
	}
}

func (l *limiter) release(coped bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.running--
	switch {
	case !coped:
		l.limit, l.good, l.slow = max(1, l.limit/2), 0, true
	case l.good+1 < l.limit:
		l.good++
	default:
		l.good = 0
		if l.slow {
			l.limit = min(l.most, l.limit+1)
		} else {
			l.limit = min(l.most, 2*l.limit)
		}
	}
	close(l.free)
	l.free = make(chan struct{})
}
