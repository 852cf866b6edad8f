package blocks

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// TestWeaveLosesNothing: every byte of every row has one place in a strip, whatever the number of rows, and the others are 0.
func TestWeaveLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	tried := 0
	for f := Q8_0; f < formats; f++ {
		if words, _ := f.woven(); words == nil {
			continue
		}
		tried++
		for _, n := range []int{1, 33, Strip} {
			const count = 3
			rows := f.randomRows(random, n, count, false)
			strip := make([]byte, Strip*len(rows[0]))
			for i := range strip {
				strip[i] = 0x55
			}
			Weave(strip, f, rows)
			got, nothing := make([]byte, f.Bytes()), make([]byte, f.Bytes())
			for i := range Strip {
				for b := range count {
					unweave(got, f, strip, b, i)
					want := nothing
					if i < n {
						want = rows[i][b*f.Bytes():][:f.Bytes()]
					}
					require.Equal(t, want, got, "format %d, row %d of %d, block %d", f, i, n, b)
				}
			}
		}
	}
	assert.Equal(t, 12, tried)
}

// TestWovenIsDecode: products with woven rows have the bits of fused multiply-adds over decoded numbers in order, for every
// number of rows, and panels those of the numbers, with scales of any size, subnormal, infinite and none, and inputs that are not
// finite; with every level of assembly that there is.
func TestWovenIsDecode(t *testing.T) {
	for v, name := range levels(t) {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, 6))
			tried := 0
			for f := Q8_0; f < formats; f++ {
				if !v.Weaves(f) {
					continue
				}
				tried++
				for turn := range 30 {
					n, count := 1+turn*17%Strip, 1+turn%3
					x := randomInputs(random, count*f.Elements(), turn)
					requireWoven(t, v, f, x, f.randomRows(random, n, count, turn%8 != 0))
				}
			}
			assert.Equal(t, 12, tried)
		})
	}
}

// levels are those of this machine, by name.
func levels(t testing.TB) map[Vector]string {
	m := map[Vector]string{}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C {
		m[AVX2] = "AVX2"
	}
	if cpu.X86.HasAVX512F && m[AVX2] != "" {
		m[AVX512] = "AVX512"
	}
	if runtime.GOARCH == "arm64" {
		m[NEON] = "NEON"
	}
	if len(m) == 0 {
		t.Skip("there is no assembly for this processor")
	}
	return m
}

// randomInputs are n numbers, of which in some turns one is infinite, and in others all are hard.
func randomInputs(random *rand.Rand, n, turn int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64())
	}
	switch {
	case turn%5 == 0:
		x[random.IntN(len(x))] = float32(math.Inf(1))
	case turn%5 == 1: // so small that sums are subnormal numbers, and become zeros of either sign
		for i := range x {
			x[i] *= math.SmallestNonzeroFloat32 * 4
		}
	}
	return x
}

// requireWoven demands of rows, woven, the products with x and the panels that their numbers have.
func requireWoven(t *testing.T, v Vector, f Format, x []float32, rows [][]byte) {
	t.Helper()
	n := len(rows)
	strip := make([]byte, Strip*len(rows[0]))
	Weave(strip, f, rows)
	got, left, right := make([]float32, n), make([]float32, len(x)*Columns), make([]float32, len(x)*Columns)
	v.Dot(got, f, strip, x)
	v.Unweave(left, right, f, strip, 0)
	values := make([]float32, len(x))
	for j, row := range rows {
		f.Decode(values, row)
		want := float32(0)
		for i, number := range values {
			want = num.FMA32(x[i], number, want)
			panel := left
			if j >= Columns {
				panel = right
			}
			requireBits(t, number, panel[i*Columns+j%Columns], "format %d, row %d of %d, number %d of %d", f, j, n, i, len(x))
		}
		requireBits(t, want, got[j], "format %d, sum of row %d of %d, %d numbers", f, j, n, len(x))
	}
}

// requireBits demands the same number, the sign of zero included, or two that are none.
func requireBits(t *testing.T, want, got float32, format string, args ...any) {
	t.Helper()
	if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
		require.Equal(t, math.Float32bits(want), math.Float32bits(got), append([]any{format}, args...)...)
	}
}

// randomRows are rows of random blocks. Any float16 is a scale, or else only numbers.
func (f Format) randomRows(random *rand.Rand, n, count int, finite bool) [][]byte {
	rows := make([][]byte, n)
	for i := range rows {
		rows[i] = make([]byte, count*f.Bytes())
		for j := range rows[i] {
			rows[i][j] = byte(random.Uint32())
		}
		for b := range count {
			if finite {
				f.setScales(rows[i][b*f.Bytes():][:f.Bytes()], random)
			}
		}
	}
	return rows
}

// BenchmarkDot multiplies one row with a strip, from the nearest caches.
func BenchmarkDot(b *testing.B) {
	names := map[Format]string{Q8_0: "Q8_0", Q4_0: "Q4_0", Q4_1: "Q4_1", Q5_0: "Q5_0", Q5_1: "Q5_1", IQ4_NL: "IQ4_NL", Q2_K: "Q2_K", Q3_K: "Q3_K", Q4_K: "Q4_K", Q5_K: "Q5_K", Q6_K: "Q6_K", IQ4_XS: "IQ4_XS"}
	for v, name := range levels(b) {
		for f := Q8_0; f < formats; f++ {
			if !v.Weaves(f) {
				continue
			}
			random := rand.New(rand.NewPCG(5, 6))
			x, out := make([]float32, MostElements), make([]float32, Strip)
			for i := range x {
				x[i] = 1
			}
			rows := f.randomRows(random, Strip, len(x)/f.Elements(), true)
			strip := make([]byte, Strip*len(rows[0]))
			Weave(strip, f, rows)
			b.Run(names[f]+"/"+name, func(b *testing.B) {
				for b.Loop() {
					v.Dot(out, f, strip, x)
				}
				b.ReportMetric(float64(b.N)*float64(len(x)*Strip)/b.Elapsed().Seconds()/1e9, "Gweights/s")
			})
		}
	}
}
