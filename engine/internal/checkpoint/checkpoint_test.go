package checkpoint_test

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
)

func opened(t *testing.T, path string) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Open(path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Files.Close()) })
	return c
}

// TestOneModelThreeWays: a directory, the same files in a file system, and a GGUF file made of them show the same
// configuration and the same arrays under the same names.
func TestOneModelThreeWays(t *testing.T) {
	for _, dtype := range []struct {
		name string
		kind gguf.Type
	}{{"F32", gguf.F32}, {"F16", gguf.F16}, {"BF16", gguf.BF16}} {
		shape := enginetest.Tiny()
		shape.DType = dtype.name
		dir := t.TempDir()
		require.NoError(t, enginetest.Write(dir, shape, 3))
		folder := opened(t, dir)
		embedded, err := checkpoint.OpenFS(os.DirFS(dir), nil)
		require.NoError(t, err)
		assert.False(t, folder.InMemory)
		assert.True(t, embedded.InMemory)
		assert.Equal(t, folder.Config, embedded.Config)

		f, err := gguftest.FromDirectory(dir, dtype.kind)
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "model.gguf")
		require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
		single := opened(t, path)
		for _, other := range []*checkpoint.Checkpoint{embedded, single} {
			assert.Equal(t, slices.Sorted(slices.Values(folder.Tensors.Names())), slices.Sorted(slices.Values(other.Tensors.Names())))
			for _, name := range folder.Tensors.Names() {
				want, ok, err := folder.Tensors.Tensor(name)
				require.NoError(t, err)
				require.True(t, ok)
				got, ok, err := other.Tensors.Tensor(name)
				require.NoError(t, err)
				require.True(t, ok, name)
				assert.Equal(t, want.Shape, got.Shape, name)
				if len(want.Shape) == 2 {
					assert.Equal(t, want.Format, got.Format, "%s, stored as %s", name, dtype.name)
				}
			}
			_, ok, err := other.Tensors.Tensor("model.layers.9.mlp.up_proj.weight")
			require.NoError(t, err)
			assert.False(t, ok)
		}
		alone, err := checkpoint.ReadConfig(path, nil)
		require.NoError(t, err)
		assert.Equal(t, single.Config, alone)
		alone, err = checkpoint.ReadConfig(dir, nil)
		require.NoError(t, err)
		assert.Equal(t, folder.Config, alone)
	}
}

// TestIdentity: a model's digest depends on its weights and on what is computed with them, not on how they are opened, and
// sums that are known already are believed.
func TestIdentity(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 3))
	require.NoError(t, enginetest.Write(other, enginetest.Tiny(), 4))
	c := opened(t, dir)
	digest, err := c.Identify(c.Config, nil)
	require.NoError(t, err)
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, digest)
	embedded, err := checkpoint.OpenFS(os.DirFS(dir), nil)
	require.NoError(t, err)
	same, err := embedded.Identify(embedded.Config, nil)
	require.NoError(t, err)
	assert.Equal(t, digest, same)

	changed := c.Config
	changed.RopeTheta++
	differs := []string{}
	add := func(d string, err error) {
		require.NoError(t, err)
		differs = append(differs, d)
	}
	add(c.Identify(changed, nil))
	weights := opened(t, other)
	add(weights.Identify(weights.Config, nil))
	add(c.Identify(c.Config, func(string, fs.FileInfo, []byte) [sha256.Size]byte { return [sha256.Size]byte{1} }))
	for _, d := range differs {
		assert.NotEqual(t, digest, d)
	}
	stored := c.Config
	stored.StoredDType = "float16" // follows from the weights
	same, err = c.Identify(stored, nil)
	require.NoError(t, err)
	assert.Equal(t, digest, same)
}

func TestNoModel(t *testing.T) {
	_, err := checkpoint.Open(filepath.Join(t.TempDir(), "absent"), nil)
	require.Error(t, err)
	path := filepath.Join(t.TempDir(), "model.gguf")
	require.NoError(t, os.WriteFile(path, []byte("GGUF"), 0o644))
	_, err = checkpoint.ReadConfig(path, nil)
	require.ErrorContains(t, err, "model.gguf")
	_, err = checkpoint.OpenFS(os.DirFS(t.TempDir()), nil)
	require.ErrorContains(t, err, "config.json")
}
