package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched cancels a run when it has said a word often enough.
type watched struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	word   string
	cancel context.CancelFunc
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.buffer.Write(b)
	if w.word != "" && strings.Contains(w.buffer.String(), w.word) {
		w.cancel()
	}
	return n, err
}

// TestWholeRunLeavesNoGoroutine is G7 and, under the race detector, G8: a whole run, from the command line to the files,
// with a store, several threads and generations beside log-likelihoods, in this process. It ends well, is cancelled in
// the middle of a task, or fails; in no case does a goroutine stay behind.
func TestWholeRunLeavesNoGoroutine(t *testing.T) {
	work := t.TempDir()
	model, data := filepath.Join(work, "model"), filepath.Join(work, "data")
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	many := filepath.Join(data, "many")
	for _, c := range []struct {
		name string
		args []string
		// stop is what standard error must say for the run to be cancelled.
		stop, want string
	}{
		{"complete", []string{"--tasks", "xwino,gsm8k,mgsm", "--data-dir", data, "--limit", "3", "--num-fewshot", "1"}, "", ""},
		{"cancelled", []string{"--tasks", "jcommonsenseqa,gsm8k", "--data-dir", many, "--num-fewshot", "2"}, "jcommonsenseqa: ", "context canceled"},
		{"failed", []string{"--tasks", "xlsum,niilc", "--data-dir", data}, "", "not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			errs := &watched{word: c.stop, cancel: func() { time.AfterFunc(20*time.Millisecond, cancel) }}
			root := newRoot(console{in: strings.NewReader(""), out: &bytes.Buffer{}, err: errs})
			root.SetArgs(append([]string{"run", "--model", model, "--allow-unpinned-data", "--threads", "4", "-o", filepath.Join(work, c.name),
				"--use-cache", filepath.Join(work, "cache")}, c.args...))
			err := root.ExecuteContext(ctx)
			if c.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.want)
			}
			assert.Equal(t, c.stop != "", errors.Is(err, context.Canceled))
			var stacks bytes.Buffer
			for range 500 { // goroutines that have nothing left to do end when they are next scheduled
				if runtime.NumGoroutine() <= before {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			require.NoError(t, pprof.Lookup("goroutine").WriteTo(&stacks, 1))
			t.Errorf("%d goroutines before, %d after: %s", before, runtime.NumGoroutine(), stacks.String())
		})
	}
}
