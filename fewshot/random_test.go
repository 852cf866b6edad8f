package fewshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// cpythonStreams are what CPython drew; every list was drawn by one generator in the listed order.
type cpythonStreams struct {
	GetRandBits32 map[string][]uint32         `json:"getrandbits32"`
	GetRandBitsK  map[string][][2]json.Number `json:"getrandbits_k"`
	Random        map[string][]float64        `json:"random"`
	RandBelow     map[string][][2]int         `json:"randbelow"`
	Shuffle       map[string]shuffled         `json:"shuffle"`
	Sample        map[string]drawn            `json:"sample"`
	Choices       map[string]drawn            `json:"choices"`
	Tasks         map[string]taskSequence     `json:"task_sequences"`
	Bootstrap     map[string]bootstrapIndices `json:"bleu_bootstrap_indices_seed0"`
}

type shuffled struct {
	Perm []int   `json:"perm"`
	Next float64 `json:"next_random"`
}

type drawn struct {
	Draws [][]int `json:"draws"`
	Next  float64 `json:"next_random"`
}

type taskSequence struct {
	Seed  int64   `json:"seed"`
	NTest int     `json:"n_test"`
	Pool  int     `json:"pool"`
	Drawn int     `json:"k_drawn"`
	Order []int   `json:"order"`
	Draws [][]int `json:"draws"`
}

type bootstrapIndices struct {
	First20 []int  `json:"first20"`
	SHA256  string `json:"sha256_of_1000_lines"`
}

func readStreams(t *testing.T) cpythonStreams {
	var want cpythonStreams
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/cpython_random.json"), &want))
	require.NotEmpty(t, want.GetRandBits32)
	require.NotEmpty(t, want.Tasks)
	return want
}

// numbers splits a key such as "42/250/5".
func numbers(t *testing.T, key string) []int {
	var out []int
	for _, s := range strings.Split(key, "/") {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		out = append(out, n)
	}
	return out
}

func TestCPythonWords(t *testing.T) {
	want := readStreams(t)
	for seed, words := range want.GetRandBits32 {
		r := New(int64(numbers(t, seed)[0]))
		for i, w := range words {
			require.Equal(t, uint64(w), r.GetRandBits(32), "seed %s word %d", seed, i)
		}
	}
	for seed, calls := range want.GetRandBitsK {
		r := New(int64(numbers(t, seed)[0]))
		for _, call := range calls {
			k, err := strconv.Atoi(call[0].String())
			require.NoError(t, err)
			got := new(big.Int)
			if k <= 64 {
				got.SetUint64(r.GetRandBits(k))
			} else {
				for _, limb := range slices.Backward(r.Limbs(k)) {
					got.Lsh(got, 32).Or(got, big.NewInt(int64(limb)))
				}
			}
			require.Equal(t, call[1].String(), got.String(), "seed %s getrandbits(%d)", seed, k)
		}
	}
	for seed, values := range want.Random {
		r := New(int64(numbers(t, seed)[0]))
		for i, v := range values {
			require.Equal(t, v, r.Random(), "seed %s double %d", seed, i)
		}
	}
	for seed, calls := range want.RandBelow {
		r := New(int64(numbers(t, seed)[0]))
		for _, call := range calls {
			require.Equal(t, call[1], r.RandBelow(call[0]), "seed %s randbelow(%d)", seed, call[0])
		}
	}
}

func TestCPythonSequences(t *testing.T) {
	want := readStreams(t)
	for key, s := range want.Shuffle {
		n := numbers(t, key)
		r := New(int64(n[0]))
		require.Equal(t, s.Perm, r.Permutation(n[1]), "shuffle %s", key)
		require.Equal(t, s.Next, r.Random(), "after shuffle %s", key)
	}
	for key, s := range want.Sample {
		n := numbers(t, key)
		r := New(int64(n[0]))
		for i, draw := range s.Draws {
			got, err := r.Sample(n[1], n[2])
			require.NoError(t, err)
			require.Equal(t, draw, got, "sample %s draw %d", key, i)
		}
		require.Equal(t, s.Next, r.Random(), "after sample %s", key)
	}
	for key, s := range want.Choices {
		n := numbers(t, key)
		r := New(int64(n[0]))
		for i, draw := range s.Draws {
			require.Equal(t, draw, r.Choices(n[1], n[2]), "choices %s draw %d", key, i)
		}
		require.Equal(t, s.Next, r.Random(), "after choices %s", key)
	}
	for name, s := range want.Tasks {
		r := New(s.Seed)
		require.Equal(t, s.Order, r.Permutation(s.NTest), "%s order", name)
		for i, draw := range s.Draws {
			got, err := r.Sample(s.Pool, s.Drawn)
			require.NoError(t, err)
			require.Equal(t, draw, got, "%s position %d", name, i)
		}
	}
	for key, s := range want.Bootstrap {
		n := numbers(t, key)[0]
		r, h := New(0), sha256.New()
		var first []int
		for range 1000 {
			picks := r.Choices(n, n)
			if len(first) < len(s.First20) {
				first = append(first, picks...)
			}
			fmt.Fprintln(h, joined(picks))
		}
		require.Equal(t, s.First20, first[:len(s.First20)])
		require.Equal(t, s.SHA256, hex.EncodeToString(h.Sum(nil)), "1000 choices of %s", key)
	}
}

// joined prints indices separated by commas, as the digests were taken.
func joined(indices []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(indices), " ", ","), "[]")
}

func TestHarnessOrder(t *testing.T) {
	var want map[string]struct {
		NEval     int     `json:"n_eval"`
		NPool     int     `json:"n_fewshot_pool"`
		Order     []int   `json:"order_first50"`
		OrderSHA  string  `json:"order_sha256"`
		Shots8    [][]int `json:"fewshot8_first50"`
		Shots8End []int   `json:"fewshot8_last"`
		Shots8SHA string  `json:"fewshot8_sha256"`
		Shots2    [][]int `json:"fewshot2_first20"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/rng_order.json"), &want))
	require.NotEmpty(t, want)
	for task, w := range want {
		t.Run(task, func(t *testing.T) {
			draws := func(shots, positions int) [][]int {
				r := New(HarnessSeed)
				order := r.Permutation(w.NEval)
				require.Equal(t, w.Order, order[:len(w.Order)])
				require.Equal(t, w.OrderSHA, digest(joined(order)))
				var all [][]int
				for position := range positions {
					var d []int
					var err error
					if task == "xwinograd_en" { // the one task whose pool is the evaluated split itself
						d, err = r.SampleOthers(w.NPool, shots, func(i int) bool { return i == order[position] })
					} else {
						d, err = r.Sample(w.NPool, shots)
					}
					require.NoError(t, err)
					all = append(all, d)
				}
				return all
			}
			eight := draws(8, w.NEval)
			require.Equal(t, w.Shots8, eight[:len(w.Shots8)])
			require.Equal(t, w.Shots8End, eight[len(eight)-1])
			lines := make([]string, len(eight))
			for i, d := range eight {
				lines[i] = joined(d)
			}
			require.Equal(t, w.Shots8SHA, digest(strings.Join(lines, ";")))
			require.Equal(t, w.Shots2, draws(2, len(w.Shots2)))
		})
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// TestSeeds covers the seeds that the streams above do not: signs and more than one 32-bit limb. The expected words
// are the first getrandbits(32) of CPython 3.11.
func TestSeeds(t *testing.T) {
	tests := []struct {
		seed int64
		want uint64
	}{
		{-1, 577090037},
		{-42, 2746317213},
		{4294967295, 2728839433},
		{4294967296, 485306839},
		{4294967297, 991850117},
		{-4294967303, 968553300},
		{9223372036854775807, 1359979423},
		{-9223372036854775808, 2377109768},
		{81985529216486895, 3851240871},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, New(test.seed).GetRandBits(32), "seed %d", test.seed)
	}
}

func TestSampleRefuses(t *testing.T) {
	for _, size := range [][2]int{{8, 9}, {0, 1}, {5, -1}} {
		r := New(1)
		_, err := r.Sample(size[0], size[1])
		require.ErrorIs(t, err, ErrSample)
		require.Equal(t, New(1).Random(), r.Random(), "a refused sample draws nothing")
	}
	_, err := New(1).SampleOthers(3, 3, func(int) bool { return false })
	require.ErrorIs(t, err, ErrSample)
}

// TestSampleDistinct checks the promise of a sample on both sides of the change of method.
func TestSampleDistinct(t *testing.T) {
	for k := range 40 {
		for _, n := range []int{k, poolLimit(k), poolLimit(k) + 1} {
			picks, err := New(int64(k)).Sample(n, k)
			require.NoError(t, err)
			seen := make(map[int]bool)
			for _, p := range picks {
				require.True(t, p >= 0 && p < n && !seen[p], "sample(%d, %d) = %v", n, k, picks)
				seen[p] = true
			}
			require.Len(t, picks, k)
		}
	}
}

func TestSampleOthers(t *testing.T) {
	everything, err := New(7).Sample(10, 5)
	require.NoError(t, err)
	for _, self := range everything {
		got, err := New(7).SampleOthers(10, 4, func(i int) bool { return i == self })
		require.NoError(t, err)
		require.Equal(t, slices.DeleteFunc(slices.Clone(everything), func(i int) bool { return i == self }), got)
	}
	got, err := New(7).SampleOthers(10, 4, func(i int) bool { return false })
	require.NoError(t, err)
	require.Equal(t, everything[:4], got)
	r := New(7)
	none, err := r.SampleOthers(10, 0, func(int) bool { return true })
	require.NoError(t, err)
	require.Empty(t, none)
	require.Equal(t, New(7).Random(), r.Random(), "no shots, no draws")
}

func TestRandomPanics(t *testing.T) {
	r := New(0)
	assert.Panics(t, func() { r.GetRandBits(65) })
	assert.Panics(t, func() { r.GetRandBits(-1) })
	assert.Panics(t, func() { r.Limbs(-1) })
	assert.Panics(t, func() { r.RandBelow(0) })
	assert.Panics(t, func() { r.Choices(0, 1) })
}

func BenchmarkSample(b *testing.B) {
	r := New(HarnessSeed)
	for b.Loop() {
		if _, err := r.Sample(130319, 8); err != nil {
			b.Fatal(err)
		}
	}
}
