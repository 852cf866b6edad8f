package blocks

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// TestDotIsTheChain: products have the bits of fused multiply-adds over decoded numbers in order, for every number of rows,
// with scales of any size and inputs that are not finite.
func TestDotIsTheChain(t *testing.T) {
	if !cpu.X86.HasAVX512F {
		t.Skip("this processor has no AVX-512")
	}
	random := rand.New(rand.NewPCG(5, 6))
	tried := 0
	for f := Q8_0; f < formats; f++ {
		if !AVX512.Dots(f) {
			continue
		}
		tried++
		for turn := range 96 {
			n, blocks := 1+turn%Columns, 1+turn%4
			x := make([]float32, blocks*f.Elements())
			for i := range x {
				x[i] = float32(random.NormFloat64())
			}
			if turn%5 == 0 {
				x[random.IntN(len(x))] = float32(math.Inf(1))
			}
			rows := make([][]byte, n)
			for i := range rows {
				rows[i] = make([]byte, blocks*f.Bytes())
				for j := range rows[i] {
					rows[i][j] = byte(random.Uint32())
				}
				if turn%8 != 0 {
					for b := range blocks {
						f.setScales(rows[i][b*f.Bytes():][:f.Bytes()], random)
					}
				}
			}
			got := make([]float32, n)
			AVX512.Dot(got, f, rows, x, 0)
			values := make([]float32, len(x))
			for j, row := range rows {
				f.Decode(values, row)
				want := float32(0)
				for i, v := range values {
					want = num.FMA32(x[i], v, want)
				}
				same := math.Float32bits(got[j]) == math.Float32bits(want) || got[j] != got[j] && want != want
				require.True(t, same, "format %d, %d rows of %d blocks: row %d is %v (%x), want %v (%x)", f, n, blocks, j,
					got[j], math.Float32bits(got[j]), want, math.Float32bits(want))
			}
		}
	}
	assert.Positive(t, tried)
}

// BenchmarkDot multiplies one row with a panel's rows, from the nearest caches.
func BenchmarkDot(b *testing.B) {
	for _, f := range []Format{Q4_K, Q6_K} {
		if !AVX512.Dots(f) {
			continue
		}
		const blocks = 2
		random := rand.New(rand.NewPCG(5, 6))
		rows := make([][]byte, Columns)
		for i := range rows {
			rows[i] = make([]byte, blocks*f.Bytes())
			for j := range rows[i] {
				rows[i][j] = byte(random.Uint32())
			}
			for n := range blocks {
				f.setScales(rows[i][n*f.Bytes():][:f.Bytes()], random)
			}
		}
		x, out := make([]float32, blocks*f.Elements()), make([]float32, Columns)
		for i := range x {
			x[i] = 1
		}
		b.Run(map[Format]string{Q4_K: "Q4_K", Q6_K: "Q6_K"}[f], func(b *testing.B) {
			for b.Loop() {
				AVX512.Dot(out, f, rows, x, 0)
			}
			b.ReportMetric(float64(b.N)*float64(len(x)*Columns)/b.Elapsed().Seconds()/1e9, "Gweights/s")
		})
	}
}
