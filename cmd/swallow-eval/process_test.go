package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/results"
)

// process is a real process of this program, which TestMain put into the path.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("swallow-eval", args...)
	cmd.Env = append(os.Environ(), "HF_HUB_OFFLINE=1", "GOMAXPROCS=2")
	return cmd
}

// succeed runs a process to its end and returns what it said on standard output.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := process(t, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), errs.String())
	return out.String()
}

// TestConcurrentRuns starts sixteen processes at once on one answer cache and one output tree, in pairs that write the
// same folder. One of each pair finishes, and the other too or says in one line that the folder is in use; every file is
// whole and the same as that of a run alone, and the cache is clean.
func TestConcurrentRuns(t *testing.T) {
	work := t.TempDir()
	model, data, cache := filepath.Join(work, "model"), filepath.Join(work, "data"), filepath.Join(work, "cache")
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	args := func(out string, more ...string) []string {
		return append([]string{"run", "--tasks", "xwino,gsm8k", "--model", model, "--data-dir", data, "--allow-unpinned-data",
			"--limit", "4", "--num-fewshot", "1", "--threads", "1", "-o", out}, more...)
	}
	alone := filepath.Join(work, "alone")
	succeed(t, args(alone, "--no-cache")...)

	const runs = 16
	var group sync.WaitGroup
	problems, refused := make([]string, runs), make([]bool, runs)
	for i := range runs {
		out := filepath.Join(work, "tree", fmt.Sprint(i/2))
		cmd := process(t, args(out, "--use-cache", cache)...)
		group.Go(func() {
			said, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			refused[i] = errors.As(err, &exit) && exit.ExitCode() == exitFailure &&
				string(said) == fmt.Sprintf("swallow-eval: --output-path: %s: another process is writing there\n", out)
			if err != nil && !refused[i] {
				problems[i] = fmt.Sprintf("run %d: %v: %s", i, err, said)
			}
		})
	}
	group.Wait()
	assert.Empty(t, strings.Join(problems, ""))

	for i := range runs / 2 {
		assert.False(t, refused[2*i] && refused[2*i+1], "one of each pair writes")
		dir := filepath.Join(work, "tree", fmt.Sprint(i))
		run, err := results.ReadRun(dir)
		require.NoError(t, err)
		assert.Equal(t, "complete", run.Status)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, entries, 3, "run.json and two files of samples, no remains: %v", entries)
		for _, s := range run.Scores {
			same(t, filepath.Join(alone, s.SamplesFile), filepath.Join(dir, s.SamplesFile))
		}
	}
	assert.Regexp(t, `^[0-9a-f]{12}: 12 answers in \d+ records, 0 torn segments, 0 conflicts, 0 damages\n$`, succeed(t, "cache", "verify", "--use-cache", cache))
	succeed(t, args(filepath.Join(work, "after"), "--use-cache", cache)...)
	after, err := results.ReadRun(filepath.Join(work, "after"))
	require.NoError(t, err)
	assert.Equal(t, 0, after.Answers.Asked, "nothing is left to be asked")
}

// same asserts that two files are byte for byte the same.
func same(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	require.NoError(t, err)
	y, err := os.ReadFile(b)
	require.NoError(t, err)
	assert.NotEmpty(t, x)
	assert.True(t, bytes.Equal(x, y), "%s and %s differ", a, b)
}

// TestTerminatedWhileReadingPrompts is G5: a process that is sent SIGTERM or SIGHUP while its model reads prompts ends within a
// second with code 143 or 129, leaves nothing half-written under its own name, and the same command then writes what an
// undisturbed run writes.
func TestTerminatedWhileReadingPrompts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	work := t.TempDir()
	model, data := filepath.Join(work, "model"), filepath.Join(work, "data")
	slowModel(t, model)
	makeData(t, data)
	args := func(out, cache string) []string {
		return []string{"run", "--tasks", "xwino", "--model", model, "--data-dir", data, "--allow-unpinned-data",
			"--limit", "24", "-o", filepath.Join(work, out), "--use-cache", filepath.Join(work, cache)}
	}
	succeed(t, args("undisturbed", "other")...)

	// The wait for the process is real time on a machine that may be busy: a second chance tells a slow machine from a
	// process that does not listen.
	var took time.Duration
	for try := range 6 {
		out := fmt.Sprint("stopped", try)
		sig := []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP}[try%2]
		took = terminated(t, sig, process(t, args(out, fmt.Sprint("cache", try))...), filepath.Join(work, out))
		if took == 0 {
			continue
		}
		entries, err := filepath.Glob(filepath.Join(work, out, "samples_xwino.jsonl"))
		require.NoError(t, err)
		assert.Empty(t, entries, "nothing unfinished under its own name")
		run, err := results.ReadRun(filepath.Join(work, out))
		require.NoError(t, err)
		assert.Equal(t, "interrupted", run.Status)

		succeed(t, args(out, fmt.Sprint("cache", try))...)
		same(t, filepath.Join(work, "undisturbed", "samples_xwino.jsonl"), filepath.Join(work, out, "samples_xwino.jsonl"))
		if took < time.Second && try > 0 {
			return
		}
	}
	t.Errorf("a signal was answered after %s (0: the runs had ended before it came)", took)
}

// slowModel writes a model large enough that prompts take seconds and a forward step a good part of one.
func slowModel(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	require.NoError(t, enginetest.Write(dir, enginetest.Shape{
		Hidden: 256, Intermediate: 768, Layers: 4, Heads: 8, KVHeads: 8, Vocab: tokenizertest.VocabSize, MaxPositions: 4096}, 5))
}

// TestWeightsCutUnderARun is G6 with a real process: the weight file is cut while the engine's workers read it. The
// fault on a worker's goroutine ends the task and not the process, which says on one line which document it was about,
// and exits with 2.
func TestWeightsCutUnderARun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows reads weights into memory")
	}
	work := t.TempDir()
	model, data, out := filepath.Join(work, "model"), filepath.Join(work, "data"), filepath.Join(work, "out")
	makeModel(t, model, 4096, 7) // too small to be copied into memory
	makeData(t, data)
	cmd := process(t, "run", "--tasks", "jcommonsenseqa,gsm8k", "--model", model, "--data-dir", filepath.Join(data, "many"),
		"--allow-unpinned-data", "--no-cache", "-o", out)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	awaitBegin(t, ended, filepath.Join(out, ".samples_gsm8k.jsonl.*.tmp"))
	require.NoError(t, os.Truncate(filepath.Join(model, "model.safetensors"), 0))
	err := <-ended
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, errs.String())
	assert.Equal(t, exitFailure, exit.ExitCode())
	lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
	assert.Regexp(t, `^swallow-eval: gsm8k: document \d+ \(position \d+\): computed together with \d+ others: model.safetensors: changed while in use: \d+ bytes of [^ ]+, now 0 bytes of [^ ]+; start again when nothing writes to it$`, lines[len(lines)-1])
	run, err := results.ReadRun(out)
	require.NoError(t, err)
	assert.Equal(t, "incomplete", run.Status)
	require.Len(t, run.Scores, 2)
	assert.Empty(t, run.Scores[0].Hole, "what was finished stays")
	assert.Contains(t, run.Scores[1].Hole, "changed while in use")
	assert.NotContains(t, run.Scores[1].Hole, "panicked")
	assert.FileExists(t, filepath.Join(out, "samples_jcommonsenseqa.jsonl"))
	assert.NoFileExists(t, filepath.Join(out, "samples_gsm8k.jsonl"))
}

// awaitBegin returns when a file matches the pattern.
func awaitBegin(t *testing.T, ended <-chan error, pattern string) {
	t.Helper()
	for range 12_000 {
		select {
		case err := <-ended:
			t.Fatalf("the run ended before it could be disturbed: %v", err)
		case <-time.After(5 * time.Millisecond):
			found, err := filepath.Glob(pattern)
			require.NoError(t, err)
			if len(found) > 0 {
				return
			}
		}
	}
	t.Fatal("the run does not begin")
}

// terminated starts a run, sends it a signal while it works on its first task, and returns how long it took to end: 0 where
// this process was so slow that the run had its number first.
func terminated(t *testing.T, sig syscall.Signal, cmd *exec.Cmd, out string) time.Duration {
	t.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	awaitBegin(t, ended, filepath.Join(out, ".samples_xwino.jsonl.*.tmp"))
	time.Sleep(50 * time.Millisecond) // into the first prompts
	sent := time.Now()
	if err := cmd.Process.Signal(sig); !errors.Is(err, os.ErrProcessDone) {
		require.NoError(t, err)
	}
	err := <-ended
	took := time.Since(sent)
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, errs.String())
	assert.Equal(t, exitcode.Interrupted+int(sig), exit.ExitCode(), errs.String())
	assert.Regexp(t, "swallow-eval: stopped by "+sig.String()+"\n$", errs.String())
	return took
}

// TestVerifiedIsWrittenForEveryRun holds that JSON output carries what was verified, with no store either.
func TestVerifiedIsWrittenForEveryRun(t *testing.T) {
	work := t.TempDir()
	makeModel(t, filepath.Join(work, "model"), 4096, 7)
	makeData(t, filepath.Join(work, "data"))
	code, out, errs := command(t, "run", "--tasks", "xwino", "--model", filepath.Join(work, "model"), "--data-dir", filepath.Join(work, "data"),
		"--allow-unpinned-data", "--num-fewshot", "0", "--no-cache", "--format", "json")
	require.Zero(t, code, errs)
	var run results.Run
	require.NoError(t, json.Unmarshal([]byte(out), &run))
	require.NotNil(t, run.Verified)
	assert.Equal(t, results.PromptsPartial, run.Verified.Prompts["xwino"], "no examples are not the published number")
	assert.Equal(t, map[string]int{"unpinned": 1}, run.Verified.Data)
	assert.Nil(t, run.Verified.Answers)
}
