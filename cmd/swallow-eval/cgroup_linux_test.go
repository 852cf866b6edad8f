package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

// controlGroup makes a control group with a memory limit, of whichever version this machine has, and returns the file that
// a process's number is written to in order to join it. It skips the test where that is not allowed.
func controlGroup(t *testing.T, limit int64) string {
	t.Helper()
	for top, file := range map[string]string{"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"} {
		if _, err := os.Stat(filepath.Join(top, "cgroup.procs")); err != nil {
			continue
		}
		dir := filepath.Join(top, "swallow-eval-test-"+strconv.Itoa(os.Getpid()))
		if err := os.Mkdir(dir, 0o755); err != nil {
			continue
		}
		t.Cleanup(func() { assert.NoError(t, syscall.Rmdir(dir)) })
		if err := os.WriteFile(filepath.Join(dir, file), []byte(strconv.FormatInt(limit, 10)), 0o644); err == nil {
			return filepath.Join(dir, "cgroup.procs")
		}
	}
	t.Skip("no control group with a memory limit can be made here: that takes root, and a hierarchy that is not delegated to others")
	return ""
}

// highWater is the most memory that a process has had resident since it began its program, 0 once it has ended.
func highWater(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

// TestMemoryLimitOfAControlGroup: a model larger than its container is not killed in it: its peak stays below the limit, and
// its answers are those of a machine with memory.
func TestMemoryLimitOfAControlGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a model of 180 MB")
	}
	const limit = 160 << 20
	join := controlGroup(t, limit)
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	require.NoError(t, enginetest.Write(dir, enginetest.Shape{Hidden: 512, Intermediate: 1536, Layers: 28, Heads: 8, KVHeads: 2, Vocab: 4096, MaxPositions: 512}, 7))
	info, err := os.Stat(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(limit), "the weights alone are larger than the limit")
	input := filepath.Join(dir, "pairs")
	var pairs strings.Builder
	for i := range 40 {
		fmt.Fprintf(&pairs, `{"id":%d,"context":"the end of %s","continuation":" the day"}`+"\n", i, strings.Repeat("the day ", i%9))
	}
	require.NoError(t, os.WriteFile(input, []byte(pairs.String()), 0o644))
	// Without a cache nothing is named by the digest of all weights, for which every page of the file is looked at.
	args := []string{"loglikelihood", "--model", dir, "--input", input, "--no-cache"}

	var out, errs bytes.Buffer
	cmd := exec.Command("sh", append([]string{"-c", `echo $$ > "$0" && exec swallow-eval "$@"`, join}, args...)...)
	cmd.Env = append(os.Environ(), "HF_HUB_OFFLINE=1", "GOMAXPROCS=2")
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// The kernel's account of an ended child begins with the memory of the process that forked it, which is this test's.
	peak, err := int64(0), error(nil)
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-time.After(2 * time.Millisecond):
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
	require.NoError(t, err, errs.String())
	t.Logf("%d MiB at the peak of %d, for %d MiB of weights", peak>>20, limit>>20, info.Size()>>20)
	assert.Positive(t, peak)
	assert.Less(t, peak, int64(limit))
	// The group has no room for the file's pages either, so they are read past the page cache where the file system lets them.
	assert.Regexp(t, `weights do not fit the memory: .* are read for every batch of at most \d+ tokens, (past|through) the page cache.*, readers: \d`, errs.String())
	assert.Equal(t, succeed(t, args...), out.String())
}
