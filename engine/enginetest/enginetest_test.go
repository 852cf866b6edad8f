package enginetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

func TestWrite(t *testing.T) {
	for name, shape := range map[string]enginetest.Shape{
		"zero":    {},
		"tiny":    enginetest.Tiny(),
		"sharded": {Shards: 4, DType: "F32"},
		"tied":    {Tied: true, DType: "F16", HeadDim: 10},
		"linear":  {Config: map[string]any{"rope_scaling": map[string]any{"type": "linear", "factor": 2.0}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, enginetest.Write(dir, shape, 5))
			m, err := engine.Load(dir, engine.Options{Threads: 1})
			require.NoError(t, err)
			assert.Equal(t, 97, m.Config().VocabSize)
			require.NoError(t, m.Score(t.Context(), []engine.Sequence{{Tokens: []int32{1, 2, 3}, From: 1}}, func(_ int, s engine.Scored, err error) error {
				for _, p := range s.LogProbs {
					assert.Less(t, p, 0.0)
					assert.Greater(t, p, -30.0)
				}
				return err
			}))
			require.NoError(t, m.Close())
			again := t.TempDir()
			require.NoError(t, enginetest.Write(again, shape, 5))
			files, err := os.ReadDir(dir)
			require.NoError(t, err)
			for _, f := range files {
				want, err := os.ReadFile(filepath.Join(dir, f.Name()))
				require.NoError(t, err)
				got, err := os.ReadFile(filepath.Join(again, f.Name()))
				require.NoError(t, err)
				assert.Equal(t, want, got, f.Name())
			}
		})
	}
}
