package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestServeFromTheCommandLine: the command says where it listens, answers with its key, and ends without an error.
func TestServeFromTheCommandLine(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	t.Setenv(serveKeyEnv, "k")
	r, w := io.Pipe()
	root := newRoot(console{in: strings.NewReader(""), out: io.Discard, err: w})
	root.SetArgs([]string{"serve", "--model", "smoke", "--listen", "127.0.0.1:0", "--served-model-name", "other", "--threads", "1"})
	ended := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		ended <- err
		_ = w.CloseWithError(err)
	}()
	scan := bufio.NewScanner(r)
	require.True(t, scan.Scan(), "%v", scan.Err())
	_, address, ok := strings.Cut(scan.Text(), "serving other at ")
	require.True(t, ok, scan.Text())
	go func() { _, _ = io.Copy(io.Discard, r) }()
	for key, status := range map[string]int{"k": http.StatusOK, "x": http.StatusUnauthorized} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/completions", strings.NewReader(`{"model":"other","prompt":"a"}`))
		require.NoError(t, err)
		q.Header.Set("Authorization", "Bearer "+key)
		got, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		assert.Equal(t, status, got.StatusCode)
		assert.NoError(t, got.Body.Close())
	}
	cancel()
	assert.NoError(t, <-ended)
}

func TestServeFlags(t *testing.T) {
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, "can be reached from other machines"},
		{[]string{"--listen", ":8080"}, "can be reached from other machines"},
		{[]string{"--listen", "nowhere"}, "--listen"},
		{[]string{"--max-queue", "0"}, "--max-queue 0"},
		{[]string{"--max-body-mib", "0"}, "--max-body-mib 0"},
		{[]string{"--timeout", "0s"}, "--timeout and --grace"},
		{[]string{"--dtype", "f8"}, `dtype "f8"`},
	} {
		root := newRoot(console{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
		root.SetArgs(append([]string{"serve", "--model", "smoke"}, c.flags...))
		assert.ErrorContains(t, root.ExecuteContext(t.Context()), c.want)
	}
}
