package hub

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHelperProcess is no test: it is what the tests below start as another process.
func TestHelperProcess(t *testing.T) {
	endpoint, cache := os.Getenv("HUB_TEST_ENDPOINT"), os.Getenv("HUB_TEST_CACHE")
	if endpoint == "" {
		t.Skip("only as another process")
	}
	c, err := New(Options{Endpoint: endpoint, CacheDir: cache})
	require.NoError(t, err)
	_, err = c.Snapshot(t.Context(), Repo{ID: "org/name"}, everything)
	require.NoError(t, err)
}

func (h *fakeHub) process(cache string) *exec.Cmd {
	h.t.Helper()
	self, err := os.Executable()
	require.NoError(h.t, err)
	cmd := exec.Command(self, "-test.run=^TestHelperProcess$")
	cmd.Env = append(os.Environ(), "HUB_TEST_ENDPOINT="+h.server.URL, "HUB_TEST_CACHE="+cache)
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	return cmd
}

func TestE10KilledProcess(t *testing.T) {
	data := noise(3<<20, 40)
	h := newFakeHub(t, fakeFile{"config.json", []byte("{}"), false}, fakeFile{"model.safetensors", data, true})
	reached := make(chan struct{}, 1)
	var served atomic.Bool
	stall := func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool {
		if served.Swap(true) {
			return false
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data[:2<<20])
		w.(http.Flusher).Flush()
		reached <- struct{}{}
		<-r.Context().Done()
		return true
	}
	h.bend(func() { h.cdn = stall })
	c := h.client()
	cmd := h.process(c.o.CacheDir)
	require.NoError(t, cmd.Start())
	<-reached
	// Kill it with most of the bytes written and none of its deferred work done.
	partials := func() int64 {
		found, err := filepath.Glob(filepath.Join(c.o.CacheDir, "*", "blobs", "*"+partialSuffix))
		require.NoError(t, err)
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.Size() > 1<<20 {
				return info.Size()
			}
		}
		return 0
	}
	require.Eventually(t, func() bool { return partials() > 0 }, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	kept := partials()
	require.Positive(t, kept)
	h.requireSound(c)

	var count atomic.Int64
	count.Store(1 << 40)
	c = h.client(func(o *Options) { o.CacheDir, o.Transport = c.o.CacheDir, cutAfter(nil, &count, h.edge.URL) })
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.EqualValues(t, int64(len(data))-kept, 1<<40-count.Load(), "the rest of the dead process's file")
}

func TestE11TwoProcessesAtOnce(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	var running []*exec.Cmd
	for range 3 {
		cmd := h.process(c.o.CacheDir)
		require.NoError(t, cmd.Start())
		running = append(running, cmd)
	}
	for _, cmd := range running {
		require.NoError(t, cmd.Wait())
	}
	dir, ok := c.Cached(h.repo())
	require.True(t, ok)
	h.requireFetched(c, dir)
}
