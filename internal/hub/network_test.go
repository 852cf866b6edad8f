package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestE1Unreachable(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	for _, tc := range []struct {
		name, endpoint string
		transport      http.RoundTripper
		attempts       int
	}{
		{"refused", closed.URL, nil, 6},
		{"untrusted certificate", untrusted.URL, nil, 1},
		{"no such host", "https://hub.example", roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "hub.example", IsNotFound: true}
		}), 1},
		{"name server silent", "https://hub.example", roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "i/o timeout", Name: "hub.example", IsTimeout: true}
		}), 6},
		{"proxy refuses", "https://hub.example", &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(closed.URL) }}, 6},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var clock patience
			c, err := New(Options{Endpoint: tc.endpoint, Transport: tc.transport, CacheDir: t.TempDir(), Token: NewToken(secret), Sleep: clock.sleep})
			require.NoError(t, err)
			_, err = c.Snapshot(t.Context(), Repo{ID: "org/name"}, everything)
			require.ErrorIs(t, err, ErrUnreachable)
			assert.Len(t, clock.waited(), tc.attempts-1)
			requireDiscreet(t, err)

			pythonCache(t, c.o.CacheDir, modelFiles())
			_, err = c.Snapshot(t.Context(), Repo{ID: "org/name"}, everything)
			require.ErrorIs(t, err, ErrUnreachable)
			assert.ErrorContains(t, err, testCommit, "what the cache has is worth knowing")
			assert.ErrorContains(t, err, "HF_HUB_OFFLINE=1")
		})
	}
}

func TestE1ThroughAProxy(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	var seen sync.Map
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.URL.Host, true)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			refuse(w, 502, "")
			return
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body) // the client's checks show what did not arrive
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	g := &guard{public: net.Dialer{Control: refusePrivate}}
	g.proxies.Store(hostPort(address), true) // as proxy does for what the environment names
	c := h.client(func(o *Options) {
		o.Transport = &http.Transport{DialContext: g.dial, Proxy: http.ProxyURL(address)}
	})
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	_, ok := seen.Load(strings.TrimPrefix(h.edge.URL, "http://"))
	assert.True(t, ok)
}

func TestE2Refusals(t *testing.T) {
	always := func(status int, code string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { refuse(w, status, code); return true }
	}
	for _, tc := range []struct {
		name   string
		status int
		code   string
		token  string
		target error
		advice []string
	}{
		{"gated, no token", 401, "GatedRepo", "", ErrGated, []string{"accept its conditions", "HF_TOKEN", "/org/name", "settings/tokens"}},
		{"gated, token without access", 403, "GatedRepo", secret, ErrGated, []string{"request it", "/org/name"}},
		{"gated, token and 401", 401, "GatedRepo", secret, ErrGated, []string{"request it"}},
		{"hidden or absent, no token", 401, "", "", ErrNoRepo, []string{"check the name", "private", "HF_TOKEN"}},
		{"absent, the hub says so", 401, "RepoNotFound", "", ErrNoRepo, []string{"check the name"}},
		{"token not accepted", 401, "", secret, ErrDenied, []string{"does not accept the token", "HF_TOKEN"}},
		{"token may not", 403, "", secret, ErrDenied, []string{"permission"}},
		{"wrong name", 404, "RepoNotFound", "", ErrNoRepo, []string{"check the name"}},
		{"wrong revision", 404, "RevisionNotFound", "", ErrNoRevision, []string{"main", "tree/main"}},
		{"teapot", 418, "", "", nil, []string{"418"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var clock patience
			h := newFakeHub(t, modelFiles()...)
			h.hub = always(tc.status, tc.code)
			c := h.client(func(o *Options) { o.Token, o.Sleep = NewToken(tc.token), clock.sleep })
			err := h.requireFails(c, h.repo(), tc.target)
			for _, text := range append(tc.advice, "org/name") {
				assert.ErrorContains(t, err, text)
			}
			assert.Empty(t, clock.waited(), "a refusal is final")
		})
	}
}

func TestE2GatedFilesOfAnOpenListing(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	h.gated = true
	c := h.client()
	err := h.requireFails(c, h.repo(), ErrGated)
	assert.ErrorContains(t, err, "accept its conditions")
	withToken := h.client(func(o *Options) { o.Token, o.CacheDir = NewToken(secret), c.o.CacheDir })
	dir, err := withToken.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(withToken, dir)
}

func TestE2WrongNameOrRevisionWithoutCodes(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool { // a mirror that gives bare 404s
		if r.URL.Path == "/api/models/org/name" {
			return false
		}
		refuse(w, 404, "")
		return true
	}
	err := h.requireFails(h.client(), Repo{ID: "org/name", Revision: "v9"}, ErrNoRevision)
	assert.ErrorContains(t, err, "v9")
	h.requireFails(h.client(), Repo{ID: "org/nome"}, ErrNoRepo)
}

func TestE2ListedFileIsGone(t *testing.T) {
	for _, code := range []string{"", "EntryNotFound"} {
		h := newFakeHub(t, modelFiles()...)
		h.hub = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/resolve/") && strings.HasSuffix(r.URL.Path, "config.json") {
				refuse(w, 404, code)
				return true
			}
			return false
		}
		err := h.requireFails(h.client(), h.repo(), ErrNoFile)
		assert.ErrorContains(t, err, "config.json")
	}
}

func TestE2TemporaryFailures(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header map[string]string
		wait   time.Duration // of the first retry; jitter is one half
	}{
		{"429 without Retry-After", 429, nil, 375 * time.Millisecond},
		{"429 with seconds", 429, map[string]string{"Retry-After": "7"}, 7500 * time.Millisecond},
		{"429 with a date", 429, map[string]string{"Retry-After": "Thu, 01 Jan 2026 00:00:20 GMT"}, 20500 * time.Millisecond},
		{"429 with a date gone by", 429, map[string]string{"Retry-After": "Thu, 01 Jan 2025 00:00:20 GMT"}, 375 * time.Millisecond},
		{"429 with nonsense", 429, map[string]string{"Retry-After": "soon"}, 375 * time.Millisecond},
		{"429 with RateLimit", 429, map[string]string{"RateLimit": `"api";r=0;t=55`}, 55500 * time.Millisecond},
		{"500", 500, nil, 375 * time.Millisecond},
		{"502", 502, nil, 375 * time.Millisecond},
		{"503 with seconds", 503, map[string]string{"Retry-After": "3"}, 3500 * time.Millisecond},
		{"504", 504, nil, 375 * time.Millisecond},
		{"408", 408, nil, 375 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var clock patience
			var mu sync.Mutex
			failed := map[string]int{}
			h := newFakeHub(t, modelFiles()...)
			fail := func(w http.ResponseWriter, r *http.Request) bool { // the first two requests of everything fail
				mu.Lock()
				defer mu.Unlock()
				if failed[r.URL.Path]++; failed[r.URL.Path] > 2 {
					return false
				}
				for k, v := range tc.header {
					w.Header().Set(k, v)
				}
				refuse(w, tc.status, "")
				return true
			}
			h.hub, h.cdn = fail, func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool { return fail(w, r) }
			var retries []Event
			c := h.client(func(o *Options) {
				o.Sleep, o.Now = clock.sleep, func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
				o.Progress = func(e Event) {
					if e.Kind == Retrying {
						retries = append(retries, e)
					}
				}
			})
			dir, err := c.Snapshot(t.Context(), h.repo(), everything)
			require.NoError(t, err)
			h.requireFetched(c, dir)
			require.NotEmpty(t, clock.waited())
			assert.Equal(t, tc.wait, clock.waited()[0])
			assert.Len(t, retries, len(clock.waited()), "every wait is told")

			h.bend(func() {
				h.hub = func(w http.ResponseWriter, _ *http.Request) bool { refuse(w, tc.status, ""); return true }
			})
			target := ErrUnreachable
			if tc.status == 429 {
				target = ErrRateLimited
			}
			err = h.requireFails(h.client(), h.repo(), target)
			assert.ErrorContains(t, err, "6 attempts")
		})
	}
}

func TestE2WaitTooLong(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	h.hub = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", "86400")
		refuse(w, 429, "")
		return true
	}
	var clock patience
	err := h.requireFails(h.client(func(o *Options) { o.Sleep = clock.sleep }), h.repo(), ErrRateLimited)
	assert.ErrorContains(t, err, "24h0m0s")
	assert.Empty(t, clock.waited())
}

func TestAskedWait(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`"api";r=0;t=55`: 55 * time.Second, `"api";r=10;t=55`: 0, `"pages";r=3;t=9, "api";r=0;t=4`: 4 * time.Second,
		`r=0;t=-1`: 0, `r=0;t=NaN`: 0, `r=0`: 0, ``: 0, `;;;,=,`: 0, `"api";r=0;t=1e300`: 1e6 * time.Second,
	} {
		assert.Equal(t, want, askedWait(http.Header{"Ratelimit": {text}}, time.Now()), text)
	}
}

func TestBackoffGrowsToACap(t *testing.T) {
	for _, r := range []float64{0, 0.5, 0.999} {
		c, err := New(Options{CacheDir: "x", Random: func() float64 { return r }})
		require.NoError(t, err)
		for failures := 1; failures < 200; failures++ {
			full := longest
			if failures < 7 {
				full = firstWait << (failures - 1)
			}
			got := c.backoff(failures, 0)
			assert.GreaterOrEqual(t, got, full/2)
			assert.LessOrEqual(t, got, full)
		}
		assert.GreaterOrEqual(t, c.backoff(1, 5*time.Second), 5*time.Second, "never earlier than asked")
	}
}

// bodies of the content network that are not what they should be; each returns after at most one response.
func TestE3WrongBodies(t *testing.T) {
	data := noise(100_000, 8)
	hijack := func(w http.ResponseWriter, head string, body []byte) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = conn.Write(append([]byte(head), body...)) // the client may have hung up; that is its right
			_ = conn.Close()
		}
	}
	length := func(n int) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(n) + "\r\n\r\n" }
	for _, tc := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		target error
		says   string
	}{
		{"shorter than Content-Length", func(w http.ResponseWriter, _ *http.Request) { hijack(w, length(len(data)), data[:10]) }, ErrTruncated, "of 100000 bytes"},
		{"nothing after the headers", func(w http.ResponseWriter, _ *http.Request) { hijack(w, length(len(data)), nil) }, ErrTruncated, ""},
		{"Content-Length itself too short", func(w http.ResponseWriter, _ *http.Request) { hijack(w, length(10), data[:10]) }, ErrMismatch, "10 bytes instead of"},
		{"Content-Length too long", func(w http.ResponseWriter, _ *http.Request) { hijack(w, length(len(data)+1), append(data, 0)) }, ErrMismatch, "100001 bytes instead of"},
		{"too long without a length", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", append(data, 0))
		}, ErrMismatch, "longer than announced"},
		{"too short without a length", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", data[:10])
		}, ErrTruncated, ""},
		{"chunks cut off", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", []byte("a\r\n0123456789\r\n"))
		}, nil, ""},
		{"not HTTP", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "SSH-2.0-x\r\n", nil) }, ErrUnreachable, ""},
		{"closed without an answer", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "", nil) }, ErrUnreachable, ""},
		{"compressed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(data)
		}, ErrMismatch, "compresses"},
		{"a log-in page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!DOCTYPE html><p>Welcome to the hotel") }, ErrMismatch, "HTML page"},
		{"an LFS pointer", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
		}, ErrMismatch, "Git LFS pointer"},
		{"a signature that expired", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "") }, nil, "403"},
		{"206 to a request without Range", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-9/100000")
			w.WriteHeader(206)
			_, _ = w.Write(data[:10])
		}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newFakeHub(t, fakeFile{"model.safetensors", data, true})
			broken := 1 << 30
			h.cdn = func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool {
				if broken--; broken < 0 {
					return false
				}
				tc.answer(w, r)
				return true
			}
			c := h.client(func(o *Options) { o.Token = NewToken(secret) })
			err := h.requireFails(c, h.repo(), tc.target)
			assert.ErrorContains(t, err, tc.says)
			assert.ErrorContains(t, err, "model.safetensors")

			h.bend(func() { broken = 2 })
			dir, err := c.Snapshot(t.Context(), h.repo(), everything)
			require.NoError(t, err, "two bad answers are survived")
			h.requireFetched(c, dir)
		})
	}
}

// pipes is a network of synchronous pipes inside one process, so that a test's fake time rules over it.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inFakeTime serves handler over pipes within a synctest bubble and gives a transport to it.
func inFakeTime(t *testing.T, handler http.HandlerFunc, f func(t *testing.T, rt http.RoundTripper)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: handler}
		stopped := make(chan error)
		go func() { stopped <- server.Serve(p) }()
		rt := &http.Transport{DialContext: p.dial}
		f(t, rt)
		rt.CloseIdleConnections()
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-stopped, http.ErrServerClosed)
	})
}

func TestE3OneBytePerSecond(t *testing.T) {
	data := noise(4000, 11)
	file := fakeFile{"x", data, true}
	inFakeTime(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		for i := range data {
			time.Sleep(time.Second)
			if _, err := w.Write(data[i : i+1]); err != nil {
				t.Error("the client gave up")
				return
			}
			w.(http.Flusher).Flush()
		}
	}, func(t *testing.T, rt http.RoundTripper) {
		c, err := New(Options{CacheDir: t.TempDir(), Transport: rt, IdleTimeout: 2 * time.Second, HeaderTimeout: 2 * time.Second, Retries: -1})
		require.NoError(t, err)
		to := filepath.Join(t.TempDir(), "x")
		began := time.Now()
		err = c.Download(t.Context(), "http://slow.example/x", File{Size: 4000, Digest: file.digest()}, to)
		require.NoError(t, err)
		assert.Greater(t, time.Since(began), time.Hour, "no limit on the whole")
		got, err := os.ReadFile(to)
		require.NoError(t, err)
		assert.Equal(t, data, got)
	})
}

func TestE3SlowListing(t *testing.T) {
	inFakeTime(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"sha":"` + testCommit + `"}`
		if strings.Contains(r.URL.Path, "/tree/") {
			body = `[{"type":"file","path":"config.json","size":2,"oid":"` + strings.Repeat("a", 40) + `"}]`
		}
		for i := range body {
			time.Sleep(time.Second)
			_, _ = io.WriteString(w, body[i:i+1]) // a client that gave up says so itself
			w.(http.Flusher).Flush()
		}
	}, func(t *testing.T, rt http.RoundTripper) {
		c, err := New(Options{Endpoint: "http://slow.example", CacheDir: t.TempDir(), Transport: rt, Retries: -1})
		require.NoError(t, err)
		began := time.Now()
		l, err := c.List(t.Context(), Repo{ID: "org/name"})
		require.NoError(t, err)
		assert.Len(t, l.Files, 1)
		assert.Greater(t, time.Since(began), 2*time.Minute)
	})
}

func TestE3Stalls(t *testing.T) {
	data := noise(4000, 11)
	file := fakeFile{"x", data, true}
	for _, at := range []int{-1, 0, 1, 3999} { // -1: before the headers
		var spans []string
		inFakeTime(t, func(w http.ResponseWriter, r *http.Request) {
			spans = append(spans, r.Header.Get("Range"))
			if len(spans) > 2 { // the third attempt is well served
				http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
				return
			}
			if at >= 0 {
				w.Header().Set("Content-Length", strconv.Itoa(len(data)))
				w.WriteHeader(200)
				_, _ = w.Write(data[:at])
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}, func(t *testing.T, rt http.RoundTripper) {
			var reasons []error
			c, err := New(Options{CacheDir: t.TempDir(), Transport: rt, Progress: func(e Event) {
				if e.Kind == Retrying {
					reasons = append(reasons, e.Err)
				}
			}})
			require.NoError(t, err)
			to := filepath.Join(t.TempDir(), "x")
			began := time.Now()
			err = c.Download(t.Context(), "http://slow.example/x", File{Size: 4000, Digest: file.digest()}, to)
			require.NoError(t, err)
			assert.Less(t, time.Since(began), 30*time.Second)
			require.Len(t, reasons, 2)
			for _, err := range reasons {
				assert.ErrorIs(t, err, ErrStalled)
			}
			got, err := os.ReadFile(to)
			require.NoError(t, err)
			assert.Equal(t, data, got)
			if at > 0 {
				assert.Equal(t, fmt.Sprintf("bytes=%d-", at), spans[1], "it continues where it stalled")
			}
		})
	}
}

func TestE4WrongBytesOfTheRightSize(t *testing.T) {
	for _, lfs := range []bool{true, false} {
		h := newFakeHub(t, fakeFile{"model.safetensors", noise(50_000, 12), lfs})
		wrong := func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/api/") || lfs && strings.Contains(r.URL.Path, "/resolve/") {
				return false
			}
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(noise(50_000, 13))))
			return true
		}
		h.hub, h.cdn = wrong, func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool { return wrong(w, r) }
		c := h.client()
		err := h.requireFails(c, h.repo(), ErrMismatch)
		assert.ErrorContains(t, err, h.files[0].digest().Hex())
		left, globErr := filepath.Glob(filepath.Join(c.o.CacheDir, "*", "blobs", "*"))
		require.NoError(t, globErr)
		assert.Empty(t, left, "wrong bytes are not kept")
		h.bend(func() { h.hub, h.cdn = nil, nil })
		dir, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(c, dir)
	}
}

func TestE4TheHubAnnouncesAnotherFile(t *testing.T) {
	for name, header := range map[string][2]string{
		"commit": {"X-Repo-Commit", strings.Repeat("1", 40)}, "size": {"X-Linked-Size", "17"},
		"digest": {"X-Linked-Etag", `"` + strings.Repeat("0", 64) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t, fakeFile{"model.safetensors", noise(50_000, 12), true})
			h.hub = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "/resolve/") {
					return false
				}
				w.Header().Set(header[0], header[1])
				http.Redirect(w, r, h.edge.URL+"/blob/"+h.files[0].digest().Hex()+"?Signature=signed", http.StatusFound)
				return true
			}
			h.requireFails(h.client(), h.repo(), ErrMismatch)
			assert.Zero(t, h.count("edge", ""))
		})
	}
}

func TestE9OfflineOpensNoSocket(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	forbidden := roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request to %s", r.URL)
		return nil, errors.New("forbidden")
	})
	env := map[string]string{"HF_HUB_CACHE": t.TempDir(), "TRANSFORMERS_OFFLINE": "yes", "HF_ENDPOINT": h.server.URL}
	o, err := FromEnv(func(name string) string { return env[name] })
	require.NoError(t, err)
	o.Transport = forbidden
	c, err := New(o)
	require.NoError(t, err)
	calls := func(target error) {
		_, err := c.List(t.Context(), h.repo())
		assert.ErrorIs(t, err, target)
		_, err = c.Snapshot(t.Context(), h.repo(), everything)
		assert.ErrorIs(t, err, target)
		_, err = c.FetchModel(t.Context(), h.repo())
		assert.ErrorIs(t, err, target)
		_, err = c.File(t.Context(), h.repo(), "config.json")
		assert.ErrorIs(t, err, target)
	}
	calls(ErrOffline)
	_, ok := c.Cached(h.repo())
	assert.False(t, ok)
	err = c.Download(t.Context(), h.server.URL+"/x", File{Size: 1, Digest: h.files[0].digest()}, filepath.Join(t.TempDir(), "x"))
	require.ErrorIs(t, err, ErrOffline)
	_, err = c.send(t.Context(), &request{home: c.endpoint}, c.endpoint)
	require.ErrorIs(t, err, ErrOffline, "the one place where sockets are opened")

	// A model that was fetched with one shard missing is told from a complete one.
	root := pythonCache(t, c.o.CacheDir, h.files)
	calls(nil)
	require.NoError(t, os.Remove(filepath.Join(root, "snapshots", testCommit, "model-00002-of-00002.safetensors")))
	_, err = c.FetchModel(t.Context(), h.repo())
	require.ErrorIs(t, err, ErrIncomplete)
	assert.ErrorContains(t, err, "model-00002-of-00002.safetensors")
	_, err = c.File(t.Context(), h.repo(), "generation_config.json.absent")
	require.ErrorIs(t, err, ErrIncomplete)
	assert.Empty(t, h.requests())
}

func TestOfflineWithStoredListing(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	_, err := c.Snapshot(t.Context(), h.repo(), func(p string) bool { return p == "config.json" })
	require.NoError(t, err)
	off := h.client(func(o *Options) { o.Offline, o.CacheDir = true, c.o.CacheDir })
	_, err = off.Snapshot(t.Context(), h.repo(), everything)
	require.ErrorIs(t, err, ErrIncomplete, "the listing of the commit is known, so is what lacks")
	_, err = off.File(t.Context(), h.repo(), "config.json")
	require.NoError(t, err)
	_, err = off.File(t.Context(), h.repo(), "absent.json")
	require.ErrorIs(t, err, ErrNoFile)
}
