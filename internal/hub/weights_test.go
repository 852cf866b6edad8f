package hub

import (
	"os"
	"path/filepath"
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
		{"second copies and adapters stay away", []string{"config.json", "model.safetensors", "consolidated.safetensors", "adapter_model.safetensors", "original/model.safetensors"}, []string{"config.json", "model.safetensors"}, false, nil, ""},
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
