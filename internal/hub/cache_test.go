package hub

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshotWritesThePythonLayout(t *testing.T) {
	for _, kind := range []Kind{Model, Dataset} {
		h := newFakeHub(t, modelFiles()...)
		h.kind, h.page = kind, 2
		c := h.client(func(o *Options) { o.Token = NewToken(secret) })
		dir, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(c, dir)

		root := filepath.Join(c.o.CacheDir, string(kind)+"s--org--name")
		assert.Equal(t, filepath.Join(root, "snapshots", testCommit), dir)
		ref, err := os.ReadFile(filepath.Join(root, "refs", "main"))
		require.NoError(t, err)
		assert.Equal(t, testCommit, string(ref), "without a line end, as the Python client writes it")
		for _, f := range h.files {
			target, err := os.Readlink(filepath.Join(dir, filepath.FromSlash(f.path)))
			require.NoError(t, err)
			up := strings.Repeat("../", 2+strings.Count(f.path, "/"))
			assert.Equal(t, up+"blobs/"+f.digest().Hex(), filepath.ToSlash(target))
		}
		cached, ok := c.Cached(h.repo())
		assert.True(t, ok)
		assert.Equal(t, dir, cached)
		for _, r := range h.requests() {
			if r.host == "hub" {
				assert.Equal(t, "Bearer "+secret, r.auth)
			}
		}

		before := len(h.requests())
		again, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		assert.Equal(t, dir, again)
		assert.Len(t, h.requests(), before+1, "a second call asks for the revision only")
		_, err = c.Snapshot(t.Context(), Repo{Kind: kind, ID: h.id, Revision: testCommit}, everything)
		require.NoError(t, err)
		assert.Len(t, h.requests(), before+1, "and with a commit for nothing")
	}
}

func TestRevisionsWithSlashes(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	h.refs = map[string]string{"refs/pr/1": testCommit}
	c := h.client()
	repo := Repo{ID: h.id, Revision: "refs/pr/1"}
	dir, err := c.Snapshot(t.Context(), repo, everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Equal(t, 1, h.count("hub", "/revision/refs%2Fpr%2F1"))
	assert.FileExists(t, filepath.Join(c.o.CacheDir, "models--org--name", "refs", "refs", "pr", "1"))
	_, ok := c.Cached(Repo{ID: h.id})
	assert.False(t, ok, "main was never fetched")
}

func TestMovedRevisionFetchesOnlyWhatChanged(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	_, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	moved := strings.Repeat("9", 40)
	edge := h.count("edge", "")
	h.bend(func() {
		h.refs["main"] = moved
		h.files[0].data = []byte(`{"model_type":"llama","v":2}`)
	})
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, moved, filepath.Base(dir))
	assert.Equal(t, edge, h.count("edge", ""), "no weights again")
	got, err := os.ReadFile(filepath.Join(dir, "config.json"))
	require.NoError(t, err)
	assert.Equal(t, h.files[0].data, got)
}

// pythonCache lays out a cache exactly as huggingface_hub does, with what it leaves lying around.
func pythonCache(t *testing.T, cache string, files []fakeFile) string {
	t.Helper()
	root := filepath.Join(cache, "models--org--name")
	write := func(path string, data []byte) {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	for _, f := range files {
		write(filepath.Join(root, "blobs", f.digest().Hex()), f.data)
		pointer := filepath.Join(root, "snapshots", testCommit, filepath.FromSlash(f.path))
		require.NoError(t, os.MkdirAll(filepath.Dir(pointer), 0o755))
		target, err := filepath.Rel(filepath.Dir(pointer), filepath.Join(root, "blobs", f.digest().Hex()))
		require.NoError(t, err)
		require.NoError(t, os.Symlink(target, pointer))
	}
	write(filepath.Join(root, "refs", "main"), []byte(testCommit))
	write(filepath.Join(root, ".no_exist", testCommit, "adapter_config.json"), nil)
	write(filepath.Join(root, "blobs", strings.Repeat("a", 64)+".incomplete"), []byte("of the Python client"))
	write(filepath.Join(cache, ".locks", "models--org--name", "x.lock"), nil)
	write(filepath.Join(cache, "version.txt"), []byte("1"))
	return root
}

func TestPythonCacheIsFound(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	root := pythonCache(t, c.o.CacheDir, h.files)
	dir, ok := c.Cached(h.repo())
	require.True(t, ok)
	assert.Equal(t, filepath.Join(root, "snapshots", testCommit), dir)

	offline := h.client(func(o *Options) { o.CacheDir, o.Offline = c.o.CacheDir, true })
	got, err := offline.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, dir, got)
	got, err = offline.FetchModel(t.Context(), h.repo())
	require.NoError(t, err)
	assert.Equal(t, dir, got)
	local, err := offline.File(t.Context(), h.repo(), "sub/folder/tokenizer.model")
	require.NoError(t, err)
	assert.FileExists(t, local)
	assert.Empty(t, h.requests())

	got, err = c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, dir, got)
	assert.Zero(t, h.count("hub", "/resolve/")+h.count("edge", ""), "nothing is downloaded again")
	assert.FileExists(t, filepath.Join(root, "blobs", strings.Repeat("a", 64)+".incomplete"), "partial files of others stay")
	assert.FileExists(t, filepath.Join(root, ".no_exist", testCommit, "adapter_config.json"))
}

func TestPythonCacheWithoutLinksIsFound(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client(func(o *Options) { o.NoSymlinks = true })
	root := filepath.Join(c.o.CacheDir, "models--org--name")
	for _, f := range h.files {
		path := filepath.Join(root, "snapshots", testCommit, filepath.FromSlash(f.path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.data, 0o644))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(root, "refs"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "refs", "main"), []byte(testCommit), 0o644))
	offline := h.client(func(o *Options) { o.CacheDir, o.Offline = c.o.CacheDir, true })
	_, err := offline.FetchModel(t.Context(), h.repo())
	require.NoError(t, err)
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Zero(t, h.count("hub", "/resolve/")+h.count("edge", ""))

	// Now that the listing is known, damage shows offline too.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model-00001-of-00002.safetensors"), noise(300_000, 9), 0o644))
	_, err = offline.FetchModel(t.Context(), h.repo())
	require.ErrorIs(t, err, ErrIncomplete)
	dir, err = c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
}

func TestNoSymlinksMakesPlainFiles(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client(func(o *Options) { o.NoSymlinks = true })
	for range 2 {
		dir, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		h.requireFetched(c, dir)
		for _, f := range h.files {
			assert.True(t, isPlain(filepath.Join(dir, filepath.FromSlash(f.path))))
		}
	}
	links, err := filepath.Glob(filepath.Join(c.o.CacheDir, "*", ".swallow", "link-*"))
	require.NoError(t, err)
	assert.Empty(t, links)
}

func TestCopyIsVerified(t *testing.T) {
	f := fakeFile{"a.safetensors", noise(1000, 4), true}
	s := &repoCache{dir: t.TempDir()}
	file := File{Path: f.path, Size: 1000, Digest: f.digest()}
	require.NoError(t, os.MkdirAll(s.in("blobs"), 0o755))
	require.NoError(t, os.WriteFile(s.blob(file.Digest), f.data, 0o644))
	require.NoError(t, s.copy(t.Context(), s.blob(file.Digest), s.in("there"), file))
	got, err := os.ReadFile(s.in("there"))
	require.NoError(t, err)
	assert.Equal(t, f.data, got)
	require.NoError(t, os.WriteFile(s.blob(file.Digest), noise(1000, 5), 0o644))
	require.ErrorIs(t, s.copy(t.Context(), s.blob(file.Digest), s.in("other"), file), ErrMismatch)
	assert.NoFileExists(t, s.in("other"))
}

func TestDamagedBlobs(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)-1] },
		"flipped":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"empty":     func([]byte) []byte { return nil },
		"longer":    func(b []byte) []byte { return append(b, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t, modelFiles()...)
			c := h.client()
			damaged := make([]fakeFile, len(h.files))
			copy(damaged, h.files)
			root := pythonCache(t, c.o.CacheDir, damaged)
			blob := filepath.Join(root, "blobs", h.files[3].digest().Hex())
			require.NoError(t, os.WriteFile(blob, damage(append([]byte{}, h.files[3].data...)), 0o644))

			offline := h.client(func(o *Options) { o.CacheDir, o.Offline = c.o.CacheDir, true })
			_, err := offline.Snapshot(t.Context(), h.repo(), everything)
			require.ErrorIs(t, err, ErrMismatch)
			assert.ErrorContains(t, err, "model-00001-of-00002.safetensors")
			assert.FileExists(t, blob, "offline nothing is repaired or removed")

			// While the hub fails, no snapshot may go on showing the damaged file.
			h.bend(func() {
				h.cdn = func(w http.ResponseWriter, _ *http.Request, _ fakeFile) bool { refuse(w, 500, ""); return true }
			})
			_, err = c.Snapshot(t.Context(), h.repo(), everything)
			require.ErrorIs(t, err, ErrUnreachable)
			h.requireSound(c)
			h.bend(func() { h.cdn = nil })
			dir, err := c.Snapshot(t.Context(), h.repo(), everything)
			require.NoError(t, err)
			require.NoError(t, os.Remove(filepath.Join(root, "blobs", strings.Repeat("a", 64)+".incomplete")))
			h.requireFetched(c, dir)
		})
	}
}

func TestVerifiedOnceUntilChanged(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	hashed := map[string]int{}
	c := h.client(func(o *Options) {
		o.Progress = func(e Event) {
			if e.Kind == Verifying {
				hashed[e.Path]++
			}
		}
	})
	root := pythonCache(t, c.o.CacheDir, h.files)
	for range 2 {
		_, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
	}
	assert.Len(t, hashed, len(h.files))
	for path, n := range hashed {
		assert.Equal(t, 1, n, path)
	}
	blob := filepath.Join(root, "blobs", h.files[3].digest().Hex())
	later := time.Now().Add(time.Minute)
	require.NoError(t, os.Chtimes(blob, later, later))
	_, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, 2, hashed[h.files[3].path], "a touched file is hashed anew")
	if runtime.GOOS == "windows" {
		return
	}
	require.NoError(t, os.Chmod(c.o.CacheDir, 0o777))
	_, err = c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.Equal(t, 3, hashed[h.files[3].path], "marks in a folder that everybody may write are not believed")
}

func TestEqualFilesAreFetchedOnce(t *testing.T) {
	data := noise(10_000, 6)
	h := newFakeHub(t, fakeFile{"a.safetensors", data, true}, fakeFile{"b.safetensors", data, true}, fakeFile{"c/d.safetensors", data, true})
	c := h.client()
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Equal(t, 1, h.count("edge", ""))
}

func TestLinksThatLeadOutside(t *testing.T) { // D7
	for _, target := range []string{"/etc/passwd", "../../../other/blobs/" + strings.Repeat("a", 64), "../../refs/main", "config.json"} {
		h := newFakeHub(t, modelFiles()...)
		c := h.client()
		root := pythonCache(t, c.o.CacheDir, h.files)
		pointer := filepath.Join(root, "snapshots", testCommit, "config.json")
		require.NoError(t, os.Remove(pointer))
		require.NoError(t, os.Symlink(target, pointer))
		offline := h.client(func(o *Options) { o.CacheDir, o.Offline = c.o.CacheDir, true })
		_, err := offline.Snapshot(t.Context(), h.repo(), everything)
		require.ErrorIs(t, err, ErrMismatch, target)
		dir, err := c.Snapshot(t.Context(), h.repo(), everything)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, "config.json"))
		require.NoError(t, err)
		assert.Equal(t, h.files[0].data, got, "online the link is set right")
	}
}

func TestCacheMayBeALinkAndBelongToOthers(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	real := t.TempDir()
	link := filepath.Join(t.TempDir(), "hub")
	require.NoError(t, os.Symlink(real, link))
	c := h.client(func(o *Options) { o.CacheDir = link })
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)

	for _, tc := range []struct {
		name             string
		o                owner
		hostile, private bool
	}{
		{"own", owner{1000, 1000, 0o755}, false, true},
		{"own, group writes", owner{1000, 1000, 0o775}, false, true},
		{"own, everybody writes", owner{1000, 1000, 0o777}, false, false},
		{"root's", owner{0, 1000, 0o755}, false, true},
		{"root's /tmp", owner{0, 1000, os.ModeSticky | 0o777}, false, true},
		{"shared by a colleague", owner{1001, 1000, 0o775}, false, false},
		{"anybody's", owner{1001, 1000, 0o777}, true, false},
		{"anybody's, and we are root", owner{1001, 0, 0o777}, true, false},
		{"foreign with sticky bit", owner{1001, 1000, os.ModeSticky | 0o777}, false, false},
	} {
		assert.Equal(t, tc.hostile, tc.o.hostile(), tc.name)
		assert.Equal(t, tc.private, tc.o.private(), tc.name)
	}
	if os.Getuid() != 0 {
		t.Log("only root can give a folder away; the rest was checked")
		return
	}
	blobs := filepath.Join(real, "models--org--name", "blobs")
	require.NoError(t, os.Chmod(blobs, 0o777))
	require.NoError(t, os.Chown(blobs, 12345, 12345))
	_, err = c.Snapshot(t.Context(), h.repo(), everything)
	require.ErrorIs(t, err, ErrForeignCache)
	assert.ErrorContains(t, err, "HF_HUB_CACHE")
	_, ok := c.Cached(h.repo())
	assert.False(t, ok)
}

func TestFileNotInCommit(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	_, err := c.File(t.Context(), h.repo(), "nope.json")
	require.ErrorIs(t, err, ErrNoFile)
	assert.ErrorContains(t, err, "nope.json")
	_, err = c.File(t.Context(), h.repo(), "../nope.json")
	require.ErrorIs(t, err, ErrName)
	// Of several the one that lacks is named, and none is fetched.
	_, err = c.Files(t.Context(), h.repo(), "config.json", "nope.json")
	require.ErrorIs(t, err, ErrNoFile)
	assert.ErrorContains(t, err, "nope.json")
	_, ok := c.Cached(h.repo())
	assert.False(t, ok)
	assert.Zero(t, h.count("hub", "/resolve/"))
	path, err := c.File(t.Context(), h.repo(), "config.json")
	require.NoError(t, err)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, h.files[0].data, got)
	_, err = c.Snapshot(t.Context(), h.repo(), func(string) bool { return false })
	require.ErrorIs(t, err, ErrNoFile)
}

func TestReadOnlyCacheServes(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client()
	root := pythonCache(t, c.o.CacheDir, h.files)
	require.NoError(t, os.Chmod(root, 0o555))
	t.Cleanup(func() { require.NoError(t, os.Chmod(root, 0o755)) })
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	assert.DirExists(t, dir)
}
