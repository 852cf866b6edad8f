package safetensors_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

const (
	single = "model.safetensors"
	index  = "model.safetensors.index.json"
)

// framed returns a file: the header's length, the header, n bytes of data.
func framed(header string, n int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	out = append(out, header...)
	for i := range n {
		out = append(out, byte(i))
	}
	return out
}

// tensor returns one member of a header.
func tensor(name, dtype, shape string, begin, end int) string {
	return fmt.Sprintf(`%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, begin, end)
}

func header(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

// directory writes files into a fresh directory.
func directory(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	return dir
}

func open(t *testing.T, dir string) *safetensors.Checkpoint {
	t.Helper()
	c, err := safetensors.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// refuses opens dir and requires a one-line error with want in it.
func refuses(t *testing.T, dir, want string) {
	t.Helper()
	c, err := safetensors.Open(dir)
	require.Nil(t, c)
	require.ErrorContains(t, err, want)
	assert.NotContains(t, err.Error(), "\n")
	assert.Less(t, len(err.Error()), 400)
}

func TestOpenSingle(t *testing.T) {
	// The header's order is not the data's order; an empty tensor shares its place with the next one.
	h := header(`"__metadata__":{"format":"pt"}`,
		tensor("b", "F32", "[1,2]", 4, 12), tensor("a", "BF16", "[2]", 0, 4), tensor("none", "F16", "[0,7]", 4, 4),
		tensor("scalar", "I64", "[]", 12, 20)) + "   "
	c := open(t, directory(t, map[string][]byte{single: framed(h, 20)}))
	assert.Equal(t, []string{"a", "b", "none", "scalar"}, c.Names())
	assert.Empty(t, c.Warnings())
	b, ok := c.Tensor("b")
	require.True(t, ok)
	assert.Equal(t, safetensors.F32, b.DType)
	assert.Equal(t, []int{1, 2}, b.Shape)
	data, err := b.Data()
	require.NoError(t, err)
	assert.Equal(t, []byte{4, 5, 6, 7, 8, 9, 10, 11}, data)
	none, _ := c.Tensor("none")
	data, err = none.Data()
	require.NoError(t, err)
	assert.Empty(t, data)
	_, ok = c.Tensor("c")
	assert.False(t, ok)
}

func TestBadFile(t *testing.T) {
	ok := tensor("a", "F32", "[2]", 0, 8)
	length := func(n uint64, rest string) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), rest...) }
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	rank100 := "[" + strings.TrimSuffix(strings.Repeat("1,", 100), ",") + "]"
	cases := []struct {
		name    string
		content []byte
		want    string
	}{
		{"A1 empty file", nil, "empty file"},
		{"A1 one byte", []byte{1}, "1 bytes, too short for a header length"},
		{"A1 seven bytes", make([]byte, 7), "7 bytes, too short for a header length"},
		{"A2 header length zero", length(0, ""), "header does not begin with {"},
		{"A2 header longer than the file", length(100, "{}"), "header of 100 bytes in a file of 10"},
		{"A2 header one byte longer than the file", length(3, "{}"), "header of 3 bytes in a file of 10"},
		{"A2 header over 100 MB", length(100_000_001, "{}"), "header of 100000001 bytes, at most 100000000"},
		{"A2 header length 2^63", length(1<<63, "{}"), "header of 9223372036854775808 bytes"},
		{"A2 header length overflows 8+n", length(1<<64-1, "{}"), "header of 18446744073709551615 bytes"},
		{"A2 header length overflows 8+n to 0", length(1<<64-8, "{}"), "header of 18446744073709551608 bytes"},
		{"A3 header not UTF-8", framed("{\"a\xff\":1}", 0), "header: not UTF-8"},
		{"A3 header not JSON", framed("{nonsense}", 0), "header: not JSON"},
		{"A3 header cut", framed(`{"a":{"dtype":"F32"`, 0), "header: not JSON"},
		{"A3 header an array", framed("[]", 0), "header does not begin with {"},
		{"A3 header begins with white space", framed(" {}", 0), "header does not begin with {"},
		{"A3 bytes after the header's object", framed("{}x", 0), "1 bytes after the JSON object"},
		{"A3 nested 100,000 deep", framed(`{"a":`+deep+`}`, 0), "depth"},
		{"A3 duplicate tensor name", framed(header(ok, ok), 8), `key "a" occurs twice`},
		{"A3 duplicate tensor name through an escape", framed(header(ok, strings.Replace(ok, `"a"`, `"\u0061"`, 1)), 8), `key "a" occurs twice`},
		{"A3 duplicate inner key", framed(`{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}`, 8), `tensor "a": key "shape" occurs twice`},
		{"A3 unknown inner key", framed(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}`, 8), `tensor "a": "x": unknown key`},
		{"A3 inner key missing", framed(`{"a":{"dtype":"F32","shape":[2]}}`, 8), "want dtype, shape and data_offsets"},
		{"A3 tensor is not an object", framed(`{"a":3}`, 0), `tensor "a": want a JSON object`},
		{"A3 metadata not an object", framed(`{"__metadata__":[]}`, 0), "__metadata__: want a JSON object"},
		{"A3 metadata not strings", framed(`{"__metadata__":{"a":1}}`, 0), `__metadata__: "a": want a string`},
		{"A4 offsets reversed", framed(header(tensor("a", "F32", "[2]", 8, 0)), 8), "run backwards"},
		{"A4 offsets three", framed(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}`, 8), "want [begin,end], found 3 numbers"},
		{"A4 offset negative", framed(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`, 8), "want a non-negative integer"},
		{"A4 offset beyond 64 bits", framed(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551624]}}`, 8), "want a non-negative integer"},
		{"A4 overlapping", framed(header(ok, tensor("b", "F32", "[2]", 4, 12)), 12), `tensor "b": data begin at 4, inside the previous tensor`},
		{"A4 two tensors at one place", framed(header(ok, tensor("b", "F32", "[2]", 0, 8)), 8), "inside the previous tensor"},
		{"A4 hole", framed(header(ok, tensor("b", "F32", "[2]", 12, 20)), 20), "4 bytes after the previous end"},
		{"A4 past the end", framed(header(ok), 4), "data end at 8 of 4"},
		{"A4 non-zero start", framed(header(tensor("a", "F32", "[2]", 4, 12)), 12), "data begin at 4"},
		{"A4 trailing bytes", framed(header(ok), 9), "1 bytes after the last tensor"},
		{"A4 trailing bytes without tensors", framed("{}", 1), "1 bytes after the last tensor"},
		{"A5 shape product overflows", framed(header(tensor("a", "F32", "[4294967296,4294967296]", 0, 0)), 0), "overflows"},
		{"A5 shape product overflows by the element size", framed(header(tensor("a", "F32", "[4611686018427387904]", 0, 0)), 0), "overflows"},
		{"A5 dimension beyond the address space", framed(header(tensor("a", "F32", "[18446744073709551615]", 0, 0)), 0), "too large"},
		{"A5 zero dimension with data", framed(header(tensor("a", "F32", "[0]", 0, 8)), 8), "needs 0 bytes, data offsets [0,8] hold 8"},
		{"A5 negative dimension", framed(header(tensor("a", "F32", "[-2]", 0, 8)), 8), `"shape": want a non-negative integer, found "-2"`},
		{"A5 float dimension", framed(header(tensor("a", "F32", "[2.0]", 0, 8)), 8), `"shape": want a non-negative integer, found "2.0"`},
		{"A5 null shape", framed(header(tensor("a", "F32", "null", 0, 4)), 4), `"shape": want an array`},
		{"A5 rank 100", framed(header(tensor("a", "F32", rank100, 0, 4)), 4), "100 dimensions, at most 64"},
		{"A5 shape times dtype is not the length", framed(header(tensor("a", "F32", "[3]", 0, 8)), 8), "shape [3] of F32 needs 12 bytes, data offsets [0,8] hold 8"},
		{"A5 half a byte", framed(header(tensor("a", "F4", "[3]", 0, 1)), 1), "does not fill whole bytes"},
		{"A6 unknown dtype", framed(header(tensor("a", "F31", "[2]", 0, 8)), 8), `tensor "a": "dtype": unknown type "F31"`},
		{"A6 dtype not a string", framed(`{"a":{"dtype":5,"shape":[2],"data_offsets":[0,8]}}`, 8), "want a string"},
		{"A7 cut in the middle of a tensor", framed(header(ok), 8)[:len(framed(header(ok), 8))-3], "data end at 8 of 5: the file is cut"},
		{"A13 LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 12345\n"), "a Git LFS pointer"},
		{"A13 HTML page", []byte("\n<!DOCTYPE html>\n<html><title>404</title></html>"), "an HTML page"},
		{"A13 HTML page without a type", []byte("<HTML><title>Access denied</title></HTML>"), "an HTML page"},
		{"A13 GGUF inside", []byte("GGUF\x03\x00\x00\x00\x00\x00\x00\x00"), "name the file itself as the model"},
		{"A13 pickle inside", []byte("PK\x03\x04\x00\x00\x08\x08\x00\x00archive/data.pkl"), "a pickle runs code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			refuses(t, directory(t, map[string][]byte{single: c.content}), c.want)
			// The same file as a shard is refused in the same words, with the shard's name.
			sharded := directory(t, map[string][]byte{
				"s-1.safetensors": c.content,
				index:             []byte(`{"weight_map":{"a":"s-1.safetensors"}}`),
			})
			refuses(t, sharded, "s-1.safetensors: ")
			refuses(t, sharded, c.want)
		})
	}
}

func TestUnusableTypes(t *testing.T) {
	// A6: F64 or I8 where BF16 is expected: such a file opens, its tensor is refused by name when asked for.
	for dtype, size := range map[string]int{"F64": 8, "I8": 1, "F8_E4M3": 1, "BOOL": 1, "C64": 8, "U16": 2} {
		t.Run("A6 "+dtype, func(t *testing.T) {
			c := open(t, directory(t, map[string][]byte{single: framed(header(tensor("layer.w", dtype, "[3]", 0, 3*size)), 3*size)}))
			w, ok := c.Tensor("layer.w")
			require.True(t, ok)
			_, err := w.Data()
			require.EqualError(t, err, fmt.Sprintf(`tensor "layer.w": stored as %s, only F32, F16 and BF16 are supported`, dtype))
		})
	}
}

func TestBadDirectory(t *testing.T) {
	t.Run("A13 only .bin", func(t *testing.T) {
		refuses(t, directory(t, map[string][]byte{"pytorch_model.bin": {1}}), "pytorch_model.bin is refused: a pickle runs code")
	})
	t.Run("A13 only .pt", func(t *testing.T) {
		refuses(t, directory(t, map[string][]byte{"consolidated.00.pth": {1}}), "consolidated.00.pth is refused: a pickle runs code")
	})
	t.Run("A13 only .gguf", func(t *testing.T) {
		refuses(t, directory(t, map[string][]byte{"model-q4.gguf": {1}}), "model-q4.gguf is refused: a GGUF model is one file")
	})
	t.Run("other safetensors names", func(t *testing.T) {
		refuses(t, directory(t, map[string][]byte{"adapter_model.safetensors": {1}}), "only adapter_model.safetensors")
	})
	t.Run("empty directory", func(t *testing.T) {
		refuses(t, t.TempDir(), "neither model.safetensors nor model.safetensors.index.json")
	})
	t.Run("not there", func(t *testing.T) {
		refuses(t, filepath.Join(t.TempDir(), "x"), "")
	})
	t.Run("a file", func(t *testing.T) {
		refuses(t, filepath.Join(directory(t, map[string][]byte{"x": {1}}), "x"), "not a directory")
	})
	t.Run("weights are a directory", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, single), 0o755))
		refuses(t, dir, "model.safetensors: not a regular file")
	})
	t.Run("dangling link", func(t *testing.T) {
		dir := t.TempDir()
		link(t, "../../blobs/gone", filepath.Join(dir, single))
		refuses(t, dir, "model.safetensors: no such file")
	})
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	require.NoError(t, os.Symlink(target, name))
}

// shards returns two good shards and their index.
func shards() map[string][]byte {
	return map[string][]byte{
		"m-1.safetensors": framed(header(tensor("a", "F32", "[2]", 0, 8), tensor("b", "F16", "[2]", 8, 12)), 12),
		"m-2.safetensors": framed(header(tensor("c", "BF16", "[4]", 0, 8)), 8),
		index:             []byte(`{"metadata":{"total_size":20,"note":[1,{}]},"weight_map":{"a":"m-1.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}`),
	}
}

func TestOpenSharded(t *testing.T) {
	c := open(t, directory(t, shards()))
	assert.Equal(t, []string{"a", "b", "c"}, c.Names())
	assert.Empty(t, c.Warnings())
	b, _ := c.Tensor("b")
	data, err := b.Data()
	require.NoError(t, err)
	assert.Equal(t, []byte{8, 9, 10, 11}, data)
}

func TestSnapshotOfLinks(t *testing.T) {
	// The layout of a Hugging Face cache: snapshots/<commit>/<file> -> ../../blobs/<etag>.
	root := t.TempDir()
	snapshot := filepath.Join(root, "snapshots", "abc")
	require.NoError(t, os.MkdirAll(snapshot, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(root, "blobs"), 0o755))
	for name, content := range shards() {
		require.NoError(t, os.WriteFile(filepath.Join(root, "blobs", "blob-"+name), content, 0o644))
		link(t, filepath.Join("..", "..", "blobs", "blob-"+name), filepath.Join(snapshot, name))
	}
	assert.Equal(t, []string{"a", "b", "c"}, open(t, snapshot).Names())
}

func TestBadShards(t *testing.T) {
	withMap := func(weights string) []byte { return []byte(`{"weight_map":{` + weights + `}}`) }
	first, second := `"a":"m-1.safetensors","b":"m-1.safetensors"`, `"c":"m-2.safetensors"`
	cases := []struct {
		name   string
		change func(t *testing.T, files map[string][]byte)
		want   string
	}{
		{"A7 shard missing", func(_ *testing.T, f map[string][]byte) { delete(f, "m-2.safetensors") }, "m-2.safetensors: no such file"},
		{"A7 shard cut", func(_ *testing.T, f map[string][]byte) {
			f["m-2.safetensors"] = f["m-2.safetensors"][:len(f["m-2.safetensors"])-1]
		}, "m-2.safetensors: tensor \"c\": data end at 8 of 7"},
		{"A7 shard listed twice under two names", func(_ *testing.T, f map[string][]byte) {
			f["m-3.safetensors"] = nil // replaced by a link below
			f[index] = withMap(first + `,"c":"m-2.safetensors","d":"m-3.safetensors"`)
		}, "m-3.safetensors: the same file as m-2.safetensors"},
		{"A7 tensor listed twice", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(first + "," + second + "," + second) }, `weight_map: key "c" occurs twice`},
		{"A7 tensor listed in the wrong shard", func(_ *testing.T, f map[string][]byte) {
			f[index] = withMap(`"a":"m-1.safetensors","b":"m-2.safetensors",` + second)
		}, `m-1.safetensors: tensor "b" belongs to m-2.safetensors`},
		{"A7 tensor not in the index", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"a":"m-1.safetensors",` + second) }, `m-1.safetensors: tensor "b" is not in model.safetensors.index.json`},
		{"A7 tensor not in its shard", func(_ *testing.T, f map[string][]byte) {
			f[index] = withMap(first + "," + second + `,"d":"m-2.safetensors"`)
		}, `m-2.safetensors: tensor "d", listed in model.safetensors.index.json, is not there`},
		{"A7 name climbs", func(_ *testing.T, f map[string][]byte) {
			f[index] = withMap(first + `,"c":"../m-2.safetensors"`)
		}, `shard name "../m-2.safetensors" is not a plain file name`},
		{"A7 name absolute", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":"/etc/x.safetensors"`) }, "is not a plain file name"},
		{"A7 name with a backslash", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":"..\\m-2.safetensors"`) }, "is not a plain file name"},
		{"A7 name with a drive", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":"C:m-2.safetensors"`) }, "is not a plain file name"},
		{"A7 name with NUL", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":"m-2\u0000.safetensors"`) }, "is not a plain file name"},
		{"A7 name dots", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":".."`) }, "is not a plain file name"},
		{"A7 name empty", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":""`) }, "is not a plain file name"},
		{"A7 name of a pickle", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":"pytorch_model.bin"`) }, "does not end in .safetensors"},
		{"A7 name a number", func(_ *testing.T, f map[string][]byte) { f[index] = withMap(`"c":2`) }, "want a string"},
		{"index empty", func(_ *testing.T, f map[string][]byte) { f[index] = nil }, "model.safetensors.index.json: not JSON"},
		{"index an array", func(_ *testing.T, f map[string][]byte) { f[index] = []byte("[]") }, "want a JSON object"},
		{"index without map", func(_ *testing.T, f map[string][]byte) { f[index] = []byte("{}") }, "weight_map: missing or empty"},
		{"index with an unknown key", func(_ *testing.T, f map[string][]byte) { f[index] = []byte(`{"weights":{}}`) }, `unknown key "weights"`},
		{"A13 index an LFS pointer", func(_ *testing.T, f map[string][]byte) {
			f[index] = []byte("version https://git-lfs.github.com/spec/v1\n")
		}, "model.safetensors.index.json: a Git LFS pointer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := shards()
			c.change(t, files)
			_, linked := files["m-3.safetensors"]
			delete(files, "m-3.safetensors")
			dir := directory(t, files)
			if linked {
				link(t, "m-2.safetensors", filepath.Join(dir, "m-3.safetensors"))
			}
			refuses(t, dir, c.want)
		})
	}
}

func TestIndexTotalSizeWarns(t *testing.T) {
	// A7: a wrong total is a warning, see checkTotal.
	for _, total := range []string{"21", `"20"`, "-1", "1e300"} {
		files := shards()
		files[index] = bytes.Replace(files[index], []byte(`"total_size":20`), []byte(`"total_size":`+total), 1)
		c := open(t, directory(t, files))
		require.Len(t, c.Warnings(), 1, total)
		assert.Contains(t, c.Warnings()[0], "the tensors have 20 bytes")
	}
	files := shards()
	files[index] = bytes.Replace(files[index], []byte(`"total_size":20`), []byte(`"total_size":20.0`), 1)
	assert.Empty(t, open(t, directory(t, files)).Warnings())
}

func TestSums(t *testing.T) {
	dir := directory(t, map[string][]byte{single: framed(header(tensor("a", "F32", "[2]", 0, 8)), 8)})
	sums, err := open(t, dir).Sums(context.Background(), nil)
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}  model\.safetensors\n$`, sums)
	again, err := open(t, dir).Sums(context.Background(), nil)
	require.NoError(t, err)
	assert.Equal(t, sums, again)

	sums, err = open(t, directory(t, shards())).Sums(context.Background(), nil)
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}  m-1\.safetensors\n[0-9a-f]{64}  m-2\.safetensors\n$`, sums)

	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = open(t, dir).Sums(cancelled, nil)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestChangedWhileOpen(t *testing.T) {
	content := framed(header(tensor("a", "F32", "[2]", 0, 8)), 8)
	t.Run("A12 touched", func(t *testing.T) {
		dir := directory(t, map[string][]byte{single: content})
		c, err := safetensors.Open(dir)
		require.NoError(t, err)
		require.NoError(t, c.Verify())
		then := time.Now().Add(time.Hour)
		require.NoError(t, os.Chtimes(filepath.Join(dir, single), then, then))
		require.ErrorContains(t, c.Verify(), "model.safetensors: changed while in use")
		assert.ErrorContains(t, c.Close(), "changed while in use")
	})
	t.Run("A12 grown", func(t *testing.T) {
		dir := directory(t, map[string][]byte{single: content})
		c, err := safetensors.Open(dir)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, single), append(bytes.Clone(content), 0), 0o644))
		require.ErrorContains(t, c.Close(), "changed while in use")
	})
	t.Run("A12 replaced by another file", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("Windows does not replace an open file")
		}
		dir := directory(t, map[string][]byte{single: content})
		c, err := safetensors.Open(dir)
		require.NoError(t, err)
		other := filepath.Join(dir, "other")
		require.NoError(t, os.WriteFile(other, make([]byte, len(content)), 0o644))
		require.NoError(t, os.Rename(other, filepath.Join(dir, single)))
		a, _ := c.Tensor("a")
		data, err := a.Data()
		require.NoError(t, err)
		assert.Equal(t, []byte{0, 1, 2, 3, 4, 5, 6, 7}, data)
		require.NoError(t, c.Close())
	})
}

// FuzzSafetensorsHeader checks that no content crashes Open or makes it hand out bytes that are not the file's, and
// that whatever is accepted is what the format's reference would accept: tensors that tile the data exactly.
func FuzzSafetensorsHeader(f *testing.F) {
	f.Add(framed(header(tensor("a", "F32", "[2]", 0, 8), tensor("b", "BF16", "[0]", 8, 8)), 8))
	f.Add(framed(header(tensor("a", "F32", "[4294967296,4294967296]", 0, 0)), 0))
	f.Add(framed(`{"__metadata__":{"a":"b"},"x":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}  `, 8))
	f.Add(framed(header(tensor("a", "F32", "[2]", 4, 12)), 12))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Add([]byte("version https://git-lfs.github.com/spec/v1\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, single), content, 0o644))
		c, err := safetensors.Open(dir)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		defer func() { assert.NoError(t, c.Close()) }()
		length := binary.LittleEndian.Uint64(content)
		var names map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(content[8:8+length], &names))
		delete(names, "__metadata__")
		require.Len(t, c.Names(), len(names))
		var total int
		for _, name := range c.Names() {
			w, _ := c.Tensor(name)
			data, err := w.Data()
			if err != nil {
				require.ErrorContains(t, err, "stored as")
				return // its length is not visible from outside
			}
			total += len(data)
		}
		require.Equal(t, len(content)-8-int(length), total)
	})
}
