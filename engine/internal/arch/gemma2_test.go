package arch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
)

// TestGemma2ScaleOfScores: a GGUF file has no query_pre_attn_scalar. The sizes of the published models, each with the
// number that its config.json has: 256, 256 and, of 27B, 144, the quotient of hidden size and heads.
func TestGemma2ScaleOfScores(t *testing.T) {
	for _, c := range []struct {
		layers, hidden, heads, key uint32
		want                       float64
	}{{26, 2304, 8, 256, 256}, {42, 3584, 16, 256, 256}, {46, 4608, 32, 128, 144}} {
		f := &gguftest.File{}
		f.Set("general.architecture", "gemma2")
		f.Set("gemma2.block_count", c.layers)
		f.Set("gemma2.embedding_length", c.hidden)
		f.Set("gemma2.attention.head_count", c.heads)
		f.Set("gemma2.attention.key_length", c.key)
		path := filepath.Join(t.TempDir(), "x.gguf")
		require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
		opened, err := gguf.Open(path)
		require.NoError(t, err)
		assert.Equal(t, c.want, gemma2GGUF(opened.Metadata(), nil).QueryScale, "%d layers", c.layers)
		assert.NoError(t, opened.Close())
	}
}
