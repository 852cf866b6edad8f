package openai

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestRedirectsAreNotFollowed: whoever answers at the address may not send the key and the prompts on to another one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	o := Options{Concurrent: 1, Attempts: 1, Timeout: time.Minute, Wire: http.DefaultTransport, Key: "k"}
	err := newServer(Address{Root: s.URL}, o).call(t.Context(), "/v1/completions", map[string]any{"prompt": "a"}, nil)
	assert.ErrorContains(t, err, "status 307")
	assert.False(t, asked)
}
