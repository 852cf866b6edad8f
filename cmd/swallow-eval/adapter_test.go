package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/results"
)

// TestAdapterInEveryCommand: every command that computes takes --adapter, says it beside its numbers, and gives another answer
// than the base alone; run.json identifies base and adapter together.
func TestAdapterInEveryCommand(t *testing.T) {
	isolated(t)
	dir, adapter := filepath.Join(t.TempDir(), "tiny"), filepath.Join(t.TempDir(), "lora")
	makeModel(t, dir, 4096, 7)
	shape := enginetest.Tiny()
	shape.Vocab = tokenizertest.VocabSize
	require.NoError(t, enginetest.WriteAdapter(adapter, shape, enginetest.Adapter{Rank: 4, Targets: []string{"q_proj", "down_proj", "lm_head"}}, 9))
	data, requests := t.TempDir(), filepath.Join(t.TempDir(), "requests.jsonl")
	makeData(t, data)
	require.NoError(t, os.WriteFile(requests, []byte(`{"context": "a", "continuation": " b"}`+"\n"), 0o644))
	out := func(name string) string { return filepath.Join(filepath.Dir(adapter), name) }
	run := []string{"run", "--limit", "1", "--no-cache", "--data-dir", data, "--allow-unpinned-data", "--tasks", "gsm8k", "-o"}
	for _, line := range [][]string{
		append(run, out("out")),
		{"generate", "--prompt", "x", "--max-new-tokens", "8"},
		{"loglikelihood", "--input", requests},
		{"drift", "--against", "bf16"},
		{"bench"},
	} {
		line = append(line, "--model", dir)
		plain, _, err := inWorld(t, console{}, line...)
		require.NoError(t, err, "%v", line)
		if line[0] == "run" {
			line[len(run)] = out("adapted")
		}
		adapted, errs, err := inWorld(t, console{}, append(line, "--adapter", adapter)...)
		require.NoError(t, err, "%v", line)
		assert.Contains(t, errs, "LoRA adapter "+adapter+" merged into the weights: not the published model", "%v", line)
		if line[0] != "run" && line[0] != "bench" { // a made-up model answers no question either way
			assert.NotEqual(t, plain, adapted, "%v", line)
		}
	}
	var base, with results.Run
	for folder, into := range map[string]*results.Run{"out": &base, "adapted": &with} {
		content, err := os.ReadFile(filepath.Join(out(folder), "run.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(content, into))
	}
	assert.Nil(t, base.Model.Adapter)
	require.NotNil(t, with.Model.Adapter)
	assert.Equal(t, adapter, with.Model.Adapter.Name)
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", with.Model.Adapter.Digest)
	assert.Equal(t, dir+" + "+adapter, with.Model.Name)
	assert.NotEqual(t, base.Model.Digest, with.Model.Digest)
	assert.NotEqual(t, with.Model.Digest, with.Model.Adapter.Digest)

	// What the adapter costs or gains against its base.
	shown, _, err := inWorld(t, console{}, "drift", "--model", dir, "--adapter", adapter, "--against-model", dir)
	require.NoError(t, err)
	assert.NotContains(t, shown, "the same at 100.000%")
}

// TestAdapterFlag: what is wrong with the adapter is said before anything is loaded or fetched.
func TestAdapterFlag(t *testing.T) {
	isolated(t)
	dir, adapter, dora := filepath.Join(t.TempDir(), "tiny"), filepath.Join(t.TempDir(), "lora"), filepath.Join(t.TempDir(), "dora")
	makeModel(t, dir, 4096, 7)
	shape := enginetest.Tiny()
	plain := enginetest.Adapter{Rank: 4, Targets: []string{"q_proj"}}
	require.NoError(t, enginetest.WriteAdapter(adapter, shape, plain, 9))
	plain.Config = map[string]any{"use_dora": true}
	require.NoError(t, enginetest.WriteAdapter(dora, shape, plain, 9))
	beside := filepath.Join(t.TempDir(), "beside")
	require.NoError(t, os.CopyFS(beside, os.DirFS(dir)))
	require.NoError(t, os.CopyFS(beside, os.DirFS(adapter)))
	for _, c := range []struct {
		line []string
		want string
	}{
		{[]string{"--model", dir, "--adapter", "no such"}, "--adapter no such: no such folder, and no hub id"},
		{[]string{"--model", dir, "--adapter", filepath.Join(dir, "config.json")}, "not a folder"},
		{[]string{"--model", dir, "--adapter", "x.gguf"}, "adapters in GGUF files are not supported"},
		{[]string{"--model", "org/absent", "--adapter", dora}, "use_dora: \"true\": DoRA"},
		{[]string{"--adapter", adapter}, `is for the model org/base: name that with --model`},
		{[]string{"--adapter", "org/adapter"}, "--adapter is merged into a base model"},
		{[]string{"--model", adapter}, `the folder holds an adapter alone, of "org/base": name its base with --model and this folder with --adapter`},
		{[]string{"--model", beside}, "or leave them out to measure the base model; --adapter names that folder"},
		{[]string{"--model", dir, "--adapter", dir}, "adapter_config.json: no such file"},
		{[]string{"--model", dir, "--adapter", "org/adapter", "--offline"}, "--adapter org/adapter: "},
	} {
		_, _, err := inWorld(t, console{}, append([]string{"generate", "--prompt", "x"}, c.line...)...)
		require.ErrorContains(t, err, c.want, "%v", c.line)
		assert.NotContains(t, err.Error(), "\n")
	}
}
