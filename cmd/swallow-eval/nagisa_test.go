package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGitBlob(t *testing.T) {
	assert.Equal(t, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", gitBlob(nil), "git's name of the empty file")
	assert.Equal(t, "ce013625030ba8dba906f756967f9e9ca394464a", gitBlob([]byte("hello\n")))
}

// TestFetchNagisaBelievesNothing: what is not the pinned file never gets its name.
func TestFetchNagisaBelievesNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"wrong bytes", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "nagisa_v001.hp: 6 bytes with git blob id"},
		{"not there", http.NotFound, "nagisa_v001.hp: 127.0.0.1:"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "519")
			_, _ = w.Write([]byte("half"))
		}, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			dir := t.TempDir()
			assert.ErrorContains(t, fetchNagisa(context.Background(), server.Client(), server.URL, dir), c.want)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, entries)
		})
	}
}
