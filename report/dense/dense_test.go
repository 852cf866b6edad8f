package dense

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// texts are blocks of every kind: none, one byte, one byte often, all bytes, noise, prose that repeats.
func texts() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 40000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var all []byte
	for i := range 256 {
		all = append(all, byte(255-i))
	}
	few := make([]byte, 30000)
	for i := range few {
		few[i] = "ab"[r.IntN(2)]
	}
	return map[string][]byte{
		"empty": {}, "one": {7}, "zero": {0}, "two": []byte("ab"), "same": []byte(strings.Repeat("x", 100000)), "all": all, "noise": noise, "few": few,
		"prose":    []byte(strings.Repeat("The quick brown fox jumps over the lazy dog. ", 2000)),
		"japanese": []byte(strings.Repeat("富士山は日本一高い山です。", 3000)), "255": []byte(strings.Repeat("\xff\xfe", 5000)),
		"abab": []byte(strings.Repeat("ab", 4999) + "a"),
	}
}

func TestPackedBlocksUnpack(t *testing.T) {
	for name, text := range texts() {
		packed, err := Pack(text)
		require.NoError(t, err, name)
		got, err := Unpack(packed)
		require.NoError(t, err, name)
		assert.Equal(t, text, got, name)
	}
}

// TestPackedBytes: the form is the same everywhere and does not change by accident; pages that exist were written with it.
func TestPackedBytes(t *testing.T) {
	packed, err := Pack(texts()["prose"])
	require.NoError(t, err)
	sum := sha256.Sum256(packed)
	assert.Equal(t, "6292e9713402aad30a9ac5aba3b098d1f55b70e4c1079e358644645e4a98041e", hex.EncodeToString(sum[:]))
	assert.Less(t, len(packed), 250)
	noise, err := Pack(texts()["noise"])
	require.NoError(t, err)
	assert.Less(t, len(noise), 40000*103/100, "noise hardly grows")
}

func TestBadBlocks(t *testing.T) {
	for name, packed := range map[string][]byte{
		"nothing": {}, "length alone": {5}, "row 0": {5, 0, 0, 0, 0, 0}, "row beyond": {5, 1, 1, 1, 1, 6}, "too few rows": {9, 1, 2, 3}, "too long": {255, 255, 255, 255, 255, 255, 1, 1},
	} {
		_, err := Unpack(packed)
		assert.ErrorContains(t, err, "packed block: bad", name)
	}
}

// FuzzUnpack: no bytes make it panic, and what Pack makes comes back.
func FuzzUnpack(f *testing.F) {
	for _, text := range texts() {
		packed, err := Pack(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed[:min(len(packed), 300)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := len(b); n > 0 && b[0] < 128 { // a length that fits
			_, _ = Unpack(b)
		}
		packed, err := Pack(b)
		require.NoError(t, err)
		got, err := Unpack(packed)
		require.NoError(t, err)
		require.Equal(t, len(b), len(got))
	})
}
