package gguf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestDequantisedTensors: every tensor of every file has, decoded, the bytes that gguf-py gives.
func TestDequantisedTensors(t *testing.T) {
	types := make(map[string]int)
	files := make(map[string]*gguf.File)
	for _, line := range shared.Lines(t, "goldens/gguf/tensors.jsonl") {
		var want struct {
			File, Tensor, Type string
			Shape              []int
			SHA256             string `json:"sha256_f32le"`
			First              []float64
		}
		require.NoError(t, json.Unmarshal(line, &want))
		path := filepath.Join(shared.Path(t, "goldens/gguf"), want.File)
		if _, err := os.Stat(path); err != nil {
			continue // the set has lines for files that are not part of it
		}
		f := files[want.File]
		if f == nil {
			var err error
			f, err = gguf.Open(path)
			require.NoError(t, err)
			files[want.File] = f
			defer func() { assert.NoError(t, f.Close()) }()
		}
		tensor, ok := f.Tensor(want.Tensor)
		require.True(t, ok, "%s: %s", want.File, want.Tensor)
		assert.Equal(t, want.Type, tensor.Type.String())
		assert.Equal(t, want.Shape, tensor.Shape)
		values := decoded(t, tensor)
		sum := sha256.Sum256(values)
		assert.Equal(t, want.SHA256, hex.EncodeToString(sum[:]), "%s: %s", want.File, want.Tensor)
		for i, x := range want.First {
			assert.Equal(t, float32(x), math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:])))
		}
		types[want.Type]++
	}
	for _, name := range []string{"F32", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"} {
		assert.Positive(t, types[name], name)
	}
}

// decoded is a tensor as little-endian float32. Rows must be what Row gives.
func decoded(t *testing.T, tensor gguf.Tensor) []byte {
	t.Helper()
	cols := tensor.Shape[len(tensor.Shape)-1]
	rows := int(tensor.Elements()) / cols
	var values []byte
	row := make([]float32, cols)
	for i := range rows {
		tensor.Values(row, i)
		for _, x := range row {
			values = binary.LittleEndian.AppendUint32(values, math.Float32bits(x))
		}
	}
	var stored []byte
	for i := range rows {
		stored = append(stored, tensor.Row(i)...)
	}
	whole, size := make([]byte, len(stored)), len(stored)/rows
	tensor.Rows(whole, 0, rows)
	require.True(t, bytes.Equal(stored, whole))
	tensor.Rows(whole[:size], rows-1, 1)
	require.True(t, bytes.Equal(stored[len(stored)-size:], whole[:size]))
	if tensor.Type == gguf.F32 {
		require.True(t, bytes.Equal(values, stored))
	}
	return values
}

// TestDecodedBlocks pins the decoding of pseudo-random blocks, as it was when TestDequantisedTensors passed: for clones
// that do not have the reference files.
func TestDecodedBlocks(t *testing.T) {
	for kind, c := range map[gguf.Type]struct {
		elements, bytes int
		want            string
	}{
		gguf.Q8_0: {32, 34, "35c1528b"}, gguf.Q4_0: {32, 18, "cb02e363"}, gguf.Q4_1: {32, 20, "55277343"}, gguf.Q5_0: {32, 22, "4849fcbb"}, gguf.Q5_1: {32, 24, "e4aad1d8"},
		gguf.IQ4_NL: {32, 18, "40792ba3"}, gguf.IQ4_XS: {256, 136, "0ac5199c"}, gguf.Q2_K: {256, 84, "067991b4"}, gguf.Q3_K: {256, 110, "4bdcd41e"},
		gguf.Q4_K: {256, 144, "6a15f591"}, gguf.Q5_K: {256, 176, "bbe0ddde"}, gguf.Q6_K: {256, 210, "67fad2b6"},
	} {
		t.Run(kind.String(), func(t *testing.T) {
			data := make([]byte, 6*c.bytes)
			state := uint32(kind) + 1
			for i := range data {
				state = state*1664525 + 1013904223
				data[i] = byte(state >> 24)
				if i%2 == 1 {
					data[i] &= 0xbf // no infinite scale, wherever the scales lie
				}
			}
			f := &gguftest.File{Tensors: []gguftest.Tensor{{Name: "a", Dims: []uint64{uint64(3 * c.elements), 2}, Type: uint32(kind), Data: data}}}
			file, err := gguf.Open(write(t, "x.gguf", f.Bytes()))
			require.NoError(t, err)
			tensor, _ := file.Tensor("a")
			sum := sha256.Sum256(decoded(t, tensor))
			assert.Equal(t, c.want, hex.EncodeToString(sum[:4]))
			require.NoError(t, file.Close())
		})
	}
}
