package graph

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// weigh makes products of a query and keys weights, but for their sum, which it returns.
func weigh(k *kernel.Kernel, s *attend, scores []float32, softmax func(scores []float32) float32) float32 {
	for i, x := range scores {
		if scores[i] = float32(x * s.scale); s.limit != 0 {
			scores[i] = float32(s.limit * num.Tanh32(float32(scores[i]/s.limit)))
		}
	}
	return softmax(scores)
}

// plainAttention is the definition in the comment of package engine, one query at a time: keys and values are those of positions up
// to the query's own, from the first one of its window on.
func plainAttention(k *kernel.Kernel, s *attend, q []float32, keys, values [][]float32, _ int) []float32 {
	scores := make([]float32, len(keys))
	for i, key := range keys {
		dot := float32(0)
		for d := range q {
			dot = num.FMA32(q[d], key[d], dot)
		}
		scores[i] = dot
	}
	sum := weigh(k, s, scores, func(scores []float32) float32 { return k.Softmax(scores, len(scores), 1) })
	out := make([]float32, len(q))
	for d := range out {
		for i, value := range values {
			out[d] = num.FMA32(scores[i], value[d], out[d])
		}
		out[d] = float32(out[d]/sum) + 0
	}
	return out
}

// plainPairs is the same for bfloat16, in which products are added in pairs of dimensions and of positions, the second of
// a pair first and without subnormal numbers.
func plainPairs(k *kernel.Kernel, s *attend, q []float32, keys, values [][]float32, first int) []float32 {
	chain := func(x, y []float32) float32 { // of an even length
		sum := float32(0)
		for i := 0; i < len(x); i += 2 {
			for _, j := range []int{i + 1, i} {
				sum = num.FMAFlush32(num.Flush32(rounded(x[j])), num.Flush32(rounded(y[j])), sum)
			}
		}
		return sum
	}
	scores := make([]float32, len(keys))
	for i, key := range keys {
		scores[i] = chain(q, key)
	}
	bf16 := make([]uint16, len(scores))
	sum := weigh(k, s, scores, func(scores []float32) float32 { return k.SoftmaxBF16(bf16, scores, len(scores), 1) })
	// Pairs are those of positions: the first and the last key may be without a partner.
	n := first%2 + len(keys)
	n += n % 2
	weights, column := make([]float32, n), make([]float32, n)
	for i, h := range bf16 {
		weights[first%2+i] = num.BF16ToF32(h)
	}
	out := make([]float32, len(q))
	for d := range out {
		for i, value := range values {
			column[first%2+i] = value[d]
		}
		out[d] = float32(chain(weights, column)/sum) + 0
	}
	return out
}

func rounded(x float32) float32 { return num.BF16ToF32(num.F32ToBF16(x)) }

func TestAttentionIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	vector := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	few := arch.Config{Heads: 6, KVHeads: 2, HeadDim: 38}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		config arch.Config
		bad    map[int]float32 // positions whose values are not finite
		window int
		limit  float32
	}{
		"window of one":           {few, nil, 1, 0},
		"odd window":              {few, nil, 23, 0},
		"even window":             {few, map[int]float32{}, 24, 0},
		"window of pages":         {few, nil, 64, 0},
		"window of all":           {few, nil, 150, 0},
		"capped":                  {few, nil, 0, 2},
		"window, capped":          {few, nil, 37, 2},
		"odd window, NaN":         {few, map[int]float32{40: nan, 41: inf, 90: -inf, 128: nan}, 23, 0},
		"even window, infinities": {few, map[int]float32{0: inf, 63: nan, 64: inf, 101: -inf}, 24, 0},
		"window of two, NaN":      {few, map[int]float32{0: nan, 65: nan, 66: inf}, 2, 0},

		"one head a group":   {arch.Config{Heads: 2, KVHeads: 2, HeadDim: 16}, nil, 0, 0},
		"three heads":        {arch.Config{Heads: 6, KVHeads: 2, HeadDim: 38}, nil, 0, 0},
		"large heads":        {arch.Config{Heads: 1, KVHeads: 1, HeadDim: 128}, nil, 0, 0},
		"more than a task":   {arch.Config{Heads: 100, KVHeads: 1, HeadDim: 4}, nil, 0, 0},
		"NaN":                {arch.Config{Heads: 6, KVHeads: 2, HeadDim: 38}, map[int]float32{70: float32(math.NaN())}, 0, 0},
		"infinities":         {arch.Config{Heads: 2, KVHeads: 2, HeadDim: 16}, map[int]float32{33: float32(math.Inf(1)), 90: float32(math.Inf(-1))}, 0, 0},
		"NaN from the start": {arch.Config{Heads: 2, KVHeads: 1, HeadDim: 16}, map[int]float32{0: float32(math.NaN())}, 0, 0},
	} {
		for _, mode := range []kernel.Mode{kernel.ModeF32, kernel.ModeBF16} {
			testAttention(t, name, mode, c.config, c.bad, c.window, c.limit, vector)
		}
	}
}

func testAttention(t *testing.T, name string, mode kernel.Mode, config arch.Config, bad map[int]float32, window int, limit float32, vector func(n int) []float32) {
	t.Run(name+" "+mode.String(), func(t *testing.T) {
		const length = 150
		config.Layers = 2
		plain := plainAttention
		s := &attend{layer: 1, scale: float32(1 / math.Sqrt(float64(config.HeadDim))), limit: limit}
		if mode != kernel.ModeF32 {
			plain = plainPairs
		}
		keys, values, queries := make([][][]float32, config.KVHeads), make([][][]float32, config.KVHeads), make([][][]float32, config.Heads)
		for h := range keys {
			for p := range length {
				keys[h], values[h] = append(keys[h], vector(config.HeadDim)), append(values[h], vector(config.HeadDim))
				if x, ok := bad[p]; ok {
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
			m := &Network{config: config, mode: mode, kernel: k, pool: NewPool(2), rope: newRope(arch.Config{HeadDim: 2, RopeTheta: 1}), windows: []int{window}}
			for _, cuts := range [][]int{{0, length}, {0, 1, 2, 34, 64, length}} {
				store := &Segment{}
				store.Begin(nil, length)
				other := &Segment{}
				other.Begin(nil, 3)
				stock := &Stock{CacheShape: m.CacheShape(false)}
				require.NoError(t, stock.Extend(store, length))
				require.NoError(t, stock.Extend(other, 3))
				for i := range store.pages {
					for j := range store.pages[i].bytes {
						store.pages[i].bytes[j] = 0xff // what has not been stored, NaN, must not matter
					}
				}
				for i, start := range cuts[:len(cuts)-1] {
					// A neighbour before it, so that rows and positions differ.
					b := &Batch{}
					b.Add(other, 0, make([]int32, 3))
					b.Add(store, start, make([]int32, cuts[i+1]-start))
					require.NoError(t, m.layOut(b))
					for p := start; p < cuts[i+1]; p++ {
						for h := range keys {
							if m.bf16() {
								m.storeAlone(m.pool.workers[0], store, 1, h, p, keys[h][p], values[h][p], p+1 == cuts[i+1])
								continue
							}
							store.storeKey(1, h, p, keys[h][p])
							store.storeValue(1, h, p, values[h][p])
							if !k.AllFinite(values[h][p]) {
								store.notFinite.Store(true)
							}
						}
						for h := range queries {
							group := m.group()
							row := 3 + p - start
							at := ((h/group*b.n+row)*group + h%group) * config.HeadDim
							if m.bf16() {
								k.RoundBF16(b.rotatedBF16[at:], queries[h][p])
							} else {
								copy(b.rotated[at:], queries[h][p])
							}
						}
					}
					for i := range len(b.all[0].tasks) * config.KVHeads {
						task, head, _ := b.all[0].task(i, config.KVHeads, 1)
						m.attendTask(m.pool.workers[0], b, &b.all[0], &operand{rows: b.mixed}, s, task, head)
					}
					for p := start; p < cuts[i+1]; p++ {
						for h := range queries {
							// The definition is what takes long, under emulation above all: a seventh of it, and the ends of all spans.
							if testing.Short() && (p+h)%7 != 0 && p != start && p+1 != cuts[i+1] {
								continue
							}
							kv := h / m.group()
							low := 0
							if window > 0 {
								low = max(0, p+1-window)
							}
							want := plain(k, s, queries[h][p], keys[kv][low:p+1], values[kv][low:p+1], low)
							got := b.mixed.row(3 + p - start)[h*config.HeadDim:][:config.HeadDim]
							require.True(t, same(want, got), "%s head %d position %d: %v, want %v", k.Name(), h, p, got, want)
						}
					}
					require.NoError(t, b.Release())
				}
				require.NoError(t, stock.Close())
			}
			m.pool.Close()
		}
	})
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

func TestEveryHeadOfEveryTaskIsAttendedOnce(t *testing.T) {
	for _, c := range []struct{ tokens, tasks, heads, group, threads, together int }{
		{16, 16, 12, 1, 2, 12}, {16, 16, 12, 1, 4, 12}, {3, 3, 12, 1, 2, 4}, {1, 1, 12, 1, 2, 1}, {2, 2, 5, 8, 1, 2}, {480, 10, 12, 1, 2, 1},
	} {
		a := &attention{positions: make([]int, c.tokens), tasks: make([]attentionTask, c.tasks)}
		for i := range a.tasks {
			a.tasks[i].token = i
		}
		together := a.together(c.heads, c.group, c.threads)
		require.Equal(t, c.together, together, "%+v", c)
		seen := map[[2]int]int{}
		for i := range c.tasks * ((c.heads + together - 1) / together) {
			task, first, last := a.task(i, c.heads, together)
			for head := first; head < last; head++ {
				seen[[2]int{task.token, head}]++
			}
		}
		require.Len(t, seen, c.tasks*c.heads)
		for _, n := range seen {
			require.Equal(t, 1, n)
		}
	}
}
