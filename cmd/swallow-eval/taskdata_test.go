package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/parquet/parquettest"
)

const remoteTask = `task: far
data:
  test:  {hub: org/qa, file: data/test-00000-of-00001.parquet}
  train: https://data.example/files/train.jsonl
test_split: test
fewshot_split: train
num_fewshot: 1
doc_to_text: "Q: {{question}}\nA:"
doc_to_target: "{{answers.text[0]}}"
generation_kwargs: {until: ["\n"], max_gen_toks: 4}
`

type remoteRow struct {
	Question string `parquet:"question"`
	Answers  struct {
		Text []string `parquet:"text,list"`
	} `parquet:"answers"`
}

// remoteWorld has what remoteTask reads, and the task file in a folder of its own.
func remoteWorld(t *testing.T) (w *world, path string) {
	t.Helper()
	w = newWorld(t)
	rows := []remoteRow{{Question: "one?"}, {Question: "two?"}}
	rows[0].Answers.Text, rows[1].Answers.Text = []string{"1", "I"}, []string{"2"}
	w.repos["datasets/org/qa"] = map[string][]byte{"data/test-00000-of-00001.parquet": parquettest.Write(t, rows)}
	w.files["https://data.example/files/train.jsonl"] = []byte(`{"question":"three?","answers":{"text":["3"]}}` + "\n")
	path = filepath.Join(t.TempDir(), "far.yaml")
	require.NoError(t, os.WriteFile(path, []byte(remoteTask), 0o644))
	return w, path
}

// TestTaskDataFromElsewhere: a task file names data in the hub and at an address; pinning writes what they are, a run on another
// machine fetches them, and nothing that is not pinned is read.
func TestTaskDataFromElsewhere(t *testing.T) {
	isolated(t)
	w, path := remoteWorld(t)
	c := console{wire: w}
	for _, line := range [][]string{{"run", "--tasks", path}, {"prompts", "--tasks", path}, {"task", "check", path}} {
		_, _, err := inWorld(t, c, line...)
		require.ErrorContains(t, err, path+":3: data.test: org/qa/data/test-00000-of-00001.parquet comes over the network and has not a commit as revision: swallow-eval task pin "+path+" writes it", "%v", line)
	}
	assert.Empty(t, w.requests(), "what is not pinned is not even asked for")

	_, _, err := inWorld(t, console{wire: forbidden{t}}, "task", "pin", path, "--offline")
	require.ErrorContains(t, err, path+":3: data.test: ")
	out, _, err := inWorld(t, c, "task", "pin", path)
	require.NoError(t, err)
	assert.Contains(t, out, "2 data files pinned")
	pinned, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(pinned), "revision: "+worldCommit)
	assert.Contains(t, string(pinned), sha256Of(w.files["https://data.example/files/train.jsonl"]))
	assert.Contains(t, string(pinned), sha256Of(w.repos["datasets/org/qa"]["data/test-00000-of-00001.parquet"]))
	for _, address := range w.auths {
		assert.Contains(t, address, "https://huggingface.co/", "the token is the hub's alone")
	}
	again, _, err := inWorld(t, c, "task", "pin", path)
	require.NoError(t, err)
	assert.Equal(t, out, again)
	twice, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(pinned), string(twice), "pinning what is pinned changes nothing")

	results := filepath.Join(t.TempDir(), "results")
	_, _, err = inWorld(t, c, "run", "--tasks", path, "--model", "smoke", "-o", results)
	require.NoError(t, err)
	manifest, err := os.ReadFile(filepath.Join(results, "run.json"))
	require.NoError(t, err)
	assert.Contains(t, string(manifest), `"org/qa@`+worldCommit+`/data/test-00000-of-00001.parquet"`)
	assert.Contains(t, string(manifest), `"data.example/files/train.jsonl"`)

	// What was fetched serves without a network.
	offline := console{wire: forbidden{t}}
	out, _, err = inWorld(t, offline, "prompts", "--tasks", path, "--offline")
	require.NoError(t, err)
	assert.Contains(t, out, `Q: three?\nA: 3\n\nQ: one?\nA:`)
	out, _, err = inWorld(t, offline, "verify", "data", "--tasks", path)
	require.NoError(t, err, out)
	_, _, err = inWorld(t, offline, "task", "check", path, "--offline")
	require.NoError(t, err)
}

// TestTaskDataOnAnotherMachine: nothing is there, or what is there is not what was pinned.
func TestTaskDataOnAnotherMachine(t *testing.T) {
	isolated(t)
	w, path := remoteWorld(t)
	c := console{wire: w}
	_, _, err := inWorld(t, c, "task", "pin", path)
	require.NoError(t, err)

	isolated(t)
	_, _, err = inWorld(t, console{wire: forbidden{t}}, "prompts", "--tasks", path, "--offline")
	require.ErrorContains(t, err, path+":3: data.test: ")
	assert.NotContains(t, err.Error(), "\n")
	_, _, err = inWorld(t, c, "prompts", "--tasks", path)
	require.NoError(t, err)

	isolated(t)
	w.files["https://data.example/files/train.jsonl"] = []byte(`{"question":"three?","answers":{"text":["4"]}}` + "\n")
	_, _, err = inWorld(t, c, "prompts", "--tasks", path)
	require.ErrorContains(t, err, path+":9: data.train: ")
	assert.NotContains(t, err.Error(), "\n")

	delete(w.files, "https://data.example/files/train.jsonl")
	_, _, err = inWorld(t, c, "prompts", "--tasks", path)
	require.ErrorContains(t, err, "data.train: https://data.example/files/train.jsonl")
	delete(w.repos["datasets/org/qa"], "data/test-00000-of-00001.parquet")
	isolated(t)
	_, _, err = inWorld(t, c, "prompts", "--tasks", path)
	require.ErrorContains(t, err, path+":3: data.test: hub: datasets/org/qa@"+worldCommit+": data/test-00000-of-00001.parquet: no such file in this commit")
}

// TestPinnedDataStayPinned: that one file has no pin leaves the pins of the others what they are.
func TestPinnedDataStayPinned(t *testing.T) {
	isolated(t)
	dir := t.TempDir()
	write(t, dir, "test.jsonl", `{"q":"x","a":"1"}`+"\n")
	write(t, dir, "train.jsonl", `{"q":"y","a":"2"}`+"\n")
	task := func(pin string) string {
		write(t, dir, "t.yaml", "task: t\ndata:\n  test: {file: test.jsonl, sha256: "+pin+"}\n  train: train.jsonl\ntest_split: test\nfewshot_split: train\nnum_fewshot: 1\ndoc_to_text: q\ndoc_to_target: a\n")
		return filepath.Join(dir, "t.yaml")
	}
	c := console{wire: forbidden{t}}
	_, _, err := inWorld(t, c, "prompts", "--tasks", task(sha256Of([]byte(`{"q":"x","a":"1"}`+"\n"))))
	require.NoError(t, err)
	_, _, err = inWorld(t, c, "prompts", "--tasks", task(sha256Of([]byte("other"))))
	require.ErrorContains(t, err, "test.jsonl: not the pinned data")
	_, _, err = inWorld(t, c, "prompts", "--tasks", task(sha256Of([]byte("other"))), "--allow-unpinned-data")
	require.NoError(t, err)
}
