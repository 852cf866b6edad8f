package fetch

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/hub"
)

// TestFetchNagisaBelievesNothing: what is not the pinned file never gets its name.
func TestFetchNagisaBelievesNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"wrong bytes", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "it is an HTML page"},
		{"not there", http.NotFound, "nagisa_v001.hp: no such file"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "519")
			_, _ = w.Write([]byte("half"))
		}, "body ended early after 4 of 519 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			dir := t.TempDir()
			client, err := hub.New(hub.Options{CacheDir: t.TempDir(), Retries: -1})
			require.NoError(t, err)
			assert.ErrorContains(t, Nagisa(t.Context(), client, server.URL, dir), c.want)
			assert.NoFileExists(t, filepath.Join(dir, "nagisa_v001.hp"))
		})
	}
}
