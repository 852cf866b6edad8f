package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
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

// TestCheapBeforeDear is issued over all commands that may fetch a model: whatever can be found wrong with the command line, the
// model's name, its configuration or its tokenizer is found before any weights, and for run and fetch before any data, are
// asked for.
func TestCheapBeforeDear(t *testing.T) {
	const id = "org/tiny"
	lines := func(model string, more ...string) [][]string {
		all := [][]string{
			{"run", "--tasks", "gsm8k", "--model", model},
			{"loglikelihood", "--model", model},
			{"generate", "--model", model, "--prompt", "x"},
			{"drift", "--model", model, "--against", "bf16"},
			{"drift", "--model", model, "--save", filepath.Join(t.TempDir(), "logits")},
			{"bench", "--model", model},
			{"tokenize", "--model", model},
			{"prompts", "--tasks", "gsm8k", "--model", model},
			{"fetch", "--model", model},
			{"fetch", "--model", model, "--tasks", "gsm8k"},
		}
		for i := range all {
			all[i] = append(all[i], more...)
		}
		return all
	}
	computing := func(line []string) bool {
		return slices.Contains([]string{"run", "loglikelihood", "generate", "drift", "bench"}, line[0])
	}
	dir := filepath.Join(t.TempDir(), "tiny")
	makeModel(t, dir, 4096, 7)
	try := func(t *testing.T, change func(files map[string][]byte), line []string) (asked []string, err error) {
		isolated(t)
		w := newWorld(t)
		w.addModel(t, id, dir)
		if change != nil {
			change(w.repos["models/"+id])
		}
		_, _, err = inWorld(t, console{wire: w, manifest: w.publishAll(t)}, line...)
		return w.requests(), err
	}

	// Flags and names ask nobody.
	for _, bad := range []struct{ flags, want []string }{
		{[]string{"--dtype", "fp16"}, []string{"dtype", "fp16"}},
		{[]string{"--threads", "-3"}, []string{"--threads -3"}},
		{[]string{"--batch-size", "0"}, []string{"--batch-size"}},
	} {
		for _, line := range lines(id, bad.flags...) {
			if !computing(line) {
				continue // the command has no such flag
			}
			asked, err := try(t, nil, line)
			for _, want := range bad.want {
				require.ErrorContains(t, err, want, "%v", line)
			}
			assert.Empty(t, asked, "%v", line)
		}
	}
	asked, err := try(t, nil, []string{"drift", "--model", id, "--against", "fp16"})
	require.ErrorContains(t, err, "fp16")
	assert.Empty(t, asked)
	asked, err = try(t, nil, []string{"drift", "--model", id, "--against-model", "13bb"})
	require.ErrorContains(t, err, "13bb")
	assert.Empty(t, asked)
	for _, line := range lines("13bb") {
		asked, err := try(t, nil, line)
		require.ErrorContains(t, err, "--model 13bb", "%v", line)
		assert.Empty(t, asked, "%v", line)
	}

	// The configuration, then the tokenizer, and only then what is large.
	fetched := func(asked []string) (names []string) {
		for _, address := range asked {
			if _, name, ok := strings.Cut(address, id+"/resolve/"+worldCommit+"/"); ok {
				names = append(names, name)
			} else if !strings.Contains(address, "/api/models/"+id+"/") {
				names = append(names, address) // data
			}
		}
		slices.Sort(names)
		return names
	}
	for _, bad := range []struct {
		name, want string
		change     func(files map[string][]byte)
		allowed    []string
	}{
		{"architecture", "MambaForCausalLM", func(files map[string][]byte) {
			files["config.json"] = bytes.Replace(files["config.json"], []byte("LlamaForCausalLM"), []byte("MambaForCausalLM"), 1)
		}, []string{"config.json", "generation_config.json"}},
		{"tokenizer", "tokenizer", func(files map[string][]byte) {
			for name := range files {
				if strings.HasPrefix(name, "tokenizer.") {
					files[name] = []byte("damaged")
				}
			}
		}, []string{"config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json"}},
	} {
		for _, line := range lines(id) {
			if bad.name == "architecture" && line[0] == "tokenize" || bad.name == "tokenizer" && line[0] == "bench" {
				continue // which do not need it
			}
			asked, err := try(t, bad.change, line)
			require.ErrorContains(t, err, bad.want, "%s %v", bad.name, line)
			names := fetched(asked)
			assert.Contains(t, names, "config.json", "%v", line)
			if line[0] == "tokenize" { // which takes the small files at once
				assert.NotContains(t, names, "model.safetensors", "%v", line)
				continue
			}
			assert.Subset(t, bad.allowed, names, "%s %v: nothing else is asked for", bad.name, line)
		}
	}
	// What the names of the files say is said before any is asked for, in the words of a folder on this machine.
	for _, bad := range []struct {
		name, want string
		change     func(files map[string][]byte)
	}{
		{"adapter beside the weights", "adapter_config.json: a LoRA adapter lies beside the weights", func(files map[string][]byte) {
			files["adapter_config.json"], files["adapter_model.safetensors"] = []byte("{}"), []byte("x")
		}},
		{"its weights without its file", "adapter_model.bin: a LoRA adapter lies beside the weights", func(files map[string][]byte) {
			files["adapter_model.bin"] = []byte("x")
		}},
		{"adapter alone", "adapter_config.json: the folder holds an adapter alone: name its base", func(files map[string][]byte) {
			clear(files)
			files["adapter_config.json"], files["adapter_model.safetensors"] = []byte("{}"), []byte("x")
		}},
		{"Meta's layout", "the layout of Meta's releases (consolidated.*.pth): convert it", func(files map[string][]byte) {
			clear(files)
			files["params.json"], files["consolidated.00.pth"], files["tokenizer.model"] = []byte("{}"), []byte("x"), []byte("x")
		}},
	} {
		here := filepath.Join(t.TempDir(), "folder")
		files := map[string][]byte{}
		for _, name := range []string{"config.json", "generation_config.json", "model.safetensors"} {
			files[name] = nil
		}
		bad.change(files)
		for name, content := range files {
			write(t, here, name, string(content))
		}
		_, _, err := inWorld(t, console{wire: forbidden{t}}, "bench", "--model", here)
		require.ErrorContains(t, err, bad.want, bad.name)
		_, words, _ := strings.Cut(err.Error(), bad.want)
		for _, line := range [][]string{{"tokenize", "--model", here}, {"metric", "rouge2-lm", "--model", here}} { // for which a tokenizer is enough
			_, _, err := inWorld(t, console{wire: forbidden{t}}, line...)
			require.ErrorContains(t, err, bad.want+words, "%s %v", bad.name, line)
		}
		for _, line := range lines(id) {
			asked, err := try(t, bad.change, line)
			require.ErrorContains(t, err, bad.want+words, "%s %v", bad.name, line)
			assert.Empty(t, fetched(asked), "%s %v", bad.name, line)
		}
	}
	// A good one is fetched whole.
	asked, err = try(t, nil, []string{"fetch", "--model", id})
	require.NoError(t, err)
	assert.Contains(t, fetched(asked), "model.safetensors")
}
