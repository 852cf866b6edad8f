package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// seed puts a partial file into the cache as a killed process leaves it.
func (h *fakeHub) seed(c *Client, f fakeFile, data []byte) string {
	h.t.Helper()
	path := filepath.Join(c.o.CacheDir, "models--org--name", "blobs", f.digest().Hex()+partialMark+"DEAD"+partialSuffix)
	require.NoError(h.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(h.t, os.WriteFile(path, data, 0o600))
	return path
}

func TestE6Resume(t *testing.T) {
	data := noise(100_000, 20)
	for _, tc := range []struct {
		name   string
		left   []byte
		cdn    func(w http.ResponseWriter, r *http.Request, n int) bool // n counts from 1
		ranges []string                                                 // asked of the content network
	}{
		{"continues", data[:40_000], nil, []string{"bytes=40000-"}},
		{"all but the name was done", data, nil, nil},
		{"one byte is missing", data[:99_999], nil, []string{"bytes=99999-"}},
		{"more than there should be", append(bytes.Clone(data), 1), nil, []string{""}},
		{"the part is another file's", noise(40_000, 21), nil, []string{"bytes=40000-", ""}},
		{"server ignores Range", data[:40_000], func(w http.ResponseWriter, r *http.Request, _ int) bool {
			r.Header.Del("Range")
			return false
		}, []string{"bytes=40000-"}},
		{"416", data[:40_000], func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				refuse(w, 416, "")
			}
			return n == 1
		}, []string{"bytes=40000-", ""}},
		{"206 of another place", data[:40_000], func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				w.Header().Set("Content-Range", "bytes 50000-99999/100000")
				w.WriteHeader(206)
				_, _ = w.Write(data[50_000:])
			}
			return n == 1
		}, []string{"bytes=40000-", ""}},
		{"206 of a larger file", data[:40_000], func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				w.Header().Set("Content-Range", "bytes 40000-100000/100001")
				w.WriteHeader(206)
				_, _ = w.Write(noise(60_001, 1))
			}
			return n == 1
		}, []string{"bytes=40000-", ""}},
		{"206 without Content-Range", data[:40_000], func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				w.WriteHeader(206)
				_, _ = w.Write(data[40_000:])
			}
			return n == 1
		}, []string{"bytes=40000-", ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := fakeFile{"model.safetensors", data, true}
			h := newFakeHub(t, f)
			c := h.client()
			h.seed(c, f, tc.left)
			n := 0
			h.cdn = func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool {
				n++
				return tc.cdn != nil && tc.cdn(w, r, n)
			}
			dir, err := c.Snapshot(t.Context(), h.repo(), everything)
			require.NoError(t, err)
			h.requireFetched(c, dir)
			var ranges []string
			for _, r := range h.requests() {
				if r.host == "edge" {
					ranges = append(ranges, r.span)
				}
			}
			assert.Equal(t, tc.ranges, ranges)
		})
	}
}

// TestE6ChangedETag breaks the first transfer and has another entity tag afterwards, as when the file behind an
// address is exchanged during the download.
func TestE6ChangedETag(t *testing.T) {
	old, data := noise(100_000, 22), noise(100_000, 23)
	for _, honest := range []bool{true, false} { // does the server honour If-Range?
		f := fakeFile{"model.safetensors", data, true}
		h := newFakeHub(t, f)
		n := 0
		h.cdn = func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool {
			if n++; n == 1 {
				w.Header().Set("ETag", `"old"`)
				w.Header().Set("Content-Length", "100000")
				_, _ = w.Write(old[:30_000])
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("ETag", `"new"`)
			if !honest {
				r.Header.Del("If-Range")
			}
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
			return true
		}
		var reasons []string
		c := h.client(func(o *Options) {
			o.Progress = func(e Event) {
				if e.Kind == Retrying {
					reasons = append(reasons, e.Err.Error())
				}
			}
		})
		dir, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(c, dir)
		var seen []received
		for _, r := range h.requests() {
			if r.host == "edge" {
				seen = append(seen, r)
			}
		}
		assert.Equal(t, `"old"`, seen[1].ifRange)
		assert.Equal(t, "bytes=30000-", seen[1].span)
		if honest {
			assert.Len(t, seen, 2, "the whole file came with the second answer")
		} else {
			require.Len(t, seen, 3)
			assert.Empty(t, seen[2].span, "the third request starts over")
			require.Len(t, reasons, 2)
			assert.Contains(t, reasons[1], "continues another file", "seen before the body, not after its last byte")
		}
	}
}

func TestE6SmallFilesResumeByTheirDigest(t *testing.T) {
	f := fakeFile{"tokenizer.json", noise(50_000, 24), false}
	h := newFakeHub(t, f)
	c := h.client()
	h.seed(c, f, f.data[:20_000])
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	last := h.requests()[len(h.requests())-1]
	assert.Equal(t, "bytes=20000-", last.span)
	assert.Equal(t, `"`+f.digest().Hex()+`"`, last.ifRange)
}

// cutAfter is a transport that interrupts the caller after k bytes of bodies from the content network, which it counts
// down; k is exact for one file at a time.
func cutAfter(cancel context.CancelCauseFunc, k *atomic.Int64, edge string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && strings.Contains(edge, r.URL.Host) {
			resp.Body = &fuse{resp.Body, k, cancel}
		}
		return resp, err
	})
}

type fuse struct {
	body   io.ReadCloser
	left   *atomic.Int64
	cancel context.CancelCauseFunc
}

func (f *fuse) Close() error { return f.body.Close() }

func (f *fuse) Read(b []byte) (int, error) {
	if f.left.Load() <= 0 {
		f.cancel(errInterrupted)
		return 0, errInterrupted
	}
	n, err := f.body.Read(b[:min(int64(len(b)), f.left.Load())])
	f.left.Add(-int64(n))
	return n, err
}

var errInterrupted = errors.New("interrupted")

// TestE10Interrupted stops after k bytes for many k, looks at what is there, runs again, and counts that no byte came
// twice.
func TestE10Interrupted(t *testing.T) {
	files := []fakeFile{{"config.json", []byte("{}"), false}, {"a.safetensors", noise(70_000, 25), true}, {"b.safetensors", noise(30_001, 26), true}}
	h := newFakeHub(t, files...)
	for _, k := range []int64{0, 1, 2, 511, 4096, 30_000, 30_001, 30_002, 69_999, 70_000, 70_001, 99_999, 100_000, 100_001} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var left, got atomic.Int64
		left.Store(k)
		got.Store(1 << 40)
		c := h.client(func(o *Options) { o.Transport, o.Parallel = cutAfter(cancel, &left, h.edge.URL), 1 })
		_, err := c.Snapshot(ctx, h.repo(), everything)
		if k < 100_001 {
			require.ErrorIs(t, err, errInterrupted, k)
			_, err := os.Stat(filepath.Join(c.o.CacheDir, "models--org--name", "refs", "main"))
			require.ErrorIs(t, err, os.ErrNotExist, "the revision is not there before all of it is")
			h.requireSound(c)
		} else {
			require.NoError(t, err)
		}
		again := h.client(func(o *Options) {
			o.CacheDir, o.Transport = c.o.CacheDir, cutAfter(cancel, &got, h.edge.URL)
		})
		dir, err := again.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(again, dir)
		assert.Equal(t, max(0, 100_001-k), 1<<40-got.Load(), "after %d bytes only the rest is fetched", k)
		cancel(nil)
	}
}

// TestE10EveryStepInterrupted cancels at the k-th request and at the k-th event, for all k.
func TestE10EveryStepInterrupted(t *testing.T) {
	h := newFakeHub(t, modelFiles()[1:4]...)
	for k := 1; ; k++ {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		step := func() {
			if n++; n == k {
				cancel()
			}
		}
		c := h.client(func(o *Options) {
			o.Parallel = 1
			o.Progress = func(Event) { step() }
			o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				step()
				return http.DefaultTransport.RoundTrip(r)
			})
		})
		_, err := c.Snapshot(ctx, h.repo(), everything)
		cancel()
		h.requireSound(c)
		if err == nil && n < k {
			require.Greater(t, k, 10, "the loop ran through all steps")
			return
		}
		calm := h.client(func(o *Options) { o.CacheDir = c.o.CacheDir })
		dir, err := calm.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(calm, dir)
	}
}

func TestE11TwoFetchesAtOnce(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	cache := filepath.Join(t.TempDir(), "hub")
	f := h.files[3]
	probe := h.client(func(o *Options) { o.CacheDir = cache })
	h.seed(probe, f, f.data[:1000]) // what is left behind can be continued by one of them only
	var group errgroup.Group
	for range 6 {
		group.Go(func() error {
			c := h.client(func(o *Options) { o.CacheDir = cache })
			_, err := c.Snapshot(t.Context(), h.repo(), everything)
			return err
		})
	}
	require.NoError(t, group.Wait())
	dir, ok := probe.Cached(h.repo())
	require.True(t, ok)
	h.requireFetched(probe, dir)
}

func TestE11APartialFileInUseIsNotTaken(t *testing.T) {
	dir := t.TempDir()
	f := fakeFile{"x", noise(1000, 27), true}
	file := File{Path: "x", Size: 1000, Digest: f.digest()}
	c, err := New(Options{CacheDir: dir})
	require.NoError(t, err)
	m := &fileMeter{meter: c.newMeter(Listing{})}
	a, err := openPartial(t.Context(), dir, file, m)
	require.NoError(t, err)
	_, err = a.Write(f.data[:600])
	require.NoError(t, err)
	b, err := openPartial(t.Context(), dir, file, m)
	require.NoError(t, err)
	assert.Zero(t, b.n)
	assert.NotEqual(t, a.f.Name(), b.f.Name())
	require.NoError(t, a.keep())
	require.NoError(t, b.keep())
	a, err = openPartial(t.Context(), dir, file, m)
	require.NoError(t, err)
	assert.EqualValues(t, 600, a.n, "what is abandoned is taken over")
	_, err = a.Write(f.data[600:])
	require.NoError(t, err)
	require.NoError(t, a.check())

	// Somebody else was first, and swept: losing is harmless.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "done"), f.data, 0o644))
	require.NoError(t, os.Remove(a.f.Name()))
	require.NoError(t, a.commit(filepath.Join(dir, "done")))
}

func TestDiskErrorsAreNotRetried(t *testing.T) {
	h := newFakeHub(t, fakeFile{"model.safetensors", noise(100_000, 28), true})
	var clock patience
	c := h.client(func(o *Options) { o.Sleep = clock.sleep })
	require.NoError(t, os.MkdirAll(c.o.CacheDir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(c.o.CacheDir, "models--org--name"), []byte("a file"), 0o644))
	_, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.ErrorContains(t, err, "is not a folder")
	assert.Empty(t, clock.waited())

	// A partial file that takes no more bytes, as on a full disk.
	p, err := newPartial(t.TempDir(), File{Path: "x", Size: 100_000, Digest: h.files[0].digest()})
	require.NoError(t, err)
	require.NoError(t, p.f.Close())
	src := source{url: c.fileURL(h.repo(), Commit{testCommit}, "model.safetensors"), home: c.endpoint, repo: h.repo(), commit: Commit{testCommit}}
	err = c.fill(t.Context(), src, p, &fileMeter{meter: c.newMeter(Listing{})})
	require.ErrorIs(t, err, os.ErrClosed)
	assert.Empty(t, clock.waited())
}

func TestLongDownloadsSurviveMoreFailuresThanRetries(t *testing.T) {
	data := noise(9<<20, 29)
	h := newFakeHub(t, fakeFile{"model.safetensors", data, true})
	h.cdn = func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool { // every connection breaks after 1.2 MB
		from := 0
		if span := r.Header.Get("Range"); span != "" {
			_, err := fmt.Sscanf(span, "bytes=%d-", &from)
			assert.NoError(t, err)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
		if from > 0 {
			w.WriteHeader(206)
		}
		_, _ = w.Write(data[from:min(len(data), from+1_200_000)])
		panic(http.ErrAbortHandler)
	}
	c := h.client(func(o *Options) { o.Retries = 2 })
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Greater(t, h.count("edge", ""), 6)
}

func TestDownload(t *testing.T) {
	data := noise(10_000, 30)
	h := newFakeHub(t)
	file := File{Size: 10_000, Digest: fakeFile{"", data, true}.digest()}
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/set.jsonl":
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		case "/moved":
			http.Redirect(w, r, "/set.jsonl", http.StatusFound)
		case "/busy":
			refuse(w, 429, "")
		default:
			return false
		}
		return true
	}
	c := h.client(func(o *Options) { o.Token = NewToken(secret) })
	to := filepath.Join(t.TempDir(), "set.jsonl")
	for range 2 {
		require.NoError(t, c.Download(t.Context(), h.server.URL+"/moved", file, to))
	}
	assert.Equal(t, 1, h.count("hub", "/set.jsonl"), "what is there and right is not fetched again")
	for _, r := range h.requests() {
		assert.Empty(t, r.auth, "an address that is not a repository never sees the token")
	}
	require.NoError(t, os.WriteFile(to, data[:9_999], 0o644))
	require.NoError(t, c.Download(t.Context(), h.server.URL+"/set.jsonl", file, to))
	got, err := os.ReadFile(to)
	require.NoError(t, err)
	assert.Equal(t, data, got)
	other := filepath.Join(t.TempDir(), "other")
	require.ErrorIs(t, c.Download(t.Context(), h.server.URL+"/absent", file, other), ErrNoFile)
	require.ErrorIs(t, c.Download(t.Context(), h.server.URL+"/busy", file, other), ErrRateLimited)
	require.ErrorIs(t, c.Download(t.Context(), h.server.URL+"/set.jsonl", File{Size: 10_000}, other), ErrMismatch)
	wrong := File{Size: 10_000, Digest: fakeFile{"", noise(10_000, 31), true}.digest()}
	require.ErrorIs(t, c.Download(t.Context(), h.server.URL+"/set.jsonl", wrong, other), ErrMismatch)
	for _, bad := range []string{"file:///etc/passwd", "x", "http://u:p@h/x", ""} {
		require.Error(t, c.Download(t.Context(), bad, file, other))
	}
	left, err := os.ReadDir(filepath.Dir(other))
	require.NoError(t, err)
	assert.Empty(t, left)
}
