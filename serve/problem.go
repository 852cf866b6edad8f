package serve

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/guard"
)

// problem is an error with the status that it has in HTTP.
type problem struct {
	status  int
	message string
}

func (p *problem) Error() string { return p.message }

// bad is a problem of what the client sent.
func bad(err error) error { return &problem{http.StatusBadRequest, err.Error()} }

// problemOf gives every error its status.
func problemOf(err error) *problem {
	var p *problem
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &large):
		return &problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", large.Limit)}
	case errors.Is(err, errBusy):
		return &problem{http.StatusTooManyRequests, err.Error()}
	case errors.Is(err, errEnding), errors.Is(err, engine.ErrClosed):
		return &problem{http.StatusServiceUnavailable, err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{http.StatusGatewayTimeout, "the request took longer than this server lets one take"}
	}
	return &problem{http.StatusInternalServerError, err.Error()}
}

// kind is what the OpenAI protocol calls a status.
func (p *problem) kind() string {
	switch {
	case p.status == http.StatusUnauthorized:
		return "authentication_error"
	case p.status == http.StatusNotFound:
		return "not_found_error"
	case p.status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case p.status < 500:
		return "invalid_request_error"
	}
	return "server_error"
}

// body is the error as the protocol has it.
func (p *problem) body() any {
	type inner struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    int     `json:"code"`
	}
	return struct {
		Error inner `json:"error"`
	}{inner{p.message, p.kind(), nil, p.status}}
}

// guarded is an endpoint with a key, limits, counts and errors.
func (s *Server) guarded(name string, f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.limits.Time)
		defer cancel()
		out := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		err := guard.Call(func() error {
			if err := s.authorize(r); err != nil {
				return err
			}
			return f(out, r.WithContext(ctx))
		})
		if err != nil && !out.begun {
			p := problemOf(err)
			switch p.status {
			case http.StatusTooManyRequests, http.StatusServiceUnavailable:
				w.Header().Set("Retry-After", "1")
			case http.StatusUnauthorized:
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			// What cannot be written any more is the client's loss alone: it knows that the connection broke.
			_ = writeJSON(out, p.status, p.body())
		}
		s.counts.answered(name, out.status)
	})
}

func (s *Server) authorize(r *http.Request) error {
	if s.key == "" {
		return nil
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(s.key)) != 1 {
		return &problem{http.StatusUnauthorized, "the key of this server is missing or wrong (Authorization: Bearer ...)"}
	}
	return nil
}

// read reads a body within the limits. release gives back its share of what all bodies may have.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (f *fields, release func(), err error) {
	size := s.limits.Body
	if r.ContentLength > size {
		return nil, nil, &http.MaxBytesError{Limit: size}
	}
	if r.ContentLength >= 0 {
		size = r.ContentLength
	}
	if !s.bodies.TryAcquire(size) {
		return nil, nil, errBusy
	}
	release = func() { s.bodies.Release(size) }
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
	if err == nil {
		if f, err = readFields(body); err == nil {
			return f, release, nil
		}
		err = bad(err)
	}
	release()
	return nil, nil, err
}

// marshal is JSON with a final line feed, for programs and not for browsers: < is < in it.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
	begun  bool
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status, w.begun = status, true
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
