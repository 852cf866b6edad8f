package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// isolated keeps a test's caches and tokens to itself.
func isolated(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, value := range map[string]string{
		"HF_HOME": filepath.Join(folder, "hf"), "HF_HUB_CACHE": "", "HUGGINGFACE_HUB_CACHE": "", "HF_ENDPOINT": "", "HF_TOKEN": "hf_secretOfTheTest",
		"HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "", "HF_DATASETS_OFFLINE": "", "HF_DATASETS_CACHE": "", "HF_HUB_DISABLE_PROGRESS_BARS": "",
		folders.DataEnv: filepath.Join(folder, "data"), folders.NagisaEnv: filepath.Join(folder, "nagisa"), folders.DigestsEnv: filepath.Join(folder, "digests"), folders.RowsEnv: filepath.Join(folder, "rows"),
		"SWALLOW_EVAL_ANSWERS": filepath.Join(folder, "answers"),
	} {
		t.Setenv(name, value)
	}
	return folder
}

// inWorld runs one command line in a world.
func inWorld(t *testing.T, c console, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	c.in, c.out, c.err = strings.NewReader(""), &out, &errs
	root := newRoot(c)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err = root.ExecuteContext(context.Background())
	return out.String(), errs.String(), err
}

// TestRunFetchesEverything is the promise of the README: one command line with a hub id brings model and data, verified, and
// evaluates all tasks; the second time, and offline, nothing is asked of anybody.
func TestRunFetchesEverything(t *testing.T) {
	folder := isolated(t)
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "tiny")
	makeModel(t, dir, 4096, 7)
	w.addModel(t, "org/tiny", dir)
	c := console{wire: w, manifest: w.publishAll(t)}
	var data []string
	for _, s := range c.manifest {
		data = append(data, s.Dataset)
	}
	chosen := "all"
	if !strings.Contains(strings.Join(data, " "), "jsquad") {
		chosen = "jcommonsenseqa,jemhopqa,niilc,xlsum,mgsm,wmt20-en-ja,wmt20-ja-en,en-all" // its examples are part of the reference material
	}
	args := []string{"run", "--tasks", chosen, "--model", "org/tiny", "--limit", "2", "--num-fewshot", "1", "--ja-segmenter", "char", "--format", "json", "--threads", "2"}

	// Without permission for files that nothing vouches for, their tasks are holes and the others are evaluated.
	out, errs, err := inWorld(t, c, args...)
	require.ErrorContains(t, err, "xlsum_ja/test.csv: not found")
	var run results.Run
	require.NoError(t, json.Unmarshal([]byte(out), &run))
	holes := map[string]string{}
	for _, s := range run.Scores {
		if s.Hole != "" {
			holes[s.Task] = s.Hole
		}
	}
	assert.Len(t, holes, 2)
	assert.Contains(t, holes["xlsum"], "xlsum_ja/test.csv: not found in "+filepath.Join(folder, "data"))
	assert.Contains(t, holes["xwino"], "xwinograd/en.jsonl: not found")
	assert.Contains(t, errs, "openbookqa: licence unknown (Hugging Face card)")
	assert.Equal(t, 1, strings.Count(errs, "openbookqa: licence"), "shown once")
	assert.NotContains(t, errs, "hf_secret")

	out, errs, err = inWorld(t, c, append(args, "--allow-unpinned-data", "-o", filepath.Join(folder, "out"))...)
	require.NoError(t, err, errs)
	run = results.Run{}
	require.NoError(t, json.Unmarshal([]byte(out), &run))
	assert.Equal(t, "org/tiny@"+worldCommit, run.Model.Name)
	states := map[string]string{}
	for _, s := range run.Scores {
		assert.Empty(t, s.Hole, s.Task)
		assert.NotEmpty(t, s.Data, s.Task)
		for _, f := range s.Data {
			states[f.Path] = f.State
		}
	}
	assert.Equal(t, "unpinned", states["xlsum_ja/test.csv"])
	assert.Equal(t, "unpinned", states["xwinograd/en.jsonl"])
	for _, path := range []string{"openbookqa/OpenBookQA-V1-Sep2018.zip", "wmt20/test.tgz", "trivia_qa/triviaqa-rc.tar.gz", "mgsm/exemplars.py", "squad_v2/train-v2.0.json"} {
		assert.Equal(t, "official", states[path], path)
	}
	assert.Contains(t, errs, "xwinograd/en.jsonl: its original's digest is not known (--allow-unpinned-data); from Muennighoff/xwinograd@"+worldCommit)
	said := strings.Join(notes.Of(run), "\n")
	assert.Contains(t, said, "data file xwinograd/en.jsonl is not the pinned original")
	for _, address := range w.auths {
		assert.True(t, strings.HasPrefix(address, "https://huggingface.co/"), "%s saw the token", address)
	}
	assert.NotEmpty(t, w.auths)
	saved, err := os.ReadFile(filepath.Join(folder, "out", "run.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(saved), "hf_secret")
	// The Python client's layout, for models and data sets.
	assert.FileExists(t, filepath.Join(folder, "hf/hub/models--org--tiny/snapshots", worldCommit, "model.safetensors"))
	assert.FileExists(t, filepath.Join(folder, "hf/hub/datasets--Muennighoff--xwinograd/snapshots", worldCommit, "test/en.jsonl"))

	// Offline, from what is there, without a socket (E9).
	offline := console{wire: forbidden{t}, manifest: c.manifest}
	out, errs, err = inWorld(t, offline, "fetch", "--tasks", "gsm8k,triviaqa,xlsum", "--offline")
	require.NoError(t, err, errs)
	assert.Equal(t, "data are in "+filepath.Join(folder, "data")+"\n", out)
	out, _, err = inWorld(t, offline, "fetch", "--tasks", "wmt20-en-ja", "--offline")
	require.ErrorContains(t, err, "data files are not there and cannot be fetched")
	var coded *codedError
	require.ErrorAs(t, err, &coded)
	assert.Equal(t, exitIncomplete, coded.code)
	assert.Contains(t, out, nagisa.Files()[0].Name+": not there\n")
	again, errs, err := inWorld(t, offline, append(args, "--allow-unpinned-data", "--offline")...)
	require.NoError(t, err, errs)
	var second results.Run
	require.NoError(t, json.Unmarshal([]byte(again), &second))
	require.Len(t, second.Scores, len(run.Scores))
	for i := range run.Scores {
		assert.Equal(t, run.Scores[i].SamplesDigest, second.Scores[i].SamplesDigest, run.Scores[i].Task)
	}
}

// TestE9OfflineCommandsOpenNoSocket: of run, fetch, verify, list and the commands that read a model, none opens a connection
// with --offline or HF_HUB_OFFLINE, whatever is missing.
func TestE9OfflineCommandsOpenNoSocket(t *testing.T) {
	for _, by := range []string{"flag", "environment"} {
		t.Run(by, func(t *testing.T) {
			folder := isolated(t)
			require.NoError(t, os.MkdirAll(filepath.Join(folder, "data"), 0o755))
			offline := []string{"--offline"}
			if by == "environment" {
				t.Setenv("HF_HUB_OFFLINE", "1")
				offline = nil
			}
			c := console{wire: forbidden{t}}
			for _, line := range [][]string{
				{"run", "--tasks", "all", "--model", "7b"},
				{"run", "--tasks", "gsm8k", "--model", "org/name/x.gguf"},
				{"fetch", "--tasks", "all"},
				{"fetch", "--tasks", "all", "--allow-unpinned-data"},
				{"fetch", "--model", "13b"},
				{"fetch", "--tasks", "wmt20-en-ja", "--model", "13b"},
				{"verify"},
				{"verify", "data"},
				{"list", "datasets"},
				{"list", "models"},
				{"generate", "--model", "7b", "--prompt", "x"},
				{"tokenize", "--model", "7b"},
				{"loglikelihood", "--model", "7b"},
				{"bench", "--model", "7b"},
			} {
				_, errs, err := inWorld(t, c, append(line, offline...)...)
				if line[0] == "list" {
					require.NoError(t, err)
					continue
				}
				require.Error(t, err, "%v", line)
				assert.NotContains(t, err.Error()+errs, "no network here", "%v", line)
			}
		})
	}
}

// TestFetch: what fetch brings, says and leaves.
func TestFetch(t *testing.T) {
	folder := isolated(t)
	w := newWorld(t)
	c := console{wire: w, manifest: w.publishAll(t)}
	dir := filepath.Join(folder, "there")

	out, errs, err := inWorld(t, c, "fetch", "--tasks", "gsm8k,xwino,openbookqa", "--data-dir", dir)
	var coded *codedError
	require.ErrorAs(t, err, &coded)
	assert.Equal(t, exitIncomplete, coded.code)
	assert.Contains(t, out, "xwinograd/en.jsonl: not fetched, its original's digest is not known: --allow-unpinned-data fetches it from https://huggingface.co/datasets/Muennighoff/xwinograd/resolve/main/test/en.jsonl\n")
	assert.Contains(t, out, "data are in "+dir)
	assert.Contains(t, errs, "gsm8k: licence MIT\n")
	assert.FileExists(t, filepath.Join(dir, "openbookqa/OpenBookQA-V1-Sep2018.zip"))
	n := len(w.requests())
	_, errs, err = inWorld(t, c, "fetch", "--tasks", "gsm8k,openbookqa", "--data-dir", dir)
	require.NoError(t, err)
	assert.Len(t, w.requests(), n, "what is there is not asked for again")
	assert.NotContains(t, errs, "licence")

	// list and verify look at what is there.
	out, _, err = inWorld(t, c, "list", "datasets", "--data-dir", dir)
	require.NoError(t, err)
	assert.Regexp(t, `gsm8k/test.jsonl +│ 3 +│ official +│ 0.0 MiB`, out)
	out, _, err = inWorld(t, c, "verify", "data", "--tasks", "gsm8k,openbookqa", "--data-dir", dir)
	require.NoError(t, err)
	assert.Regexp(t, `openbookqa train +│ official +│ file: openbookqa/OpenBookQA-V1-Sep2018.zip, 12 records, \d+ bytes, sha256 [0-9a-f]{16}…`, out)

	// One place that fails does not keep the others from being fetched.
	broken := ""
	for address := range w.files {
		if strings.Contains(address, "hellaswag_val") {
			broken = address
			w.files[address] = append([]byte(nil), bytes.Replace(w.files[address], []byte("Ann"), []byte("Eve"), 1)...)
		}
	}
	require.NotEmpty(t, broken)
	_, _, err = inWorld(t, c, "fetch", "--tasks", "hellaswag,triviaqa,wmt20-ja-en", "--data-dir", dir)
	require.ErrorContains(t, err, "hellaswag/validation.jsonl: "+broken)
	assert.NoFileExists(t, filepath.Join(dir, "hellaswag/validation.jsonl"))
	for _, path := range []string{"hellaswag/train.jsonl", "trivia_qa/triviaqa-rc.tar.gz", "wmt20/test.tgz"} {
		assert.FileExists(t, filepath.Join(dir, path))
	}

	// HF_DATASETS_CACHE moves the folder that fetch fills.
	t.Setenv(folders.DataEnv, "")
	t.Setenv("HF_DATASETS_CACHE", filepath.Join(folder, "hfdata"))
	out, _, err = inWorld(t, c, "fetch", "--tasks", "gsm8k")
	require.NoError(t, err)
	assert.Contains(t, out, "data are in "+filepath.Join(folder, "hfdata", "swallow-eval"))
}

// TestE10InterruptedFetchContinues: Ctrl-C in the middle of a download leaves what came, and the same command goes on from there.
func TestE10InterruptedFetchContinues(t *testing.T) {
	folder := isolated(t)
	w := newWorld(t)
	c := console{wire: w, manifest: w.publishAll(t)}
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	slow := "http://nlp.cs.washington.edu/triviaqa/data/triviaqa-rc.tar.gz"
	whole := w.files[slow]
	require.NotEmpty(t, whole)
	half := len(whole) / 2
	w.slow = func(out http.ResponseWriter, address string) bool {
		if address != slow {
			return false
		}
		out.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		_, _ = out.Write(whole[:half]) // the client is about to go away
		out.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond) // until the bytes are on the other side
		interrupt(&signalError{syscall.SIGINT})
		<-ctx.Done()
		return true
	}
	var out, errs bytes.Buffer
	interrupted := c
	interrupted.in, interrupted.out, interrupted.err = strings.NewReader(""), &out, &errs
	root := newRoot(interrupted)
	root.SetArgs([]string{"fetch", "--tasks", "triviaqa"})
	err := root.ExecuteContext(ctx)
	require.Error(t, err)
	assert.Equal(t, 130, exitCode(ctx, err, &errs))
	assert.NoFileExists(t, filepath.Join(folder, "data/trivia_qa/triviaqa-rc.tar.gz"))

	w.slow = nil
	_, _, err = inWorld(t, c, "fetch", "--tasks", "triviaqa")
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(folder, "data/trivia_qa/triviaqa-rc.tar.gz"))
	require.NoError(t, err)
	assert.Equal(t, whole, got)
	assert.Equal(t, fmt.Sprintf("bytes=%d-", half), w.spans[len(w.spans)-1])
	left, err := os.ReadDir(filepath.Join(folder, "data/trivia_qa"))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

// TestModelsOfTheHub: aliases are said before work begins, and what is no model is refused with the reason.
func TestModelsOfTheHub(t *testing.T) {
	isolated(t)
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "tiny")
	makeModel(t, dir, 4096, 7)
	w.addModel(t, "tokyotech-llm/Swallow-7b-hf", dir)
	w.repos["models/org/pickle"] = map[string][]byte{"config.json": []byte("{}"), "pytorch_model.bin": []byte("PK")}
	gguf := filepath.Join(t.TempDir(), "g")
	makeGGUF(t, dir, gguf)
	w.addModel(t, "org/files", gguf)
	c := console{wire: w}

	_, errs, err := inWorld(t, c, "generate", "--model", "7b", "--prompt", "the", "--max-new-tokens", "3")
	require.NoError(t, err)
	first, _, _ := strings.Cut(errs, "\n")
	assert.Equal(t, "model 7b is tokyotech-llm/Swallow-7b-hf", first)
	_, _, err = inWorld(t, c, "generate", "--model", "org/pickle", "--prompt", "the")
	assert.ErrorContains(t, err, "pytorch_model.bin")
	assert.ErrorContains(t, err, "running code")
	_, _, err = inWorld(t, c, "generate", "--model", "org/none", "--prompt", "the")
	assert.ErrorContains(t, err, "no such repository")
	_, _, err = inWorld(t, c, "generate", "--model", "org/files", "--prompt", "the")
	assert.ErrorContains(t, err, "it holds 2 GGUF files: name one of them behind the repository")
	want, _, err := inWorld(t, c, "generate", "--model", filepath.Join(gguf, "q8_0.gguf"), "--prompt", "the", "--max-new-tokens", "3")
	require.NoError(t, err)
	got, _, err := inWorld(t, c, "generate", "--model", "org/files/q8_0.gguf", "--prompt", "the", "--max-new-tokens", "3")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, _, err = inWorld(t, c, "tokenize", "--model", "org/files/q8_0.gguf@main")
	require.NoError(t, err)
	_, _, err = inWorld(t, c, "tokenize", "--model", "org/files/q4.gguf")
	assert.ErrorContains(t, err, "no such file")
}

// TestPartsOfTheHub: with the first part of a GGUF model all are fetched, and none of them unless every one is there.
func TestPartsOfTheHub(t *testing.T) {
	isolated(t)
	dir := filepath.Join(t.TempDir(), "tiny")
	makeModel(t, dir, 4096, 7)
	whole, err := gguftest.FromDirectory(dir, gguf.Q8_0)
	require.NoError(t, err)
	half := len(whole.Tensors) / 2
	first, second := *whole, gguftest.File{Tensors: whole.Tensors[half:]}
	first.Tensors = whole.Tensors[:half]
	files := map[string][]byte{}
	file := filepath.Join(t.TempDir(), "whole.gguf")
	require.NoError(t, os.WriteFile(file, whole.Bytes(), 0o644))
	for i, part := range []*gguftest.File{&first, &second} {
		part.Set("split.no", uint32(i))
		part.Set("split.count", uint32(2))
		part.Set("split.tensors.count", int32(len(whole.Tensors)))
		files[fmt.Sprintf("Q8/x-0000%d-of-00002.gguf", i+1)] = part.Bytes()
	}
	generate := func(model string, more ...string) []string {
		return append([]string{"generate", "--model", model, "--prompt", "the", "--max-new-tokens", "3"}, more...)
	}
	want, _, err := inWorld(t, console{wire: forbidden{t}}, generate(file)...)
	require.NoError(t, err)

	w := newWorld(t)
	w.repos["models/org/parts"] = files
	c := console{wire: w}
	got, _, err := inWorld(t, c, generate("org/parts/Q8/x-00001-of-00002.gguf")...)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, _, err = inWorld(t, console{wire: forbidden{t}}, generate("org/parts/Q8/x-00001-of-00002.gguf", "--offline")...)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	isolated(t)
	delete(files, "Q8/x-00002-of-00002.gguf")
	before := len(w.requests())
	_, _, err = inWorld(t, c, generate("org/parts/Q8/x-00001-of-00002.gguf")...)
	require.ErrorContains(t, err, "Q8/x-00002-of-00002.gguf: no such file")
	for _, address := range w.requests()[before:] {
		assert.NotContains(t, address, "/resolve/")
	}
	before = len(w.requests())
	_, _, err = inWorld(t, c, generate("org/parts/Q8/x-00002-of-00002.gguf")...)
	require.ErrorContains(t, err, "name the first one, Q8/x-00001-of-00002.gguf")
	assert.Len(t, w.requests(), before)
}
