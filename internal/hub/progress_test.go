package hub

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProgressOfASteadyLine(t *testing.T) {
	const size, perTick = 600_000, 1000
	data := noise(size, 60)
	file := fakeFile{"x", data, true}
	inFakeTime(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		for at := 0; at < size; at += perTick { // 100 kB/s
			time.Sleep(10 * time.Millisecond)
			if _, err := w.Write(data[at : at+perTick]); err != nil {
				t.Error(err)
				return
			}
			w.(http.Flusher).Flush()
		}
	}, func(t *testing.T, rt http.RoundTripper) {
		var events []Event
		began := time.Now()
		var last time.Time
		c, err := New(Options{CacheDir: t.TempDir(), Transport: rt, Progress: func(e Event) {
			if e.Kind == Progress {
				assert.GreaterOrEqual(t, time.Since(last), progressEvery, "not too often")
				last = time.Now()
				assert.InDelta(t, 100_000, e.Rate, 5_000)
				left := 6*time.Second - time.Since(began)
				assert.InDelta(t, left.Seconds(), e.ETA.Seconds(), 0.5)
			}
			events = append(events, e)
		}})
		require.NoError(t, err)
		require.NoError(t, c.Download(t.Context(), "http://steady.example/x", File{Path: "x", Size: size, Digest: file.digest()}, t.TempDir()+"/x"))
		require.Greater(t, len(events), 50)
		first, end := events[0], events[len(events)-1]
		assert.Equal(t, Resolved, first.Kind)
		assert.Equal(t, time.Duration(-1), first.ETA)
		assert.EqualValues(t, size, first.Total)
		assert.Equal(t, Complete, end.Kind)
		assert.EqualValues(t, size, end.Done)
		assert.Equal(t, 1, end.FilesDone)
	})
}

func TestProgressOfASnapshot(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	var total int64
	for _, f := range h.files {
		total += int64(len(f.data))
	}
	var events []Event
	inside := false
	c := h.client(func(o *Options) {
		o.Progress = func(e Event) {
			assert.False(t, inside, "one at a time")
			inside = true
			events = append(events, e)
			inside = false
		}
	})
	h.seed(c, h.files[3], h.files[3].data[:1000])
	_, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	fetched, verified := map[string]bool{}, []string{}
	for _, e := range events {
		assert.Equal(t, testCommit, e.Commit.String())
		assert.Equal(t, len(h.files), e.Files)
		assert.Equal(t, total, e.Total)
		assert.LessOrEqual(t, e.Done, e.Total)
		assert.LessOrEqual(t, e.FileDone, e.FileSize)
		if e.Kind == Verifying {
			verified = append(verified, e.Path)
		}
		if e.Kind == Fetched {
			fetched[e.Path] = true
			assert.Equal(t, e.FileSize, e.FileDone)
		}
	}
	assert.Len(t, fetched, len(h.files))
	assert.Equal(t, []string{h.files[3].path}, verified, "the part that was there is hashed")
	end := events[len(events)-1]
	assert.Equal(t, Complete, end.Kind)
	assert.Equal(t, total, end.Done)

	events = nil
	_, err = c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, total, events[0].Done, "what is there is counted from the beginning")
	assert.Zero(t, events[len(events)-1].Rate)
}
