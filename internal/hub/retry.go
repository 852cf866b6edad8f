package hub

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstWait = 500 * time.Millisecond
	longest   = 30 * time.Second // cap of the waits that grow by themselves
	headway   = 1 << 20          // bytes after which a download counts as going on, and earlier failures as forgotten
)

// persist repeats op until it succeeds, fails for good, or has failed Retries times in a row without making headway.
// The wait doubles from firstWait to longest, or is what the server asked for, and has jitter so that many clients do
// not return together. moved is the number of bytes that op got.
func (c *Client) persist(ctx context.Context, waiting func(error, time.Duration), op func() (moved int64, err error)) error {
	var moved int64
	for failures := 0; ; {
		got, err := op()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var r *retryable
		if !errors.As(err, &r) {
			return err
		}
		if moved += max(got, 0); moved >= headway {
			failures, moved = 0, 0
		}
		if failures++; failures > c.o.Retries {
			if failures > 1 {
				err = fmt.Errorf("%w (%d attempts)", err, failures)
			}
			return err
		}
		if r.after > c.o.MaxWait {
			return fmt.Errorf("%w: the hub asks to wait %s; try again then", err, r.after.Round(time.Second))
		}
		wait := c.backoff(failures, r.after)
		waiting(err, wait)
		if err := c.o.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// backoff is the wait after that many failures: between half and the whole of a doubling time, or a little more than
// the server asked for.
func (c *Client) backoff(failures int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked + time.Duration(c.o.Random()*float64(time.Second))
	}
	wait := longest
	if failures < 7 {
		wait = min(longest, firstWait<<(failures-1))
	}
	return wait/2 + time.Duration(c.o.Random()*float64(wait/2))
}

// askedWait is how long the server wants to be left alone: Retry-After in seconds or as a date, else the time to the
// next window in the RateLimit header of the hub, "api";r=0;t=55. Without either it is 0.
func askedWait(h http.Header, now time.Time) time.Duration {
	if text := strings.TrimSpace(h.Get("Retry-After")); text != "" {
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return asDuration(n)
		}
		if when, err := http.ParseTime(text); err == nil {
			return max(0, when.Sub(now))
		}
	}
	var wait time.Duration
	for limit := range strings.SplitSeq(h.Get("RateLimit"), ",") {
		left, reset := math.NaN(), math.NaN()
		for parameter := range strings.SplitSeq(limit, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if n, err := strconv.ParseFloat(value, 64); err == nil {
				switch name {
				case "r":
					left = n
				case "t":
					reset = n
				}
			}
		}
		if left == 0 {
			wait = max(wait, asDuration(reset))
		}
	}
	return wait
}

func asDuration(seconds float64) time.Duration {
	if math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	return time.Duration(math.Min(seconds, 1e6) * float64(time.Second))
}

// worthRetrying reports whether a status says "later" rather than "no".
func worthRetrying(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}
