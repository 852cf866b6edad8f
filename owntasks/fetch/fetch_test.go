package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/owntasks"
)

const (
	commit  = "0123456789abcdef0123456789abcdef01234567"
	address = "https://data.example/files/rows.jsonl"
	inHub   = "data/test.jsonl"
)

// network serves one address and one repository of the hub, and remembers what it was asked for.
type network struct {
	content map[string][]byte // by address, and of the hub by path
	asked   []string
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.asked = append(n.asked, r.URL.String())
	w := httptest.NewRecorder()
	content, ok := n.content[r.URL.String()]
	rest := strings.TrimPrefix(r.URL.Path, "/")
	switch {
	case ok:
	case strings.HasPrefix(rest, "api/datasets/org/qa/revision/"):
		content, ok = []byte(fmt.Sprintf(`{"sha":%q}`, commit)), true
	case strings.HasPrefix(rest, "api/datasets/org/qa/tree/"):
		content, ok = []byte(fmt.Sprintf(`[{"type":"file","path":%q,"size":%d,"lfs":{"oid":%q,"size":%d}}]`, inHub, len(n.content[inHub]), digest(n.content[inHub]), len(n.content[inHub]))), true
	case rest == "datasets/org/qa/resolve/"+commit+"/"+inHub:
		content, ok = n.content[inHub], true
		w.Header().Set("X-Repo-Commit", commit)
	}
	if ok {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	} else {
		http.NotFound(w, r)
	}
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// own is a task file whose data lie where data says.
func own(t *testing.T, name, data string) owntasks.File {
	t.Helper()
	o, err := owntasks.From(name+".yaml", []byte("task: "+name+"\ntest_split: test\ndata: {test: "+data+"}\ndoc_to_text: \"{{q}}\"\ndoc_to_target: \"{{a}}\"\noutput_type: generate_until\n"))
	require.NoError(t, err)
	return o
}

// fetcher fetches over the network into folders of the test, which it returns.
func fetcher(t *testing.T, n *network, pinning bool) (f Fetcher, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "own")
	client, err := hub.New(hub.Options{CacheDir: t.TempDir(), Retries: -1, Transport: n})
	require.NoError(t, err)
	return Fetcher{
		Client: func() (*hub.Client, error) { return client, nil }, Folder: func() (string, error) { return folder, nil }, Pinning: pinning,
	}, folder
}

// TestDataBesideTheFileAskNobody: no client is made, no folder.
func TestDataBesideTheFileAskNobody(t *testing.T) {
	places, err := Fetcher{}.Fetch(t.Context(), []owntasks.File{own(t, "near", "rows.jsonl")})
	require.NoError(t, err)
	assert.Empty(t, places)
}

// TestWhatNothingFixesIsRefused before anything is asked for, with the place in the file.
func TestWhatNothingFixesIsRefused(t *testing.T) {
	n := &network{content: map[string][]byte{address: []byte("{}\n")}}
	f, _ := fetcher(t, n, false)
	for data, lacks := range map[string]string{
		address:                              "sha256",
		"{hub: org/qa, file: " + inHub + "}": "a commit as revision",
		"{hub: org/qa, file: " + inHub + ", revision: main}":           "a commit as revision",
		"{hub: org/qa, file: " + inHub + ", revision: " + commit + "}": "sha256",
	} {
		_, err := f.Fetch(t.Context(), []owntasks.File{own(t, "far", data)})
		require.ErrorContains(t, err, "far.yaml:3: data.test: ")
		assert.ErrorContains(t, err, "comes over the network and has not "+lacks+": swallow-eval task pin far.yaml writes it")
	}
	assert.Empty(t, n.asked)
}

// TestAnAddress: the file has its digest for a name, is fetched once, and is none where its bytes are others.
func TestAnAddress(t *testing.T) {
	content := []byte("{\"q\":\"1\",\"a\":\"2\"}\n")
	n := &network{content: map[string][]byte{address: content}}
	f, folder := fetcher(t, n, false)
	file := own(t, "far", "{url: "+address+", sha256: "+digest(content)+"}")
	for range 2 {
		places, err := f.Fetch(t.Context(), []owntasks.File{file})
		require.NoError(t, err)
		task := file.Tasks[0]
		place := places[task.Spec().Dataset][task.Data["test"].Name()]
		assert.Equal(t, filepath.Join(folder, digest(content)+".jsonl"), place.Path)
		assert.Empty(t, place.Commit)
		got, err := os.ReadFile(place.Path)
		require.NoError(t, err)
		assert.Equal(t, content, got)
	}
	assert.Equal(t, []string{address}, n.asked)

	n.content[address] = []byte("{\"q\":\"1\",\"a\":\"3\"}\n")
	f, folder = fetcher(t, n, false)
	_, err := f.Fetch(t.Context(), []owntasks.File{file})
	require.ErrorContains(t, err, "far.yaml:3: data.test: ")
	assert.NoFileExists(t, filepath.Join(folder, digest(content)+".jsonl"))
}

// TestTheHub: the file lies in the hub's cache under its commit.
func TestTheHub(t *testing.T) {
	content := []byte("{}\n")
	n := &network{content: map[string][]byte{inHub: content}}
	f, folder := fetcher(t, n, false)
	file := own(t, "far", "{hub: org/qa, file: "+inHub+", revision: "+commit+", sha256: "+digest(content)+"}")
	places, err := f.Fetch(t.Context(), []owntasks.File{file})
	require.NoError(t, err)
	place := places[file.Tasks[0].Spec().Dataset][file.Tasks[0].Data["test"].Name()]
	assert.Equal(t, commit, place.Commit)
	got, err := os.ReadFile(place.Path)
	require.NoError(t, err)
	assert.Equal(t, content, got)
	assert.NoDirExists(t, folder, "the hub has its own cache")

	delete(n.content, inHub)
	f, _ = fetcher(t, n, false)
	missing := own(t, "far", "{hub: org/qa, file: data/none.jsonl, revision: "+commit+", sha256: "+digest(content)+"}")
	_, err = f.Fetch(t.Context(), []owntasks.File{missing})
	assert.ErrorContains(t, err, "far.yaml:3: data.test: ")
}

// TestPinning fetches what nothing fixes yet, anew each time: what was there is not what is there.
func TestPinning(t *testing.T) {
	n := &network{content: map[string][]byte{address: []byte("first\n"), inHub: []byte("{}\n")}}
	f, folder := fetcher(t, n, true)
	files := []owntasks.File{own(t, "far", address), own(t, "hub", "{hub: org/qa, file: "+inHub+"}")}
	for _, content := range []string{"first\n", "second\n"} {
		n.content[address] = []byte(content)
		places, err := f.Fetch(t.Context(), files)
		require.NoError(t, err)
		require.Len(t, places, 2)
		place := places[files[0].Tasks[0].Spec().Dataset]["data.example/files/rows.jsonl"]
		assert.Equal(t, folder, filepath.Dir(place.Path))
		assert.Equal(t, ".jsonl", filepath.Ext(place.Path))
		got, err := os.ReadFile(place.Path)
		require.NoError(t, err)
		assert.Equal(t, content, string(got))
		assert.Equal(t, commit, places[files[1].Tasks[0].Spec().Dataset]["org/qa/"+inHub].Commit)
	}
}

// TestNoClientNoFolder: what cannot be had is an error with the place in the file.
func TestNoClientNoFolder(t *testing.T) {
	none := errors.New("none")
	file := own(t, "far", "{url: "+address+", sha256: "+digest(nil)+"}")
	f, _ := fetcher(t, &network{}, false)
	noFolder := f
	noFolder.Folder = func() (string, error) { return "", none }
	f.Client = func() (*hub.Client, error) { return nil, none }
	for _, broken := range []Fetcher{f, noFolder} {
		_, err := broken.Fetch(t.Context(), []owntasks.File{file})
		require.ErrorIs(t, err, none)
		assert.ErrorContains(t, err, "far.yaml:3: data.test: ")
	}
}
