package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestServeFromTheCommandLine: the command says where it listens, answers with its key, and ends without an error.
func TestServeFromTheCommandLine(t *testing.T) {
	address, stop := serving(t)
	for key, status := range map[string]int{"k": http.StatusOK, "x": http.StatusUnauthorized} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/completions", strings.NewReader(`{"model":"other","prompt":"a"}`))
		require.NoError(t, err)
		q.Header.Set("Authorization", "Bearer "+key)
		got, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		assert.Equal(t, status, got.StatusCode)
		assert.NoError(t, got.Body.Close())
	}
	assert.NoError(t, stop())
}

// serving starts the command serve with the key k and the model smoke under the name other. stop ends it.
func serving(t *testing.T) (address string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
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
	return address, func() error { cancel(); return <-ended }
}

// TestARunOverAServerIsTheEmbeddedRun: the samples are the same bytes, a second run asks nothing, and every number says where it
// is from.
func TestARunOverAServerIsTheEmbeddedRun(t *testing.T) {
	isolated(t)
	address, stop := serving(t)
	t.Setenv(openaiKeyEnv, "k")
	dir := t.TempDir()
	line := []string{"run", "--data-dir", "smoke", "--tasks", "jcommonsenseqa,jemhopqa,mgsm,xlsum,openbookqa,squad2", "--limit", "4", "--ja-segmenter", "mecab", "--use-cache", filepath.Join(dir, "answers")}
	_, _, err := inWorld(t, console{}, append(line, "--model", "smoke", "-o", filepath.Join(dir, "own"))...)
	require.NoError(t, err)
	over := append(line, "--model", "openai:"+address+"/v1#other", "--tokenizer", "smoke", "-o", filepath.Join(dir, "server"))
	out, said, err := inWorld(t, console{}, over...)
	require.NoError(t, err, said)
	assert.Contains(t, out, "answers of a server: weights not verified")
	// The server's own tokenizer gives the same samples, and says so of itself.
	own := append(line, "--model", "openai:"+address+"/v1#other", "-o", filepath.Join(dir, "tokens"))
	out, said, err = inWorld(t, console{}, own...)
	require.NoError(t, err, said)
	assert.Contains(t, out, "tokens of a server's own tokenizer")
	files, err := filepath.Glob(filepath.Join(dir, "own", "samples_*"))
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, f := range files {
		want, err := os.ReadFile(f)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, "server", filepath.Base(f)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
		got, err = os.ReadFile(filepath.Join(dir, "tokens", filepath.Base(f)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "with the server's tokenizer")
	}
	_, said, err = inWorld(t, console{}, over...)
	require.NoError(t, err, "the same run into the same folder")
	assert.Contains(t, said, "answers: 0 asked")
	require.NoError(t, stop())
	for _, name := range []string{"run.json"} {
		b, err := os.ReadFile(filepath.Join(dir, "server", name))
		require.NoError(t, err)
		assert.NotContains(t, string(b), `"k"`)
	}
}

// TestServersAreRefusedWhereFilesAreNeeded over all commands that take --model, and with flags that do not fit.
func TestServersAreRefusedWhereFilesAreNeeded(t *testing.T) {
	isolated(t)
	const address = "openai:http://127.0.0.1:1/v1#m"
	for _, line := range [][]string{
		{"loglikelihood"}, {"generate", "--prompt", "a"}, {"tokenize"}, {"serve"}, {"bench"}, {"show", "gsm8k", "0", "--tokens", "--data-dir", "smoke"}, {"fetch"},
		{"prompts", "--tasks", "mgsm", "--data-dir", "smoke"},
	} {
		_, _, err := inWorld(t, console{}, append(line, "--model", address)...)
		assert.ErrorContains(t, err, "is a server", "%v", line)
	}
	for flags, want := range map[string]string{
		"": "/v1/models", "--apply-chat-template": "needs --tokenizer", "--tokenizer " + address: "--tokenizer is a server", "--tokenizer nowhere": "--tokenizer nowhere",
		"--tokenizer smoke --num-concurrent 0": "--num-concurrent 0", "--tokenizer smoke --dtype bf16": "--dtype", "--tokenizer smoke --adapter .": "--adapter",
		"--tokenizer smoke --request-timeout 0s": "--request-timeout", "--tokenizer smoke --model openai:x": "is not of the form",
	} {
		_, _, err := inWorld(t, console{}, append([]string{"run", "--data-dir", "smoke", "--model", address}, strings.Fields(flags)...)...)
		assert.ErrorContains(t, err, want, flags)
	}
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
