package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkGemm multiplies M tokens by a whole packed weight matrix, one panel at a time, at the shapes of 1.1B and 7B
// models. The metric peak% relates the rate to Peak in the same run.
func BenchmarkGemm(b *testing.B) {
	for _, k := range Available() {
		for _, s := range []struct{ m, n, k, pad int }{
			{512, 2048, 2048, 0}, {512, 2048, 2048, 16}, {512, 5632, 2048, 16}, {512, 2048, 5632, 16}, {512, 4096, 4096, 16},
			{96, 2048, 2048, 16}, {64, 2048, 2048, 16}, {16, 2048, 2048, 16}, {4, 2048, 2048, 16}, {1, 2048, 2048, 16},
			{16, 32, 2048, 0}, {4, 32, 2048, 0}, {1, 32, 2048, 0}, {512, 32, 64, 0}, {512, 20, 64, 0}, {512, 32, 512, 0},
		} {
			if k.Name() == "portable" && s.m*s.n*s.k > 1<<25 {
				continue
			}
			b.Run(fmt.Sprintf("%s/m%d-n%d-k%d-pad%d", k.Name(), s.m, s.n, s.k, s.pad), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				lda := s.k + s.pad
				x, c := buffer(r, s.m*lda), make([]float32, s.m*(s.n+16))
				panels := make([]float32, (s.n+NR-1)/NR*NR*s.k)
				for i := range panels {
					panels[i] = float32(i%17) / 17
				}
				peak := k.Peak()
				for b.Loop() {
					for j := 0; j < s.n; j += NR {
						k.Gemm(s.m, min(NR, s.n-j), s.k, x, lda, panels[j*s.k:], NR, c[j:], s.n+16, false)
					}
				}
				rate := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N) / b.Elapsed().Seconds() / 1e9
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak, "peak%")
			})
		}
	}
}

// BenchmarkPack widens the weights of a whole matrix panel by panel; MB/s counts stored bytes.
func BenchmarkPack(b *testing.B) {
	const n, kk = 2048, 2048
	for _, k := range Available() {
		for _, f := range []Format{F32, BF16, F16} {
			b.Run(k.Name()+"/"+f.String(), func(b *testing.B) {
				w := make([]byte, n*kk*f.Size())
				for i := range w {
					w[i] = byte(i * 7 & 0x3f)
				}
				dst := make([]float32, kk*NR)
				b.SetBytes(int64(len(w)))
				for b.Loop() {
					for n0 := 0; n0 < n; n0 += NR {
						k.PackRows(dst, w, f, kk, n0, NR)
					}
				}
			})
		}
	}
}

// BenchmarkRows runs the row operations over 32,000 elements, a vocabulary; ns/elem is what counts.
func BenchmarkRows(b *testing.B) {
	const n = 32000
	for _, k := range Available() {
		r := rand.New(rand.NewPCG(1, 2))
		x, y, dst := buffer(r, n), buffer(r, n), make([]float32, n)
		sink := 0.0
		for _, op := range []struct {
			name string
			f    func()
		}{
			{"softmax", func() { copy(dst, x); sink += float64(k.Softmax(dst, n, 0.125)) }},
			{"silu", func() { k.SiLUMul(dst, x, y) }},
			{"gelu", func() { k.GELUMul(dst, x, y) }},
			{"cap", func() { copy(dst, x); k.Cap(dst, 1, 30) }},
			{"norm", func() { k.RMSNorm(dst, x, y, 1e-5) }},
			{"add", func() { k.Add(dst, x) }},
			{"sumexp", func() { _, s := k.SumExp(x); sink += s }},
			{"argmax", func() { sink += float64(k.ArgMax(x)) }},
			{"finite", func() {
				if !k.AllFinite(x) {
					b.Fatal("not finite")
				}
			}},
		} {
			b.Run(k.Name()+"/"+op.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					op.f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/elem")
			})
		}
	}
}

// BenchmarkChoose is what loading a model pays for the choice of a kernel.
func BenchmarkChoose(b *testing.B) {
	for _, w := range everyWork(2048) {
		b.Run(fmt.Sprintf("%v on %v", w.Mode, w.Panels), func(b *testing.B) {
			for b.Loop() {
				Choose(Available(), w)
			}
		})
	}
}
