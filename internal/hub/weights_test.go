package hub

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestModelFiles(t *testing.T) {
	texts := []string{"config.json", "tokenizer.model", "tokenizer.json", "generation_config.json"}
	for _, tc := range []struct {
		name   string
		listed []string
		want   []string
		index  bool
		err    error
		says   string
	}{
		{"one file", append([]string{"model.safetensors", "pytorch_model.bin", "README.md", "onnx/model.onnx"}, texts...), append([]string{"model.safetensors"}, texts...), false, nil, ""},
		{"shards with index", append([]string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", WeightsIndex, "pytorch_model.bin.index.json"}, texts...), append([]string{WeightsIndex}, texts...), true, nil, ""},
		{"second copies stay away, and an adapter is for a step to refuse", []string{"config.json", "model.safetensors", "consolidated.safetensors", "adapter_model.safetensors", "original/model.safetensors"}, []string{"config.json", "model.safetensors"}, false, nil, ""},
		{"other names", []string{"config.json", "weights.safetensors"}, []string{"config.json", "weights.safetensors"}, false, nil, ""},
		{"only pickle", append([]string{"pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"}, texts...), nil, false, ErrUnsafeWeights, "running code"},
		{"pt", []string{"config.json", "model.PT"}, nil, false, ErrUnsafeWeights, "model.PT"},
		{"pth", []string{"config.json", "consolidated.00.pth"}, nil, false, ErrUnsafeWeights, "consolidated.00.pth"},
		{"no config", []string{"model.safetensors"}, nil, false, ErrNoFile, "config.json"},
		{"index without config", []string{WeightsIndex}, nil, false, ErrNoFile, "config.json"},
		{"a data set", []string{"train.jsonl", "README.md"}, nil, false, ErrNoFile, "neither"},
		{"nothing", nil, nil, false, ErrNoFile, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var listing []File
			for _, path := range tc.listed {
				listing = append(listing, File{Path: path})
			}
			got, index, err := ModelFiles(listing)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				assert.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			var paths []string
			for _, f := range got {
				paths = append(paths, f.Path)
			}
			assert.ElementsMatch(t, tc.want, paths)
			assert.Equal(t, tc.index, index)
		})
	}
}

func TestFetchModel(t *testing.T) {
	files := append(modelFiles(),
		fakeFile{"pytorch_model.bin", noise(1000, 50), true}, fakeFile{"model-00003-of-00002.safetensors", noise(1000, 51), true}, fakeFile{"README.md", []byte("#"), false})
	h := newFakeHub(t, files...)
	var complete int
	c := h.client(func(o *Options) {
		o.Progress = func(e Event) {
			if e.Kind == Complete {
				complete++
			}
		}
	})
	dir, err := c.FetchModel(t.Context(), h.repo())
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	assert.Equal(t, []string{"config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", WeightsIndex}, names)
	h.requireSound(c)
	assert.Equal(t, 1, complete)

	h.files[1].path = "pytorch_model-00001-of-00001.bin"
	h.files = h.files[:2]
	h.refs["main"] = strings.Repeat("8", 40)
	_, err = c.FetchModel(t.Context(), h.repo())
	require.ErrorIs(t, err, ErrUnsafeWeights)
	assert.ErrorContains(t, err, "org/name")
}

// TestFetchModelInSteps counts what is asked for until each check has its say.
func TestFetchModelInSteps(t *testing.T) {
	named := func(names ...string) func(string) bool {
		return func(path string) bool { return slices.Contains(names, path) }
	}
	stop := errors.New("of no use")
	for _, tc := range []struct {
		stop  int // the step whose check fails, -1 for none
		asked []string
	}{
		{0, []string{"config.json", "generation_config.json"}},
		{1, []string{"config.json", "generation_config.json", "tokenizer.json"}},
		{-1, []string{"config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", WeightsIndex, "tokenizer.json"}},
	} {
		h := newFakeHub(t, append(modelFiles(), fakeFile{"tokenizer.json", []byte(`{"model":{}}`), false})...)
		var shown []string
		c := h.client(func(o *Options) {
			o.Progress = func(e Event) {
				if e.Kind == Fetched {
					shown = append(shown, e.Path)
				}
			}
		})
		asked := func() []string {
			var paths []string
			for _, r := range h.requests() {
				if _, path, ok := strings.Cut(r.path, "/resolve/"+testCommit+"/"); ok && r.host == "hub" {
					paths = append(paths, path)
				}
			}
			slices.Sort(paths)
			return paths
		}
		checked := 0
		check := func(i int, files ...string) func(string) error {
			return func(dir string) error {
				checked++
				for _, f := range files {
					assert.FileExists(t, filepath.Join(dir, f))
				}
				if i == tc.stop {
					return stop
				}
				return nil
			}
		}
		_, err := c.FetchModel(t.Context(), h.repo(),
			Step{Want: named("config.json", "generation_config.json"), Check: check(0, "config.json")},
			Step{Want: named("tokenizer.json"), Check: check(1, "config.json", "tokenizer.json")},
			Step{Want: named("absent.json"), Check: check(2, "tokenizer.json")})
		assert.Equal(t, tc.asked, asked())
		if tc.stop >= 0 {
			require.ErrorIs(t, err, stop)
			assert.EqualError(t, err, "of no use")
			assert.Equal(t, tc.stop+1, checked)
			assert.Zero(t, h.count("edge", ""), "no byte of what is large")
			assert.Empty(t, shown)
			assert.NoFileExists(t, filepath.Join(c.o.CacheDir, "models--org--name", "refs", "main"))
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, 3, checked)
		assert.Len(t, shown, 6, "the display shows the whole model")
	}
	// The names of all files are looked at before any is fetched, and before it is said what the files are good for.
	for _, files := range [][]fakeFile{modelFiles(), {{"pytorch_model.bin", noise(100, 52), true}}} {
		h := newFakeHub(t, files...)
		c := h.client()
		look := Step{Want: everything, Check: func(string) error { t.Error("checked"); return nil }, Names: func(paths []string) error {
			assert.Len(t, paths, len(files))
			assert.Contains(t, paths, files[0].path)
			return stop
		}}
		_, err := c.FetchModel(t.Context(), h.repo(), look)
		require.ErrorIs(t, err, stop)
		assert.ErrorContains(t, err, "org/name")
		_, err = c.Snapshot(t.Context(), h.repo(), everything, look)
		require.ErrorIs(t, err, stop)
		assert.Zero(t, h.count("hub", "/resolve/"))
	}
	// Files that nobody lists are no step's, and a file that cannot be had is named.
	h := newFakeHub(t, modelFiles()...)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/config.json") {
			return false
		}
		refuse(w, 404, "EntryNotFound")
		return true
	}
	_, err := h.client().FetchModel(t.Context(), h.repo(), Step{Want: named("config.json"), Check: func(string) error { t.Error("checked"); return nil }})
	require.ErrorIs(t, err, ErrNoFile)
	assert.ErrorContains(t, err, "hub: org/name@main: config.json: ")
}

func TestA7HostileIndexes(t *testing.T) {
	for _, index := range []string{
		`{"weight_map":{"a":"../../../x.safetensors"}}`, `{"weight_map":{"a":"/etc/x.safetensors"}}`, `{"weight_map":{"a":"absent.safetensors"}}`,
		`{"weight_map":{"a":"pytorch_model.bin"}}`, `{"weight_map":{}}`, `{}`, `[]`, `not json`, `{"weight_map":{"a":1}}`,
	} {
		h := newFakeHub(t, fakeFile{"config.json", []byte("{}"), false}, fakeFile{"pytorch_model.bin", []byte("x"), true}, fakeFile{WeightsIndex, []byte(index), false})
		c := h.client()
		_, err := c.FetchModel(t.Context(), h.repo())
		require.ErrorContains(t, err, WeightsIndex, index)
		assert.NotContains(t, err.Error(), "\n")
		h.requireSound(c)
		assert.NoFileExists(t, filepath.Join(c.o.CacheDir, "models--org--name", "refs", "main"))
	}
}
