package fewshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

func TestNumpyStreams(t *testing.T) {
	var want struct {
		RandomSample map[string][]float64 `json:"random_sample"`
		Words        map[string][]uint32  `json:"uint32_stream"`
		Choice       map[string]struct {
			Draws [][]int `json:"draws"`
			Next  float64 `json:"next_uniform"`
		} `json:"choice"`
		Choice766 string `json:"choice_766_x1000_sha256_seed1234"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/numpy_bootstrap.json"), &want))
	require.NotEmpty(t, want.Choice)
	state := func(seed int) *RandomState { return NewRandomState(uint32(seed)) }
	for seed, values := range want.RandomSample {
		s := state(numbers(t, seed)[0])
		for i, v := range values {
			require.Equal(t, v, s.RandomSample(), "seed %s double %d", seed, i)
		}
	}
	for seed, words := range want.Words {
		s := state(numbers(t, seed)[0])
		for i, w := range words {
			require.Equal(t, w, s.Uint32(), "seed %s word %d", seed, i)
		}
	}
	for key, c := range want.Choice {
		n := numbers(t, key)
		s := state(n[0])
		for i, draw := range c.Draws {
			require.Equal(t, draw, s.Choice(n[1], len(draw)), "choice %s draw %d", key, i)
		}
		require.Equal(t, c.Next, s.RandomSample(), "after choice %s", key)
	}
	s, h := state(1234), sha256.New()
	for range 1000 {
		fmt.Fprintln(h, joined(s.Choice(766, 766)))
	}
	require.Equal(t, want.Choice766, hex.EncodeToString(h.Sum(nil)))
}

func TestChoiceBounds(t *testing.T) {
	s := NewRandomState(5)
	for _, v := range s.Choice(1<<32, 100) {
		require.Less(t, v, 1<<32)
	}
	assert.Panics(t, func() { s.Choice(0, 1) })
	assert.Panics(t, func() { s.Choice(1<<32+1, 1) })
}
