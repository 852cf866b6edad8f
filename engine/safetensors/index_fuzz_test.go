package safetensors

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzIndex: whatever model.safetensors.index.json says, the files it makes us open lie in the checkpoint's directory,
// and what is accepted is what a plain JSON reader finds there: no tensor more, none less, none in another shard.
func FuzzIndex(f *testing.F) {
	for _, s := range []string{
		`{"metadata":{"total_size":8},"weight_map":{"a":"x-00001-of-00002.safetensors","b":"x-00002-of-00002.safetensors"}}`,
		`{"weight_map":{"a":"../x.safetensors"}}`,
		`{"weight_map":{"a":"/x.safetensors","b":"c:x.safetensors"}}`,
		`{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}`,
		`{"weight_map":{}}`,
		`{"metadata":null,"weight_map":{"a":"\u0000.safetensors"}}`,
		`{"metadata":{"total_size":1e3},"weight_map":{"":".safetensors"}}`,
		`<!doctype html>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		x, err := parseIndex(content)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		var plain struct {
			Map map[string]string `json:"weight_map"`
		}
		require.NoError(t, json.Unmarshal(content, &plain))
		require.NotEmpty(t, x.shards)
		require.Equal(t, plain.Map, x.shardOf)
		for _, shard := range x.shardOf {
			require.Contains(t, x.shards, shard)
		}
		for i, shard := range x.shards {
			require.True(t, filepath.IsLocal(shard), shard)
			require.Equal(t, filepath.Base(shard), shard)
			require.Equal(t, "/dir/"+shard, filepath.ToSlash(filepath.Join("/dir", shard)), "a name has one spelling")
			require.False(t, slices.Contains(x.shards[:i], shard), "no shard is opened twice")
		}
	})
}
