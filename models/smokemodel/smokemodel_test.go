package smokemodel

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
)

func TestFiles(t *testing.T) {
	for _, name := range []string{Name, Damaged} {
		files, ok, err := Files(name)
		require.NoError(t, err)
		require.True(t, ok)
		m, err := engine.LoadFS(files, name, engine.Options{})
		require.NoError(t, err)
		tok, err := tokenizer.LoadFS(files)
		require.NoError(t, err)
		assert.Equal(t, m.Config().VocabSize, tok.VocabSize())
		assert.Less(t, m.Parameters(), int64(3_000_000))
		assert.Equal(t, "bfloat16", m.Config().StoredDType)
		require.NoError(t, m.Close())
	}
	_, ok, err := Files("smok")
	require.NoError(t, err)
	assert.False(t, ok)
}

// TestFromMemoryAsFromDisk: the model answers the same from within the program as from a directory, and is known by the
// same digest.
func TestFromMemoryAsFromDisk(t *testing.T) {
	files, _, err := Files(Name)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files))
	within, err := engine.LoadFS(files, Name, engine.Options{})
	require.NoError(t, err)
	outside, err := engine.Load(dir, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, outside.Digest(), within.Digest())
	assert.Positive(t, within.PackedBytes(), "packed weights are what went wrong once: the stored ones were given back")
	sequences := []engine.Sequence{{Tokens: []int32{691, 300, 13, 1000, 2000, 13, 691}, From: 1}}
	want, got := scores(t, outside, sequences), scores(t, within, sequences)
	assert.Equal(t, want, got)
	require.NoError(t, within.Close())
	require.NoError(t, outside.Close())
	for _, kernel := range engine.Kernels() {
		m, err := engine.LoadFS(files, Name, engine.Options{Kernel: kernel, Threads: 3})
		require.NoError(t, err)
		assert.Equal(t, want, scores(t, m, sequences), kernel)
		require.NoError(t, m.Close())
	}
}

func TestDamage(t *testing.T) {
	whole, _, err := Files(Name)
	require.NoError(t, err)
	broken, _, err := Files(Damaged)
	require.NoError(t, err)
	a, err := fs.ReadFile(whole, weightsName)
	require.NoError(t, err)
	b, err := fs.ReadFile(broken, weightsName)
	require.NoError(t, err)
	require.Len(t, b, len(a))
	assert.NotEqual(t, a, b)
	again, _, err := Files(Damaged)
	require.NoError(t, err)
	c, err := fs.ReadFile(again, weightsName)
	require.NoError(t, err)
	assert.Equal(t, b, c)
	for _, other := range []string{"config.json", "tokenizer.model"} {
		x, err := fs.ReadFile(whole, other)
		require.NoError(t, err)
		y, err := fs.ReadFile(broken, other)
		require.NoError(t, err)
		assert.Equal(t, x, y)
	}
	for name, content := range map[string][]byte{
		"empty": {}, "short": {9, 0, 0, 0, 0, 0, 0, 0, '{'}, "no JSON": append([]byte{1, 0, 0, 0, 0, 0, 0, 0}, 'x'),
		"no tensor": append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{}"...),
	} {
		_, err := damage(content)
		assert.Error(t, err, name)
	}
}

func TestCoarse(t *testing.T) {
	for bits, want := range map[uint16]uint16{
		0x0000: 0x0000, 0x8000: 0x8000, 0x3f00: 0x3f00 /* 0.5 */, 0x3f80: 0x3f00 /* 1 */, 0x3fff: 0x3f00 /* just below 2 */, 0xc000: 0xc000, /* -2 */
	} {
		assert.Equal(t, want, coarse(bits))
	}
}

// TestTheScriptsAreHere keeps the recipe beside what it made.
func TestTheScriptsAreHere(t *testing.T) {
	for _, name := range []string{"train.py", "tokenizer.py", filepath.Join("corpus", "main.go")} {
		_, err := os.Stat(name)
		assert.NoError(t, err)
	}
}

func scores(t *testing.T, m *engine.Model, sequences []engine.Sequence) []engine.Scored {
	t.Helper()
	list := make([]engine.Scored, len(sequences))
	require.NoError(t, m.Score(t.Context(), sequences, func(i int, s engine.Scored, err error) error {
		list[i] = s
		return err
	}))
	return list
}
