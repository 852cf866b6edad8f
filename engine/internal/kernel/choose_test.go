package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyWork lists the products that a model may consist of.
func everyWork(k int) []Work {
	return []Work{{ModeF32, ModeF32, k}, {ModeF32, ModeBF16, k}, {ModeBF16, ModeBF16, k}, {ModeQ8, ModeQ8, k}}
}

// TestEveryPair compares the products of all kernels with each other on the same operands: numbers of every size, subnormal
// ones, infinities, NaN, and old values of C among them.
func TestEveryPair(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ks := append(Available(), lesser()...)
	for _, w := range everyWork(0) {
		for round := range 12 {
			m, k := 1+r.IntN(20), 2+r.IntN(300)
			tr := newTrial(w, k, m)
			stored, c := buffer(r, tr.n*k), buffer(r, m*tr.n)
			scale := float32(math.Exp2(float64(10 - 12*round)))
			for i := range tr.x {
				tr.x[i] *= scale
			}
			for _, x := range [][]float32{tr.x, stored, c} {
				if round%2 == 0 {
					spice(r, x)
				}
			}
			tr.encode(stored)
			var results [][]float32
			for _, k := range ks {
				got := append([]float32(nil), c...)
				tr.run(k, got)
				results = append(results, got)
			}
			for i, a := range ks {
				for j, b := range ks[:i] {
					requireSame(t, results[j], results[i], "%v on %v: %s and %s", w.Mode, w.Panels, a.Name(), b.Name())
				}
			}
		}
	}
}

// TestChoose: whatever is chosen is among the kernels that there are, all of which agree with the portable one; a forced one
// is taken as it is.
func TestChoose(t *testing.T) {
	for _, w := range everyWork(256) {
		k, candidates := Choose(Available(), w)
		chosen := 0
		for _, c := range candidates {
			assert.False(t, c.Wrong, "%v", c)
			assert.NotEmpty(t, c.Instruction)
			if c.Chosen {
				chosen++
				assert.Equal(t, k.Name(), c.Name)
			}
			if len(candidates) > 1 {
				assert.Positive(t, c.Rate, "%v", c)
			}
		}
		assert.Equal(t, 1, chosen)
		for _, only := range Available() {
			k, candidates := Choose([]*Kernel{only}, w)
			assert.Equal(t, only.Name(), k.Name())
			assert.Equal(t, []Candidate{{Name: only.Name(), Instruction: only.Instruction(w.Mode), Chosen: true}}, candidates)
		}
	}
}

// TestChooseLeavesOut what gives other bits, even if it is faster than everything: each of these is a fault that instructions
// have.
func TestChooseLeavesOut(t *testing.T) {
	faults := map[string]struct {
		work Work
		do   func(k *Kernel)
	}{
		"rounds products": {Work{ModeF32, ModeF32, 64}, func(k *Kernel) {
			k.gemm = func(m, n, kk int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, _ bool, _ []byte) {
				for i := range m {
					for j := range n {
						for x := range kk {
							c[i*ldc+j] += float32(a[i*lda+x] * b[x*ldb+j])
						}
					}
				}
			}
		}},
		"keeps subnormal numbers": {Work{ModeBF16, ModeBF16, 64}, func(k *Kernel) {
			k.gemmBF16 = func(m, n, kk int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
				wide := widened(a)
				for p := 0; p < kk; p += 2 { // in the order of GemmBF16
					swapped := make([]float32, 2*m)
					for i := range m {
						swapped[2*i], swapped[2*i+1] = wide[i*lda+p+1], wide[i*lda+p]
					}
					gemmMixedPortable(m, n, 2, swapped, 2, turned(b[p/2*pairSize:][:pairSize]), c, ldc, true, nil)
				}
			}
		}},
		"first element first": {Work{ModeBF16, ModeBF16, 64}, func(k *Kernel) {
			k.gemmBF16 = func(m, n, kk int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
				turnedA := append([]uint16(nil), a...)
				for i := 0; i+1 < len(turnedA); i += 2 {
					turnedA[i], turnedA[i+1] = turnedA[i+1], turnedA[i]
				}
				gemmBF16Portable(m, n, kk, turnedA, lda, turned(b), c, ldc, acc)
			}
		}},
		"saturates": {Work{ModeQ8, ModeQ8, 64}, func(k *Kernel) {
			k.gemmQ8 = func(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool) {
				gemmQ8Portable(m, n, groups, a, lda, b, c, ldc, acc)
				c[0] = math.Float32frombits(math.Float32bits(c[0]) ^ 1)
			}
		}},
		"one bit of a widened product": {Work{ModeF32, ModeBF16, 64}, func(k *Kernel) {
			k.gemmMixed = func(m, n, kk int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, _ *Scratch) {
				gemmMixedPortable(m, n, kk, a, lda, b, c, ldc, acc, nil)
				last := (m-1)*ldc + n - 1
				c[last] = math.Float32frombits(math.Float32bits(c[last]) ^ 1)
			}
		}},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			bad := Portable()
			bad.name, bad.packing = "bad", vectorAVX512
			f.do(bad)
			k, candidates := Choose(append([]*Kernel{bad}, Available()...), f.work)
			assert.NotEqual(t, "bad", k.Name())
			require.True(t, candidates[0].Wrong)
			assert.False(t, candidates[0].Chosen)
			k, candidates = Choose([]*Kernel{bad}, f.work)
			assert.Equal(t, "portable", k.Name(), "nothing else is right")
			assert.Len(t, candidates, 2)
		})
	}
}

// turned swaps the elements of every pair.
func turned(b []byte) []byte {
	out := append([]byte(nil), b...)
	for i := 0; i+3 < len(out); i += 4 {
		out[i], out[i+1], out[i+2], out[i+3] = out[i+2], out[i+3], out[i], out[i+1]
	}
	return out
}

// TestFastest: what is faster by chance is not chosen.
func TestFastest(t *testing.T) {
	for _, c := range []struct {
		seconds []float64
		want    int
	}{
		{[]float64{1}, 0}, {[]float64{1, 1}, 0}, {[]float64{1, 0.99}, 0}, {[]float64{1, 0.5}, 1}, {[]float64{1, 0.9, 0.89}, 1}, {[]float64{2, 4, 1}, 2},
		{[]float64{1, 2, math.Inf(1)}, 0},
	} {
		assert.Equal(t, c.want, fastest(c.seconds), fmt.Sprint(c.seconds))
	}
}
