package gguf_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
)

// small is a good file with two tensors.
func small() *gguftest.File {
	return &gguftest.File{
		Pairs: []gguftest.Pair{
			{Key: "general.architecture", Value: "llama"}, {Key: "list", Value: []string{"a", "bc"}},
			{Key: "numbers", Value: []int32{1, 2}}, {Key: "yes", Value: true},
		},
		Tensors: []gguftest.Tensor{
			{Name: "a", Dims: []uint64{3, 2}, Type: 0, Data: make([]byte, 24)},
			{Name: "b", Dims: []uint64{32}, Type: 8, Data: make([]byte, 34)},
		},
	}
}

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

func TestGoodFile(t *testing.T) {
	f, err := gguf.Open(write(t, "x.gguf", small().Bytes()))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, f.Names())
	a, ok := f.Tensor("a")
	require.True(t, ok)
	assert.Equal(t, []int{2, 3}, a.Shape)
	assert.True(t, a.Plain())
	require.NoError(t, f.Close())

	for _, change := range []func(*gguftest.File){
		func(f *gguftest.File) { f.Version = 2 },
		func(f *gguftest.File) { f.Alignment = 64 },
		func(f *gguftest.File) { f.Tensors = nil },
	} {
		good := small()
		change(good)
		f, err := gguf.Open(write(t, "x.gguf", good.Bytes()))
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	// The last padding may be missing.
	content := small().Bytes()
	f, err = gguf.Open(write(t, "x.gguf", content[:len(content)-30]))
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// number puts a number into a copy of a file.
func number(content []byte, at int, n uint64) []byte {
	out := bytes.Clone(content)
	binary.LittleEndian.PutUint64(out[at:], n)
	return out
}

// TestHostileFiles is the GGUF line of docs/faults.md: sizes that overflow, dimensions of zero, files of a few hundred bytes
// that claim to be huge. Each is refused before anything is allocated by its numbers.
func TestHostileFiles(t *testing.T) {
	good := small().Bytes()
	changed := func(change func(*gguftest.File)) []byte {
		f := small()
		change(f)
		return f.Bytes()
	}
	pair := func(kind uint32, raw ...byte) []byte {
		return changed(func(f *gguftest.File) { f.Set("x", gguftest.Raw{Type: kind, Bytes: raw}) })
	}
	le := func(parts ...uint64) []byte {
		var b []byte
		for _, p := range parts {
			b = binary.LittleEndian.AppendUint64(b, p)
		}
		return b
	}
	array := func(element uint32, n uint64, rest ...byte) []byte {
		return pair(9, append(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, element), n), rest...)...)
	}
	const huge = 1<<64 - 1
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"one byte", []byte("G"), "it does not begin with GGUF"},
		{"lower case", append([]byte("gguf"), good[4:]...), "it does not begin with GGUF"},
		{"magic alone", good[:4], "cut short: 4 bytes at byte 4"},
		{"no counts", good[:12], "cut short"},
		{"version of another order", changed(func(f *gguftest.File) { f.Version = 1 << 20 }), "big-endian"},
		{"version 1", changed(func(f *gguftest.File) { f.Version = 1 }), "version 1 is not supported"},
		{"version 4", changed(func(f *gguftest.File) { f.Version = 4 }), "version 4 is not supported"},
		{"big-endian", changed(func(f *gguftest.File) { f.Version = 3 << 24 }), "big-endian"},
		{"tensors huge", number(good, 8, huge), "18446744073709551615 tensors are more than the file"},
		{"tensors overflow", number(good, 8, 1<<63), "tensors are more than the file"},
		{"tensors too many", number(good, 8, 1<<15), "32768 tensors are more than the file"},
		{"pairs huge", number(good, 16, huge), "18446744073709551615 key-value pairs are more than the file"},
		{"pairs too many", number(good, 16, 1<<13), "8192 key-value pairs are more than the file"},
		{"key length huge", number(good, 24, huge), "key-value pair 0: a text of 18446744073709551615 bytes"},
		{"key too long", number(good, 24, 1000), "a text of 1000 bytes at byte 24, at most 256"},
		{"key empty", changed(func(f *gguftest.File) { f.Pairs[0].Key = "" }), "empty key"},
		{"key twice", changed(func(f *gguftest.File) { f.Pairs = append(f.Pairs, f.Pairs[0]) }), "key general.architecture occurs twice"},
		{"key with a line end", changed(func(f *gguftest.File) { f.Pairs[0].Key = "a\nb" }), `key "a\nb" is not printable ASCII`},
		{"value type", pair(13), "x: value of unknown type 13"},
		{"text beyond the end", pair(8, le(1<<20)...), "x: cut short"},
		{"text huge", pair(8, le(huge)...), "x: a text of 18446744073709551615 bytes"},
		{"text not UTF-8", pair(8, append(le(1), 0xff)...), "x: a text is not UTF-8"},
		{"truth value 2", pair(7, 2), "x: a truth value is 2"},
		{"array of arrays", array(9, 1), "x: an array of array is not supported"},
		{"array type", array(99, 1), "x: an array of type 99 is not supported"},
		{"array huge", array(4, huge), "x: an array of 18446744073709551615 elements of type uint32"},
		{"array overflow", array(4, 1<<62), "x: an array of 4611686018427387904 elements"},
		{"array beyond the end", array(4, 1<<16), "x: an array of 65536 elements"},
		{"texts beyond the end", array(8, 1<<16), "x: an array of 65536 elements"},
		{"text in an array huge", array(8, 1, le(huge)...), "x: element 0: a text of 18446744073709551615 bytes"},
		{"truth values", array(7, 2, 1, 7), "x: a truth value is 7"},
		{"alignment 0", changed(func(f *gguftest.File) { f.Set("general.alignment", uint32(0)) }), "general.alignment: 0 is not a power of two"},
		{"alignment 24", changed(func(f *gguftest.File) { f.Set("general.alignment", uint32(24)) }), "general.alignment: 24 is not a power of two"},
		{"alignment huge", changed(func(f *gguftest.File) { f.Set("general.alignment", uint64(1)<<63) }), "general.alignment: above 2^63-1"},
		{"alignment text", changed(func(f *gguftest.File) { f.Set("general.alignment", "32") }), "general.alignment: want an integer, found string"},
		{"name empty", changed(func(f *gguftest.File) { f.Tensors[0].Name = "" }), `tensor 0: the name "" is empty`},
		{"name long", changed(func(f *gguftest.File) { f.Tensors[0].Name = string(make([]byte, 65)) }), "tensor 0: a text of 65 bytes"},
		{"name twice", changed(func(f *gguftest.File) { f.Tensors[1].Name = "a" }), `tensor "a" occurs twice`},
		{"no dimensions", changed(func(f *gguftest.File) { f.Tensors[0].Dims = nil }), `"a": 0 dimensions, from 1 to 4`},
		{"five dimensions", changed(func(f *gguftest.File) { f.Tensors[0].Dims = []uint64{1, 1, 1, 1, 1} }), `"a": 5 dimensions`},
		{"dimension 0", changed(func(f *gguftest.File) { f.Tensors[0].Dims = []uint64{3, 0} }), `"a": dimension 1 is 0`},
		{"dimension huge", changed(func(f *gguftest.File) { f.Tensors[0].Dims = []uint64{1 << 63} }), `"a": dimension 0 is 9223372036854775808`},
		{"product overflows", changed(func(f *gguftest.File) { f.Tensors[0].Dims = []uint64{1 << 30, 1 << 30, 1 << 30, 1 << 30} }), "overflows"},
		{"type unknown", changed(func(f *gguftest.File) { f.Tensors[0].Type = 77 }), `"a": stored as type 77, which is not supported`},
		{"type IQ2_XXS", changed(func(f *gguftest.File) { f.Tensors[0].Type = 16 }), `"a": stored as IQ2_XXS, which is not supported`},
		{"broken large blocks", changed(func(f *gguftest.File) { f.Tensors[1].Type = 12 }), "rows of 32 elements are not whole Q4_K blocks of 256"},
		{"broken blocks", changed(func(f *gguftest.File) { f.Tensors[1].Dims = []uint64{31} }), "rows of 31 elements are not whole Q8_0 blocks"},
		{"not aligned", changed(func(f *gguftest.File) { f.Tensors[1].Placed, f.Tensors[1].Offset = true, 24 }), "the offset 24 is no multiple of the alignment 32"},
		{"overlap", changed(func(f *gguftest.File) { f.Tensors[1].Placed = true }), `tensor "b" at offset 0 overlaps`},
		{"hole", changed(func(f *gguftest.File) { f.Tensors[1].Placed, f.Tensors[1].Offset = true, 64 }), "leaves a hole behind the tensor before it, which ends at 24"},
		{"not from the beginning", changed(func(f *gguftest.File) { f.Tensors = f.Tensors[1:]; f.Tensors[0].Placed, f.Tensors[0].Offset = true, 32 }), "leaves a hole"},
		{"offset huge", changed(func(f *gguftest.File) { f.Tensors[1].Placed, f.Tensors[1].Offset = true, 1<<64-32 }), "leaves a hole"},
		{"larger than the file", changed(func(f *gguftest.File) { f.Tensors[1].Dims = []uint64{1 << 20} }), `cut short: tensor "b" has 1114112 bytes`},
		{"cut in a tensor", good[:len(good)-31], `cut short: tensor "b" has 34 bytes`},
		{"cut before the data", good[:len(good)-129], "cut short"},
		{"trailing bytes", append(bytes.Clone(good), 0), "31 bytes follow the last tensor"},
		{"A13 LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\n"), "a Git LFS pointer"},
		{"A13 HTML", []byte("<!DOCTYPE html><html>"), "an HTML page"},
		{"A13 pickle", []byte("PK\x03\x04 and so on"), "a PyTorch pickle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "x.gguf", c.content)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := gguf.Open(path)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			assert.Contains(t, err.Error(), "x.gguf: ")
			assert.NotContains(t, err.Error(), "\n")
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes allocated")
		})
	}
}

// TestA13OtherFiles: what people name instead of a model is called what it is.
func TestA13OtherFiles(t *testing.T) {
	for name, want := range map[string]string{
		"pytorch_model.bin":  "a pickle runs code when it is loaded",
		"model.pt":           "a pickle runs code when it is loaded",
		"model.safetensors":  "name the directory that holds it",
		"model.h5":           "TensorFlow and Flax weights are not supported",
		"ggml-model-q4.ggml": "GGML files of before GGUF are not supported",
		"model.gguf":         "not a GGUF file",
	} {
		_, err := gguf.Open(write(t, name, []byte("anything")))
		require.ErrorContains(t, err, want)
	}
	_, err := gguf.Open(write(t, "empty.gguf", nil))
	assert.ErrorContains(t, err, "empty.gguf: empty file")
	_, err = gguf.Open(filepath.Join(t.TempDir(), "none.gguf"))
	assert.ErrorContains(t, err, "none.gguf: no such file")
}

// FuzzFile: no bytes make the reader panic or allocate much, and what it accepts can be read whole.
func FuzzFile(f *testing.F) {
	f.Add(small().Bytes())
	for _, n := range []int{0, 4, 24, 73, 150, 384} {
		if content := small().Bytes(); n < len(content) {
			f.Add(content[:n])
		}
	}
	with := small()
	with.Pairs = append(with.Pairs, gguftest.Pair{Key: "tokenizer.ggml.model", Value: "llama"},
		gguftest.Pair{Key: "tokenizer.ggml.tokens", Value: []string{"a", "b"}}, gguftest.Pair{Key: "tokenizer.ggml.scores", Value: []float32{0, 1}},
		gguftest.Pair{Key: "tokenizer.ggml.token_type", Value: []int32{1, 2}}, gguftest.Pair{Key: "llama.block_count", Value: uint32(1)})
	f.Add(with.Bytes())
	for kind, size := range map[uint32]int{2: 18, 3: 20, 6: 22, 7: 24, 20: 18, 10: 84, 11: 110, 12: 144, 13: 176, 14: 210, 23: 136} {
		elements := uint64(32)
		if size > 24 {
			elements = 256
		}
		f.Add((&gguftest.File{Tensors: []gguftest.Tensor{{Name: "a", Dims: []uint64{elements}, Type: kind, Data: bytes.Repeat([]byte{0x5a}, size)}}}).Bytes())
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := gguf.Parse(content)
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			tensor, _ := file.Tensor(name)
			cols := tensor.Shape[len(tensor.Shape)-1]
			rows := int(tensor.Elements()) / cols
			values := make([]float32, cols)
			for i := range rows {
				tensor.Rows(make([]byte, len(tensor.Row(i))), i, 1)
				tensor.Values(values, i)
			}
		}
		_, _ = arch.ReadGGUF(file, nil) // whether it is a model does not matter here, that it returns does
		_, _ = file.Vocabulary()
	})
}
