package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// networked are command lines of all commands that may ask the hub.
func networked(model string) [][]string {
	return [][]string{
		{"run", "--tasks", "gsm8k", "--model", model},
		{"fetch", "--tasks", "xwino", "--allow-unpinned-data"},
		{"fetch", "--model", model},
		{"generate", "--model", model, "--prompt", "x"},
		{"loglikelihood", "--model", model},
		{"tokenize", "--model", model},
		{"prompts", "--tasks", "gsm8k", "--model", model},
		{"bench", "--model", model},
		{"drift", "--model", model, "--against", "bf16"},
		{"metric", "rouge2-lm", "--model", model},
	}
}

// TestE5CommandsKeepTheTokenFromPlainText: with an http endpoint on another machine no command sends the token, or anything else,
// unless it is told to.
func TestE5CommandsKeepTheTokenFromPlainText(t *testing.T) {
	for _, line := range networked("org/name") {
		isolated(t)
		t.Setenv("HF_ENDPOINT", "http://hub.example")
		w := newWorld(t)
		c := console{wire: w, manifest: w.publishAll(t)}
		_, errs, err := inWorld(t, c, line...)
		require.ErrorContains(t, err, "--allow-insecure-token", "%v", line)
		assert.ErrorContains(t, err, "HF_ENDPOINT http://hub.example")
		assert.NotContains(t, err.Error()+errs, "hf_secret")
		assert.Empty(t, w.requests(), "%v", line)

		_, _, err = inWorld(t, c, append(line, "--allow-insecure-token")...)
		require.Error(t, err, "that world has no such hub")
		require.NotEmpty(t, w.auths, "%v", line)
		for _, address := range w.auths {
			assert.Contains(t, address, "http://hub.example/", "%v", line)
		}
	}
	// On this machine, and without a token, http is as good as anything.
	for endpoint, token := range map[string]string{"http://localhost:1": "hf_secretOfTheTest", "http://hub.example": ""} {
		isolated(t)
		t.Setenv("HF_ENDPOINT", endpoint)
		t.Setenv("HF_TOKEN", token)
		w := newWorld(t)
		w.slow = func(out http.ResponseWriter, _ string) bool { http.NotFound(out, nil); return true }
		_, _, err := inWorld(t, console{wire: w, manifest: w.publishAll(t)}, "fetch", "--model", "org/name")
		require.ErrorContains(t, err, "no such repository")
		assert.NotEmpty(t, w.requests())
	}
}
