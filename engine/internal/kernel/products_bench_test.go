package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// allocated returns memory that is written to, so that it is there.
func allocated(b *testing.B, n int) *Memory {
	m, err := Allocate(n)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, m.Release()) })
	for i := 0; i < n; i += line {
		m.Bytes()[i] = 1
	}
	return m
}

// BenchmarkProducts multiplies M tokens by whole weight matrices packed ahead, at the shapes of 1.1B and 7B models, some
// columns at a time, as the engine's tasks do. The rate is that of the median of these parts, in processor time; peak%
// relates it to PeakOf in the same run, and quiet% the first decile, which others on the machine disturb less. GB/s is the
// rate at which packed weights are read, which is what limits few tokens: 7B's matrices are larger than caches.
func BenchmarkProducts(b *testing.B) {
	for _, k := range append(Available(), lesser()...) {
		for _, kind := range []string{"f32", "mixed", "bf16", "q8"} {
			for _, s := range []struct{ m, n, k int }{
				{512, 2048, 2048}, {512, 5632, 2048}, {512, 2048, 5632}, {512, 4096, 4096}, {512, 768, 768},
				{64, 11008, 4096}, {32, 11008, 4096}, {16, 11008, 4096}, {8, 11008, 4096}, {4, 11008, 4096}, {2, 11008, 4096}, {1, 11008, 4096},
			} {
				if k.Name() == "portable" && s.m*s.n*s.k > 1<<26 {
					continue
				}
				b.Run(fmt.Sprintf("%s/%s/m%d-n%d-k%d", k.Name(), kind, s.m, s.n, s.k), func(b *testing.B) { benchmarkProduct(b, k, kind, s.m, s.n, s.k) })
			}
		}
	}
}

func benchmarkProduct(b *testing.B, k *Kernel, kind string, m, n, kk int) {
	mode := map[string]Mode{"f32": ModeF32, "mixed": ModeBF16, "bf16": ModeBF16, "q8": ModeQ8}[kind] // of the panels
	unit := mode
	if kind == "mixed" {
		unit = ModeF32
	}
	r := rand.New(rand.NewPCG(1, 2))
	lda, ldc := PadStride(kk), n+16
	x := allocated(b, m*lda*4).Floats()
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	half, row := allocated(b, m*lda*2).Halves(), RowSizeQ8(kk)
	k.RoundBF16(half, x)
	rows := allocated(b, m*row).Bytes()
	for i := range m {
		k.QuantizeQ8(rows[i*row:], x[i*lda:][:kk])
	}
	weights, c := allocated(b, mode.PackedSize(kk, n)).Bytes(), allocated(b, m*ldc*4).Floats()
	stored := make([]byte, mode.Columns()*kk*2) // one panel's worth, again and again
	for i := range stored {
		stored[i] = byte(i*7) & 0xbf
	}
	for p := range mode.Panels(n) {
		k.PackPanels(weights[p*mode.PanelSize(kk):], mode, stored, BF16, kk, mode.Columns(), 0, 1)
	}

	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Parts of about half a millisecond at 100 GOP/s: shorter than a time slice, longer than the clock's grain.
	cols := min(n, max(64, 25_000_000/(m*kk)/64*64))
	var times []float64
	peak := k.PeakOf(unit)
	for b.Loop() {
		for j := 0; j+cols <= n; j += cols {
			part := weights[j/mode.Columns()*mode.PanelSize(kk):]
			start := busy()
			switch kind {
			case "f32":
				k.GemmF32(m, cols, kk, x, lda, part, c[j:], ldc, false, &Scratch{})
			case "mixed":
				k.GemmMixed(m, cols, kk, x, lda, part, c[j:], ldc, false, &Scratch{})
			case "bf16":
				k.GemmBF16(m, cols, kk, half, lda, part, c[j:], ldc, false)
			case "q8":
				k.GemmQ8(m, cols, kk, rows, row, part, c[j:], ldc, false)
			}
			times = append(times, (busy() - start).Seconds())
		}
	}
	peak = max(peak, k.PeakOf(unit))
	slices.Sort(times)
	median := times[len(times)/2]
	work := 2 * float64(m) * float64(cols) * float64(kk) / 1e9
	b.ReportMetric(work/median, "GOP/s")
	b.ReportMetric(100*work/median/peak, "peak%")
	b.ReportMetric(100*work/times[len(times)/10]/peak, "quiet%")
	b.ReportMetric(float64(mode.PackedSize(kk, cols))/median/1e9, "GB/s")
}

// BenchmarkRead is the yardstick of products with few tokens: a loop that reads memory beyond the caches and does next to
// nothing with it.
func BenchmarkRead(b *testing.B) {
	x := allocated(b, 256<<20).Floats()
	for _, k := range Available() {
		b.Run(k.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(x) * 4))
			for b.Loop() {
				k.Read(x)
			}
		})
	}
}

// BenchmarkPrepare packs whole matrices, and rounds and quantises activations; MB/s counts stored bytes.
func BenchmarkPrepare(b *testing.B) {
	const n, kk = 2048, 2048
	for _, k := range Available() {
		for _, f := range []Format{F32, BF16, F16} {
			for mode := range Mode(modes) {
				b.Run(fmt.Sprintf("%s/%v-%v", k.Name(), f, mode), func(b *testing.B) {
					w := make([]byte, n*kk*f.Size())
					for i := range w {
						w[i] = byte(i * 7 & 0x3f)
					}
					dst := allocated(b, mode.PackedSize(kk, n)).Bytes()
					b.SetBytes(int64(len(w)))
					for b.Loop() {
						k.PackPanels(dst, mode, w, f, kk, n, 0, mode.Panels(n))
					}
				})
			}
		}
		x, half, row := buffer(rand.New(rand.NewPCG(1, 2)), kk), make([]uint16, kk), make([]byte, RowSizeQ8(kk))
		b.Run(k.Name()+"/round", func(b *testing.B) {
			b.SetBytes(kk * 4)
			for b.Loop() {
				k.RoundBF16(half, x)
			}
		})
		b.Run(k.Name()+"/quantize", func(b *testing.B) {
			b.SetBytes(kk * 4)
			for b.Loop() {
				k.QuantizeQ8(row, x)
			}
		})
	}
}
