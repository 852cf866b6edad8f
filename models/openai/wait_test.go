package openai

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestAServerDoesNotSendUsAwayForADay: what Retry-After asks for is waited, up to five minutes.
func TestAServerDoesNotSendUsAwayForADay(t *testing.T) {
	said := "60"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", said)
		w.WriteHeader(http.StatusServiceUnavailable)
		said = "86400"
	}))
	defer s.Close()
	var waits []time.Duration
	o := Options{Concurrent: 1, Attempts: 3, Timeout: time.Minute, Wire: http.DefaultTransport, sleep: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}}
	err := newServer(Address{Root: s.URL}, o).call(t.Context(), "/v1/models", nil, nil)
	assert.ErrorContains(t, err, "after 3 attempts: status 503")
	assert.Equal(t, []time.Duration{time.Minute, 5 * time.Minute}, waits)
}
