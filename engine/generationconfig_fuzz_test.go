package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// FuzzGenerationConfig: generation_config.json moves the special tokens and nothing else, and never to an id that the
// embedding matrix does not have.
func FuzzGenerationConfig(f *testing.F) {
	for _, s := range []string{`{}`, `{"eos_token_id":2}`, `{"eos_token_id":[2,3],"bos_token_id":1}`, `{"eos_token_id":[]}`, `{"eos_token_id":-1}`,
		`{"eos_token_id":97}`, `{"eos_token_id":4294967298}`, `{"bos_token_id":1.0}`, `{"eos_token_id":null,"do_sample":true,"top_p":"x"}`,
		`{"eos_token_id":1,"eos_token_id":2}`, `version https://git-lfs.github.com/spec/v1`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	require.NoError(f, enginetest.Write(dir, enginetest.Tiny(), 1))
	path := filepath.Join(dir, "generation_config.json")
	if err := os.Remove(path); err != nil {
		require.ErrorIs(f, err, os.ErrNotExist)
	}
	without, err := engine.ReadConfig(dir)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o644))
		c, err := engine.ReadConfig(dir)
		if err != nil {
			require.ErrorContains(t, err, "generation_config.json: ")
			require.NotContains(t, err.Error(), "\n")
			return
		}
		for _, id := range append(append([]int32{}, c.BOS...), c.EOS...) {
			require.True(t, id >= 0 && int(id) < c.VocabSize, id)
		}
		c.BOS, c.EOS = without.BOS, without.EOS
		require.Equal(t, without, c)
	})
}
