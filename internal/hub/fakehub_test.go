package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	secret     = "hf_verySecretToken"
	testCommit = "0123456789abcdef0123456789abcdef01234567"
)

// fakeFile is a file of a fake repository.
type fakeFile struct {
	path string
	data []byte
	lfs  bool
}

func (f fakeFile) digest() Digest {
	d := Digest{kind: gitDigest}
	if f.lfs {
		d.kind = sha256Digest
	}
	h := d.newHash(int64(len(f.data)))
	h.Write(f.data)
	return d.sumOf(h)
}

// received is a request as a server saw it.
type received struct{ host, path, auth, span, ifRange string }

// fakeHub behaves like the hub and its content network: the routes, headers, redirects and error codes that the Python
// client relies on. A test bends it by setting hub or cdn, which return true for requests that they answered.
type fakeHub struct {
	t      *testing.T
	server *httptest.Server
	edge   *httptest.Server

	mu    sync.Mutex
	log   []received
	kind  Kind
	id    string
	refs  map[string]string // revision to commit
	files []fakeFile
	gated bool
	page  int // entries of the listing per page; 0 is all
	hub   func(http.ResponseWriter, *http.Request) bool
	cdn   func(http.ResponseWriter, *http.Request, fakeFile) bool
}

func newFakeHub(t *testing.T, files ...fakeFile) *fakeHub {
	t.Helper()
	h := &fakeHub{t: t, kind: Model, id: "org/name", refs: map[string]string{"main": testCommit}, files: files}
	h.server = httptest.NewUnstartedServer(http.HandlerFunc(h.serveHub))
	h.edge = httptest.NewUnstartedServer(http.HandlerFunc(h.serveEdge))
	h.edge.Start()
	h.server.Start()
	t.Cleanup(func() {
		h.server.Close()
		h.edge.Close()
		for _, r := range h.requests() {
			if r.host == "edge" {
				assert.Empty(t, r.auth, "the token reached the content network")
			}
		}
	})
	return h
}

func (h *fakeHub) bend(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

func (h *fakeHub) requests() []received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.log)
}

func (h *fakeHub) count(host, part string) int {
	n := 0
	for _, r := range h.requests() {
		if r.host == host && strings.Contains(r.path, part) {
			n++
		}
	}
	return n
}

func (h *fakeHub) note(host string, r *http.Request) {
	h.log = append(h.log, received{host, r.URL.EscapedPath(), r.Header.Get("Authorization"), r.Header.Get("Range"), r.Header.Get("If-Range")})
}

func refuse(w http.ResponseWriter, status int, code string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
	}
	http.Error(w, "no", status)
}

func (h *fakeHub) serveHub(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.note("hub", r)
	bent := h.hub
	h.mu.Unlock()
	if bent != nil && bent(w, r) {
		return
	}
	api, file := "/api/"+string(h.kind)+"s/", "/"
	if h.kind == Dataset {
		file = "/datasets/"
	}
	path := r.URL.EscapedPath()
	switch {
	case strings.HasPrefix(path, api):
		rest, ok := strings.CutPrefix(path, api+h.id)
		if !ok || rest != "" && rest[0] != '/' {
			refuse(w, 404, "RepoNotFound")
			return
		}
		if rest == "" {
			fmt.Fprintf(w, `{"id":%q}`, h.id)
			return
		}
		verb, revision, _ := strings.Cut(rest[1:], "/")
		h.api(w, r, verb, strings.ReplaceAll(revision, "%2F", "/"))
	case strings.HasPrefix(path, file+h.id+"/resolve/"):
		if h.gated && r.Header.Get("Authorization") == "" {
			refuse(w, 401, "GatedRepo")
			return
		}
		commit, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, file+h.id+"/resolve/"), "/")
		h.resolve(w, r, commit, name)
	default:
		refuse(w, 404, "RepoNotFound")
	}
}

func (h *fakeHub) commit(revision string) string {
	for _, commit := range h.refs {
		if commit == revision {
			return commit
		}
	}
	return h.refs[revision]
}

func (h *fakeHub) api(w http.ResponseWriter, r *http.Request, verb, revision string) {
	commit := h.commit(revision)
	if commit == "" {
		refuse(w, 404, "RevisionNotFound")
		return
	}
	if verb == "revision" {
		fmt.Fprintf(w, `{"id":%q,"sha":%q,"gated":%t}`, h.id, commit, h.gated)
		return
	}
	entries := []any{map[string]any{"type": "directory", "path": "sub", "oid": strings.Repeat("d", 40), "size": 0}}
	for _, f := range h.files {
		e := map[string]any{"type": "file", "path": f.path, "size": len(f.data), "oid": f.digest().Hex()}
		if f.lfs {
			e["oid"] = strings.Repeat("e", 40) // the blob id of the pointer
			e["lfs"] = map[string]any{"oid": f.digest().Hex(), "size": len(f.data), "pointerSize": 135}
			e["xetHash"] = strings.Repeat("f", 64)
		}
		entries = append(entries, e)
	}
	if h.page > 0 {
		from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		rest := entries[from:]
		if len(rest) > h.page {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?recursive=true&cursor=%d>; rel="next"`, h.server.URL, r.URL.EscapedPath(), from+h.page))
			rest = rest[:h.page]
		}
		entries = rest
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(entries); err != nil {
		h.t.Error(err)
	}
}

func (h *fakeHub) find(match func(fakeFile) bool) (fakeFile, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.files, match)
	if i < 0 {
		return fakeFile{}, false
	}
	return h.files[i], true
}

func (h *fakeHub) resolve(w http.ResponseWriter, r *http.Request, commit, name string) {
	f, ok := h.find(func(f fakeFile) bool { return f.path == name })
	if !ok || h.commit(commit) == "" {
		refuse(w, 404, "EntryNotFound")
		return
	}
	w.Header().Set("X-Repo-Commit", h.commit(commit))
	if f.lfs {
		w.Header().Set("X-Linked-Etag", `"`+f.digest().Hex()+`"`)
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(f.data)))
		http.Redirect(w, r, h.edge.URL+"/blob/"+f.digest().Hex()+"?Signature=signed", http.StatusFound)
		return
	}
	w.Header().Set("ETag", `"`+f.digest().Hex()+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

func (h *fakeHub) serveEdge(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.note("edge", r)
	bent := h.cdn
	h.mu.Unlock()
	f, ok := h.find(func(f fakeFile) bool { return f.lfs && strings.HasSuffix(r.URL.Path, f.digest().Hex()) })
	if bent != nil && bent(w, r, f) {
		return
	}
	if !ok || r.URL.Query().Get("Signature") != "signed" {
		refuse(w, 403, "")
		return
	}
	w.Header().Set("ETag", `"edge-`+f.digest().Hex()[:8]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

// patience is a clock that never waits and remembers what it was asked for.
type patience struct {
	mu    sync.Mutex
	waits []time.Duration
}

func (p *patience) sleep(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits = append(p.waits, d)
	return ctx.Err()
}

func (p *patience) waited() []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.waits)
}

// client is a client of the fake hub with a fresh cache; change adjusts its options.
func (h *fakeHub) client(change ...func(*Options)) *Client {
	h.t.Helper()
	o := Options{
		Endpoint: h.server.URL, CacheDir: filepath.Join(h.t.TempDir(), "hub"),
		Sleep: (&patience{}).sleep, Random: func() float64 { return 0.5 },
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(h.t, err)
	if wire, ok := c.wire.(*http.Transport); ok {
		// A spare connection on which nothing was ever asked would keep the server waiting at its end.
		h.t.Cleanup(wire.CloseIdleConnections)
	}
	return c
}

// repo names the fake repository.
func (h *fakeHub) repo() Repo { return Repo{Kind: h.kind, ID: h.id} }

func everything(string) bool { return true }

// requireSound is the property: whatever happened, every name below snapshots/ reads as one of the right files, and
// blobs hold what their names say.
func (h *fakeHub) requireSound(c *Client) {
	h.t.Helper()
	right := map[string][]byte{}
	for _, f := range h.files {
		right[f.path] = f.data
	}
	snapshots, _ := filepath.Glob(filepath.Join(c.o.CacheDir, "*", "snapshots", "*"))
	for _, root := range snapshots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			require.NoError(h.t, err)
			got, err := os.ReadFile(path)
			if os.IsNotExist(err) {
				return nil // names a blob that was found damaged and removed
			}
			require.NoError(h.t, err)
			want, ok := right[filepath.ToSlash(name)]
			require.True(h.t, ok, "%s is in no listing", name)
			require.True(h.t, bytes.Equal(want, got), "%s is wrong or partial: %d of %d bytes", name, len(got), len(want))
			return nil
		})
		require.NoError(h.t, err)
	}
	blobs, _ := filepath.Glob(filepath.Join(c.o.CacheDir, "*", "blobs", "*"))
	for _, path := range blobs {
		if strings.HasSuffix(path, partialSuffix) {
			continue
		}
		d, err := ParseETag(filepath.Base(path))
		require.NoError(h.t, err)
		data, err := os.ReadFile(path)
		require.NoError(h.t, err)
		sum := d.newHash(int64(len(data)))
		sum.Write(data)
		require.Equal(h.t, d, d.sumOf(sum), "blob")
	}
}

// requireFetched checks that dir holds all files of the fake repository and the cache is tidy.
func (h *fakeHub) requireFetched(c *Client, dir string) {
	h.t.Helper()
	for _, f := range h.files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.path)))
		require.NoError(h.t, err)
		require.True(h.t, bytes.Equal(f.data, got), f.path)
	}
	h.requireSound(c)
	left, _ := filepath.Glob(filepath.Join(c.o.CacheDir, "*", "blobs", "*"+partialSuffix))
	require.Empty(h.t, left, "partial files left behind")
}

// requireFails checks that a snapshot of the repository fails with that error in one line that names the repository,
// without leaking anything, and leaves the cache sound.
func (h *fakeHub) requireFails(c *Client, repo Repo, target error) error {
	h.t.Helper()
	_, err := c.Snapshot(h.t.Context(), repo, everything)
	require.Error(h.t, err)
	if target != nil {
		require.ErrorIs(h.t, err, target)
	}
	requireDiscreet(h.t, err)
	h.requireSound(c)
	_, ok := c.Cached(repo)
	require.False(h.t, ok && len(h.files) == 1, "a snapshot with nothing in it counts as cached")
	return err
}

func requireDiscreet(t *testing.T, err error) {
	t.Helper()
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
		require.NotContains(t, text, secret)
		require.NotContains(t, text, "Signature=")
	}
	require.NotContains(t, err.Error(), "\n")
}

// noise is data without structure, always the same for a seed.
func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 7}).Read(b) // never fails
	return b
}

// modelFiles is a small model as the hub lists it.
func modelFiles() []fakeFile {
	return []fakeFile{
		{"config.json", []byte(`{"model_type":"llama"}`), false},
		{"generation_config.json", []byte(`{}`), false},
		{"empty.txt", nil, false},
		{"model-00001-of-00002.safetensors", noise(300_000, 1), true},
		{"model-00002-of-00002.safetensors", noise(200_001, 2), true},
		{WeightsIndex, []byte(`{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`), false},
		{"sub/folder/tokenizer.model", noise(5_000, 3), true},
	}
}

func withRequest(ctx context.Context, r *request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}
