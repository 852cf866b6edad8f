package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// streamOf is a command that answers lines, with its input.
type streamOf struct {
	args  []string
	input string
}

// streams are the commands that answer lines.
func streams(lines int) map[string]streamOf {
	var pairs, prompts strings.Builder
	for i := range lines {
		fmt.Fprintf(&pairs, `{"id":%d,"context":"Line %d of some","continuation":" text %d"}`+"\n", i, i, i%7)
		fmt.Fprintf(&prompts, `{"id":%d,"prompt":"Line %d of some"}`+"\n", i, i)
	}
	return map[string]streamOf{
		"loglikelihood": {[]string{"loglikelihood"}, pairs.String()},
		"generate":      {[]string{"generate", "--max-new-tokens", "3"}, prompts.String()},
		"sampled":       {[]string{"generate", "--max-new-tokens", "3", "--temperature", "1", "--seed", "3"}, prompts.String()},
	}
}

// TestKilledStreams is D14: SIGKILL and SIGTERM while lines are answered. What was printed is whole lines, the first ones of
// those that an undisturbed process prints, and the same command again prints all of them and asks nothing twice.
func TestKilledStreams(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	const lines = 3000
	isolate(t)
	t.Setenv("SWALLOW_EVAL_DIGESTS", t.TempDir())
	work := t.TempDir()
	model := filepath.Join(work, "model")
	makeModel(t, model, 128, 7)
	random := rand.New(rand.NewPCG(4, 4))
	for name, s := range streams(lines) {
		in := filepath.Join(work, name+".jsonl")
		require.NoError(t, os.WriteFile(in, []byte(s.input), 0o600))
		args := append(s.args, "--model", model, "--threads", "1", "--input", in)
		want := succeed(t, append(args, "--no-cache")...)
		require.Equal(t, lines, strings.Count(want, "\n"))
		cache := filepath.Join(work, "cache-"+name)
		killed, asked := 0, 0
		for round := range 4 {
			got, stderr, code := killedWhilePrinting(t, process(t, append(args, "--use-cache", cache)...),
				[]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[round%2], int(float64(len(want))*(float64(round)+random.Float64())/4))
			require.True(t, strings.HasPrefix(want, got), "%s: what was printed is the beginning", name)
			require.True(t, got == "" || strings.HasSuffix(got, "\n"), "whole lines")
			if code != 0 {
				killed++
			}
			if round%2 == 1 && code != 0 {
				assert.Equal(t, 128+int(syscall.SIGTERM), code, stderr)
				var n, m int
				_, err := fmt.Sscanf(stderr, "answers: %d asked, %d remembered\n", &n, &m)
				require.NoError(t, err, stderr)
				asked += n
			}
		}
		assert.Greater(t, killed, 1, name)
		out := succeed(t, append(args, "--use-cache", cache)...)
		assert.True(t, want == out, "%s: the output of a command that was run again differs", name)
		assert.LessOrEqual(t, asked, lines)
		verified := succeed(t, "cache", "verify", "--use-cache", cache)
		assert.Regexp(t, fmt.Sprintf(`^[0-9a-f]{12}: %d answers in %d records, \d+ torn segments, 0 conflicts, 0 damages\n$`, lines, lines), verified, "nothing was asked twice")
	}
}

// killedWhilePrinting sends a process a signal when it has printed so many bytes, and returns what it printed and said.
func killedWhilePrinting(t *testing.T, cmd *exec.Cmd, sig syscall.Signal, bytes int) (out, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "out"))
	require.NoError(t, err)
	var errs strings.Builder
	cmd.Stdout, cmd.Stderr = file, &errs
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for alive, sent := true, false; alive; {
		select {
		case <-ended:
			alive = false
		case <-time.After(time.Millisecond):
			if !sent && sizeOf(t, dir) > int64(bytes) {
				require.NoError(t, cmd.Process.Signal(sig))
				sent = true
			}
		}
	}
	require.NoError(t, file.Close())
	b, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(b), errs.String(), cmd.ProcessState.ExitCode()
}

// TestSharedLines are the inputs that went wrong once.
func TestSharedLines(t *testing.T) {
	cases := filepath.Join(shared.Dir(t), "cases")
	model := filepath.Join(shared.Dir(t), "models", "stories260k")
	isolate(t)
	code, out, stderr := commandLine(t, "loglikelihood", "--model", model, "--input", filepath.Join(cases, "loglikelihood-merging-boundary.jsonl"))
	assert.Equal(t, exitIncomplete, code)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 3)
	assert.Contains(t, lines[0], `{"id":"first","logprob":-`)
	assert.Contains(t, lines[1], `{"id":"merges","line":2,"error":"the continuation has no tokens of its own`)
	assert.Equal(t, strings.Replace(lines[0], "first", "last", 1), lines[2])
	assert.Contains(t, stderr, "1 of 3 lines")
	code, out, stderr = commandLine(t, "generate", "--model", model, "--input", filepath.Join(cases, "generate-until-string.jsonl"))
	require.Zero(t, code, stderr)
	var answer struct {
		ID   int    `json:"id"`
		Text string `json:"text"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	assert.Equal(t, 1, answer.ID)
	assert.NotContains(t, answer.Text, "girl")
}
