package main

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

// victimArgs tells the test binary that it is the program, to be killed, and with which arguments.
const victimArgs = "SWALLOW_EVAL_TEST_RUN"

// TestVictim is the process that TestKilledRuns kills.
func TestVictim(t *testing.T) {
	raw := os.Getenv(victimArgs)
	if raw == "" {
		t.Skip("runs as the subprocess of TestKilledRuns")
	}
	var args []string
	require.NoError(t, json.Unmarshal([]byte(raw), &args))
	require.Zero(t, run(args, os.Stdin, os.Stderr, os.Stderr))
}

// directory reads the files of a directory, hidden ones included; of the manifest what does not depend on the time and
// on what was remembered.
func directory(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		if e.Name() == results.RunFile {
			var r results.Run
			require.NoError(t, json.Unmarshal(b, &r))
			b, err = json.Marshal(r.Scores)
			require.NoError(t, err)
			require.Equal(t, "complete", r.Status)
		}
		files[e.Name()] = string(b)
	}
	return files
}

// sizeOf is the number of bytes below directories that processes write to.
func sizeOf(t *testing.T, dirs ...string) int64 {
	t.Helper()
	var n int64
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // gone, or not there yet
			}
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				n += info.Size()
			}
			return nil
		})
		require.NoError(t, err)
	}
	return n
}

// TestKilledRuns kills a real run with SIGKILL at moments of its life, again and again on the same answers and the same
// directory, until one comes to its end: its files are those of a run that nothing disturbed, and nothing else is left.
func TestKilledRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	isolate(t)
	work := t.TempDir()
	model, data := filepath.Join(work, "model"), filepath.Join(work, "data")
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	arguments := func(cache, out string) []string {
		return []string{"run", "--tasks", "xwino,gsm8k,jcommonsenseqa", "--model", model, "--data-dir", data, "--allow-unpinned-data",
			"--num-fewshot", "1", "--threads", "1", "--use-cache", filepath.Join(work, cache), "-o", filepath.Join(work, out)}
	}
	code, _, stderr := commandLine(t, arguments("calm", "calm-out")...)
	require.Zero(t, code, stderr)
	want := directory(t, filepath.Join(work, "calm-out"))
	require.Len(t, want, 4)
	whole := sizeOf(t, filepath.Join(work, "calm"), filepath.Join(work, "calm-out"))

	random := rand.New(rand.NewPCG(1, 9))
	killed := 0
	for round := 0; ; round++ {
		require.Less(t, round, 60)
		raw, err := json.Marshal(arguments("answers", "out"))
		require.NoError(t, err)
		cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
		cmd.Env = append(os.Environ(), victimArgs+"="+string(raw))
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		// It dies when so much is written: of the answers first, of the results later; the tenth round is left alone.
		enough := 1 + int64((float64(round)+random.Float64()-0.5)/9*float64(whole))
		for alive := true; alive; {
			select {
			case err = <-ended:
				alive = false
			case <-time.After(2 * time.Millisecond):
				if round < 9 && sizeOf(t, filepath.Join(work, "answers"), filepath.Join(work, "out")) >= enough {
					require.NoError(t, cmd.Process.Kill())
					err, alive = <-ended, false
					killed++
				}
			}
		}
		if err == nil {
			break
		}
		if entries, err := os.ReadDir(filepath.Join(work, "out")); err == nil {
			for _, e := range entries {
				if text, ok := want[e.Name()]; ok && e.Name() != results.RunFile {
					b, err := os.ReadFile(filepath.Join(work, "out", e.Name()))
					require.NoError(t, err)
					require.Equal(t, text, string(b), "a file under its own name is whole")
				}
			}
		}
	}
	require.Greater(t, killed, 3)
	require.Equal(t, want, directory(t, filepath.Join(work, "out")))
}
