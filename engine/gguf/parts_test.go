package gguf_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
)

// parts cuts the small file in two: the first has the metadata.
func parts() [2]*gguftest.File {
	var list [2]*gguftest.File
	for i := range list {
		whole := small()
		list[i] = &gguftest.File{Tensors: whole.Tensors[i : i+1]}
		if i == 0 {
			list[i].Pairs = whole.Pairs
		}
		list[i].Set("split.no", uint16Raw(i))
		list[i].Set("split.count", uint16Raw(2))
		list[i].Set("split.tensors.count", int32Raw(2))
	}
	return list
}

// uint16Raw and int32Raw are the types that llama.cpp writes these keys with.
func uint16Raw(n int) gguftest.Raw {
	return gguftest.Raw{Type: 2, Bytes: []byte{byte(n), byte(n >> 8)}}
}

func int32Raw(n int) gguftest.Raw { return gguftest.Raw{Type: 5, Bytes: []byte{byte(n), 0, 0, 0}} }

// writeParts writes them and returns the path of the first.
func writeParts(t *testing.T, list [2]*gguftest.File) string {
	t.Helper()
	dir := t.TempDir()
	for i, f := range list {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("x-%05d-of-00002.gguf", i+1)), f.Bytes(), 0o644))
	}
	return filepath.Join(dir, "x-00001-of-00002.gguf")
}

func TestParts(t *testing.T) {
	list := parts()
	first := writeParts(t, list)
	f, err := gguf.Open(first)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, f.Names())
	assert.Equal(t, int64(len(list[0].Bytes())+len(list[1].Bytes())), f.Bytes())
	b, ok := f.Tensor("b")
	require.True(t, ok)
	assert.Len(t, b.Stored(), 34)

	lines := ""
	for _, part := range list {
		sum := sha256.Sum256(part.Bytes())
		lines += hex.EncodeToString(sum[:]) + "\n"
	}
	want := sha256.Sum256([]byte(lines))
	got, err := f.SHA256(context.Background(), nil)
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(want[:]), got)

	second := filepath.Join(filepath.Dir(first), "x-00002-of-00002.gguf")
	require.NoError(t, os.WriteFile(second, nil, 0o644))
	require.ErrorContains(t, f.Verify(), "x-00002-of-00002.gguf: changed while in use")
	require.ErrorContains(t, f.Close(), "changed while in use")
}

func TestPartNames(t *testing.T) {
	assert.Equal(t, []string{"d/a-00001-of-00002.gguf", "d/a-00002-of-00002.gguf"}, gguf.Parts("d/a-00001-of-00002.gguf"))
	for _, name := range []string{"a.gguf", "a-00002-of-00002.gguf", "a-00001-of-00000.gguf", "-00001-of-00002.gguf", "a-00001-of-0000x.gguf", "a-00001-of-99999.gguf", ""} {
		assert.Nil(t, gguf.Parts(name), name)
	}
	for name, want := range map[string]string{"d/a-00002-of-00002.gguf": "d/a-00001-of-00002.gguf", "a-00001-of-00003.gguf": "a-00001-of-00003.gguf",
		"a.gguf": "", "a-0002-of-00002.gguf": "", "-00001-of-00002.gguf": ""} {
		first, ok := gguf.FirstPart(name)
		assert.Equal(t, want, first, name)
		assert.Equal(t, want != "", ok, name)
	}
}

func TestBrokenParts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*[2]*gguftest.File)
		want   string
	}{
		"one says another number":     {func(l *[2]*gguftest.File) { l[1].Set("split.no", uint16Raw(0)) }, "it says that it is part 1 of 2, and its name that it is 2 of 2"},
		"one says another count":      {func(l *[2]*gguftest.File) { l[1].Set("split.count", uint16Raw(3)) }, "it says that it is part 2 of 3"},
		"the first says too many":     {func(l *[2]*gguftest.File) { l[0].Set("split.count", uint16Raw(3)) }, "the first of 3 parts, which must be called"},
		"number beyond the count":     {func(l *[2]*gguftest.File) { l[0].Set("split.no", uint16Raw(2)) }, "split.no: 2, of 2 parts"},
		"no parts":                    {func(l *[2]*gguftest.File) { l[0].Set("split.count", uint16Raw(0)) }, "split.count: 0 is not between"},
		"absurdly many":               {func(l *[2]*gguftest.File) { l[0].Set("split.count", uint16Raw(60000)) }, "60000 parts, at most 1000"},
		"a tensor twice":              {func(l *[2]*gguftest.File) { l[1].Tensors = l[0].Tensors }, `tensor "a" is in an earlier part, too`},
		"a tensor missing":            {func(l *[2]*gguftest.File) { l[0].Set("split.tensors.count", int32Raw(3)) }, "split.tensors.count is 3, the parts have 2 tensors"},
		"part of another model":       {func(l *[2]*gguftest.File) { l[1].Set("general.architecture", "gemma2") }, "another architecture"},
		"the second named, not first": {func(l *[2]*gguftest.File) { l[0], l[1] = l[1], l[0] }, "part 2 of 2; name the first one, which ends in -00001-of-00002.gguf"},
		"the second is cut short":     {func(l *[2]*gguftest.File) { l[1].Tensors[0].Dims = []uint64{64} }, "part 2 of 2: x-00002-of-00002.gguf: cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			list := parts()
			c.change(&list)
			_, err := gguf.Open(writeParts(t, list))
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	first := writeParts(t, parts())
	require.NoError(t, os.Remove(filepath.Join(filepath.Dir(first), "x-00002-of-00002.gguf")))
	_, err := gguf.Open(first)
	require.ErrorContains(t, err, "part 2 of 2: x-00002-of-00002.gguf: no such file")
}
