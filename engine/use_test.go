package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// TestUseOf: what is said of a model before it is loaded is what comes of it, whether its weights are here or not.
func TestUseOf(t *testing.T) {
	for _, tied := range []bool{false, true} {
		dir := t.TempDir()
		disk := filepath.Join(dir, "none") // what is free on one changes all the time
		require.NoError(t, enginetest.Write(dir, enginetest.Shape{Layers: 6, Tied: tied}, 1))
		c, err := engine.ReadConfig(dir)
		require.NoError(t, err)
		for _, o := range []engine.Options{
			{Threads: 1},
			{Threads: 2, MemoryLimit: 40 << 20, DType: engine.BF16},
			{Threads: 1, MemoryLimit: 1 << 20, MaxBatchTokens: 16, SpillDir: disk},
			{Threads: 1, MemoryLimit: 640 << 10, MaxBatchTokens: 16, SpillDir: disk},
		} {
			m, err := engine.Load(dir, o)
			require.NoError(t, err)
			here, err := engine.UseOf(dir, c, o)
			require.NoError(t, err)
			assert.Equal(t, m.BatchTokens(), here.BatchTokens)
			assert.Equal(t, m.StreamedBytes(), here.StreamedBytes)
			there, err := engine.UseOf("", c, o)
			require.NoError(t, err)
			if o.MemoryLimit > 0 { // or else what the system leaves changes all the time
				assert.Equal(t, here, there)
			}
			t.Logf("%+v: %+v", o, here)
			require.NoError(t, m.Close())
		}
		_, err = engine.UseOf(dir, c, engine.Options{MemoryLimit: 1000})
		require.ErrorAs(t, err, new(*engine.MemoryError))
	}
}
