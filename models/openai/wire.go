package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	mostAnswer = 256 << 20 // bytes of one answer
	firstPause = 500 * time.Millisecond
	mostPause  = 30 * time.Second
)

// server is one server of a pool.
type server struct {
	Address
	options  Options
	client   *http.Client
	limit    *limiter
	dialect  dialect
	reported string      // what it says of itself
	pool     *fleet      // nil until it is known
	gone     atomic.Bool // it died
	silent   atomic.Bool // it did not answer in all the attempts of a request, nor since
	eos      int32
	hasEOS   bool
}

func newServer(a Address, o Options) *server {
	return &server{
		Address: a, options: o, limit: newLimiter(o.Concurrent),
		client: &http.Client{Transport: o.Wire, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the key is for this address alone
		}},
	}
}

// statusError is an answer that is not one.
type statusError struct {
	status int
	text   string
	after  time.Duration // what Retry-After says
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.text) }

// passing says whether asking again may help.
func passing(err error) bool {
	var s *statusError
	if errors.As(err, &s) {
		return s.status == http.StatusTooManyRequests || s.status == http.StatusRequestTimeout || s.status >= 500
	}
	var bad *badAnswer
	return !errors.As(err, &bad)
}

// badAnswer is an answer that is wrong in itself.
type badAnswer struct{ text string }

func (e *badAnswer) Error() string { return e.text }

func wrong(format string, args ...any) error { return &badAnswer{fmt.Sprintf(format, args...)} }

// call sends one request, body nil for GET, and reads its answer into out. It tries again what may pass, with growing pauses.
func (s *server) call(ctx context.Context, path string, body, out any) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		release, err := s.limit.acquire(ctx)
		if err != nil {
			return err
		}
		err = s.once(ctx, path, body, out)
		release(err == nil || !passing(err))
		var st *statusError
		answered := err == nil || errors.As(err, &st)
		if answered {
			s.silent.Store(false)
		}
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if !passing(err) || attempt >= s.attempts(err) {
			s.silent.Store(!answered && ctx.Err() == nil && passing(err))
			if attempt > 1 {
				err = fmt.Errorf("after %d attempts: %w", attempt, err)
			}
			return err
		}
		wait := pause/2 + rand.N(pause/2+1) // so that those who were refused together do not come back together
		if st != nil && st.after > 0 {
			wait = min(st.after, 10*mostPause)
		}
		if err := s.options.sleep(ctx, wait); err != nil {
			return err
		}
		pause = min(2*pause, mostPause)
	}
}

// attempts is how often a request is tried: less where the server does not answer at all and others can, or it did not the last
// time either (each task of a run would wait a minute for a server that died), not again where it is given up.
func (s *server) attempts(err error) int {
	var st *statusError
	switch {
	case s.gone.Load():
		return 1
	case !errors.As(err, &st) && (s.pool.spare() || s.silent.Load()):
		return min(attemptsInPool, s.options.Attempts)
	}
	return s.options.Attempts
}

func (s *server) once(ctx context.Context, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	method, content := http.MethodGet, []byte(nil)
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return wrong("request: %v", err)
		}
		method, content = http.MethodPost, b
	}
	q, err := http.NewRequestWithContext(ctx, method, s.Root+path, bytes.NewReader(content))
	if err != nil {
		return wrong("request: %v", err)
	}
	q.Header.Set("Content-Type", "application/json")
	if s.options.Key != "" {
		q.Header.Set("Authorization", "Bearer "+s.options.Key)
	}
	r, err := s.client.Do(q)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, mostAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s: the answer broke off: %w", path, err)
	case r.StatusCode != http.StatusOK:
		return &statusError{r.StatusCode, s.said(b), retryAfter(r.Header)}
	case len(b) > mostAnswer:
		return wrong("%s: the answer has more than %d bytes", path, mostAnswer)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return wrong("%s: the answer is not what is expected: %v", path, err)
	}
	return nil
}

// said is the beginning of an error's text, on one line and without the key.
func (s *server) said(b []byte) string {
	var e struct {
		Error   struct{ Message string }
		Message string
	}
	text := string(b)
	if json.Unmarshal(b, &e) == nil && e.Error.Message+e.Message != "" {
		text = e.Error.Message + e.Message
	}
	if s.options.Key != "" {
		text = strings.ReplaceAll(text, s.options.Key, "[key]")
	}
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "..."
	}
	return text
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
