package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modelPlaces are the flags that name a model, each in a command line that ends where the name belongs.
func modelPlaces() map[string][]string {
	run := []string{"run", "--tasks", "xwino", "--data-dir", "smoke"}
	return map[string][]string{
		"--draft":         {"generate", "--model", "smoke", "--prompt", "x", "--draft"},
		"--against-model": {"drift", "--model", "smoke", "--against-model"},
		"--tokenizer":     append(slices.Clone(run), "--model", "openai:http://127.0.0.1:1/v1#m", "--tokenizer"),
		"--model-args":    append(slices.Clone(run), "--model", "hf", "--model-args"),
	}
}

// TestAModelsErrorNamesItsFlag gives every flag of every command that names a model one that is none, that is broken, that is a
// backend, and one of the hub that is broken or not there: the error names that flag once, and no other flag that names models.
func TestAModelsErrorNamesItsFlag(t *testing.T) {
	isolated(t)
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.Mkdir(broken, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "config.json"), []byte("{"), 0o600))
	bad := []string{"13bb", "no-such-thing-at-all", "vllm", "local-completions", "swallow-mx-8x7b-nve-v0.1", broken, "org/none", "org/broken", "org/name/x-00002-of-00003.gguf"}
	w := newWorld(t)
	w.addModel(t, "org/broken", broken)
	c := console{wire: w, manifest: w.publishAll(t)}
	places := modelPlaces()
	try := func(flag string, line []string, name string) {
		t.Helper()
		if flag == "--model-args" {
			name = "pretrained=" + name
		}
		_, _, err := inWorld(t, c, append(slices.Clone(line), name)...)
		if !assert.Error(t, err, "%q %s", line, name) {
			return
		}
		words := strings.FieldsFunc(err.Error(), func(r rune) bool { return strings.ContainsRune(" :,;\n", r) })
		for _, other := range append(modelFlagNames(places), "--model") {
			n := 0
			for _, word := range words {
				if word == other {
					n++
				}
			}
			if other == flag {
				assert.Equal(t, 1, n, "%q %s: %v", line, name, err)
			} else {
				assert.Zero(t, n, "%q %s: names %s: %v", line, name, other, err)
			}
		}
	}
	for _, name := range bad {
		for _, flag := range modelFlagNames(places) {
			try(flag, places[flag], name)
		}
		for _, line := range [][]string{
			{"tokenize"}, {"loglikelihood"}, {"generate", "--prompt", "x"}, {"bench"}, {"fetch"}, {"serve"}, {"worker", "--cluster", "nats://127.0.0.1:1"},
			{"drift", "--against", "bf16"}, {"show", "xwino", "0", "--data-dir", "smoke"}, {"prompts", "--tasks", "xwino", "--data-dir", "smoke"},
			{"run", "--tasks", "xwino", "--data-dir", "smoke"}, {"run", "--dry-run", "--tasks", "xwino", "--data-dir", "smoke"},
		} {
			if line[0] == "fetch" && name == broken {
				continue // it fetches what lies elsewhere
			}
			try("--model", append(line, "--model"), name)
		}
	}
}

// modelFlagNames are the flags of the places, in order.
func modelFlagNames(places map[string][]string) (names []string) {
	for name := range places {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
