package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// plainAttention is the package comment's definition, one query at a time: keys and values are those of positions up
// to the query's own.
func plainAttention(k *kernel.Kernel, q []float32, keys, values [][]float32) []float32 {
	scores := make([]float32, len(keys))
	for i, key := range keys {
		dot := float32(0)
		for d := range q {
			dot = num.FMA32(q[d], key[d], dot)
		}
		scores[i] = float32(dot * float32(1/math.Sqrt(float64(len(q)))))
	}
	sum := k.Softmax(scores, len(scores), 1)
	out := make([]float32, len(q))
	for d := range out {
		for i, value := range values {
			out[d] = num.FMA32(scores[i], value[d], out[d])
		}
		out[d] = float32(out[d]/sum) + 0
	}
	return out
}

func TestAttentionIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	vector := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	for name, c := range map[string]struct {
		config Config
		bad    map[int]float32 // positions whose values are not finite
	}{
		"one head a group":   {Config{Heads: 2, KVHeads: 2, HeadDim: 16}, nil},
		"three heads":        {Config{Heads: 6, KVHeads: 2, HeadDim: 38}, nil},
		"large heads":        {Config{Heads: 1, KVHeads: 1, HeadDim: 128}, nil},
		"more than a task":   {Config{Heads: 100, KVHeads: 1, HeadDim: 4}, nil},
		"NaN":                {Config{Heads: 6, KVHeads: 2, HeadDim: 38}, map[int]float32{70: float32(math.NaN())}},
		"infinities":         {Config{Heads: 2, KVHeads: 2, HeadDim: 16}, map[int]float32{33: float32(math.Inf(1)), 90: float32(math.Inf(-1))}},
		"NaN from the start": {Config{Heads: 2, KVHeads: 1, HeadDim: 16}, map[int]float32{0: float32(math.NaN())}},
	} {
		t.Run(name, func(t *testing.T) {
			const length = 150
			config := c.config
			config.Layers = 2
			keys, values, queries := make([][][]float32, config.KVHeads), make([][][]float32, config.KVHeads), make([][][]float32, config.Heads)
			for h := range keys {
				for p := range length {
					keys[h], values[h] = append(keys[h], vector(config.HeadDim)), append(values[h], vector(config.HeadDim))
					if x, ok := c.bad[p]; ok {
						values[h][p][p%config.HeadDim] = x
					}
				}
			}
			for h := range queries {
				for range length {
					queries[h] = append(queries[h], vector(config.HeadDim))
				}
			}
			for _, k := range kernel.Available() {
				m := &Model{config: config, kernel: k, pool: newPool(2), rope: newRope(Config{HeadDim: 2, RopeTheta: 1})}
				for _, cuts := range [][]int{{0, length}, {0, 1, 2, 34, 64, length}} {
					store := &segment{}
					store.begin(nil, length)
					other := &segment{}
					other.begin(nil, 3)
					stock := &pageStock{cacheShape: m.cacheShape(false)}
					require.NoError(t, stock.extend(store, length))
					require.NoError(t, stock.extend(other, 3))
					for i := range store.pages {
						for j := range store.pages[i].data {
							store.pages[i].data[j] = float32(math.NaN()) // what has not been stored must not matter
						}
					}
					for i, start := range cuts[:len(cuts)-1] {
						// A neighbour before it, so that rows and positions differ.
						b := &batch{}
						b.add(other, 0, make([]int32, 3))
						b.add(store, start, make([]int32, cuts[i+1]-start))
						require.NoError(t, m.layOut(b))
						for p := start; p < cuts[i+1]; p++ {
							for h := range keys {
								store.storeKey(1, h, p, keys[h][p])
								store.storeValue(1, h, p, values[h][p])
							}
							for h := range queries {
								group := m.group()
								row := 3 + p - start
								copy(b.turned[((h/group*b.n+row)*group+h%group)*config.HeadDim:], queries[h][p])
							}
						}
						for i := range len(b.all.tasks) * config.KVHeads {
							task, head := b.all.task(i, config.KVHeads)
							m.attendTask(m.pool.workers[0], b, &b.all, 1, task, head)
						}
						for p := start; p < cuts[i+1]; p++ {
							for h := range queries {
								kv := h / m.group()
								want := plainAttention(k, queries[h][p], keys[kv][:p+1], values[kv][:p+1])
								got := b.mixed.row(3 + p - start)[h*config.HeadDim:][:config.HeadDim]
								require.True(t, same(want, got), "%s head %d position %d: %v, want %v", k.Name(), h, p, got, want)
							}
						}
					}
					require.NoError(t, stock.close())
				}
				m.pool.close()
				require.NoError(t, m.buffer.release())
			}
		})
	}
}

// same compares bits, and takes one NaN for another.
func same(a, b []float32) bool {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
