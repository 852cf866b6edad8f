package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quantizedRows quantises m rows of k, lda bytes apart.
func quantizedRows(r *rand.Rand, x []float32, m, k, lda int) []byte {
	off := r.IntN(64)
	a := make([]byte, (m-1)*lda+RowSizeQ8(k)+off)[off:]
	for i := range m {
		Portable().QuantizeQ8(a[i*lda:], x[i*k:][:k])
	}
	return a
}

// panelsQ8 packs n rows of k float32 into q8 panels.
func panelsQ8(r *rand.Rand, w []float32, k, n int) []byte {
	raw := make([]byte, 4*len(w))
	for i, x := range w {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(x))
	}
	off := r.IntN(64)
	panels := make([]byte, ModeQ8.PackedSize(k, n)+off)[off:]
	Portable().PackPanels(panels, ModeQ8, raw, F32, k, n, 0, ModeQ8.Panels(n))
	return panels
}

// rowQ8 reads a quantised row back.
func rowQ8(row []byte, k int) []float64 {
	x := make([]float64, k)
	for i := range x {
		group := row[i/groupQ8*rowGroupSize:]
		scale := math.Float32frombits(binary.LittleEndian.Uint32(group[4+groupQ8:]))
		x[i] = float64(int8(group[4+i%groupQ8])) * float64(scale)
	}
	return x
}

// columnQ8 reads a column of packed panels back.
func columnQ8(b []byte, k, j int) []float64 {
	x := make([]float64, k)
	panel := b[j/columnsQ8*ModeQ8.PanelSize(k):]
	for i := range x {
		group := panel[i/groupQ8*groupSizeQ8:]
		scale := math.Float32frombits(binary.LittleEndian.Uint32(group[weightsSize+j%columnsQ8*4:]))
		x[i] = (float64(group[i%groupQ8/4*quadSize+j%columnsQ8*4+i%4]) - 128) * float64(scale)
	}
	return x
}

func TestGemmQ8(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round := range rounds(200) {
			m, n, kk, ldc := shape(r, round)
			if round%25 == 3 {
				m, n, kk, ldc = 66+r.IntN(9), 100+r.IntN(100), 2000+r.IntN(200), 200
			}
			x, w := buffer(r, m*kk), buffer(r, n*kk)
			if round%3 == 0 {
				spice(r, x)
				spice(r, w)
			}
			lda := RowSizeQ8(kk) + 4*r.IntN(5)
			a, b := quantizedRows(r, x, m, kk, lda), panelsQ8(r, w, kk, n)
			checkProduct(t, k, r, m, n, kk, ldc, groupQ8, columnsQ8, func(k *Kernel, c []float32, from, m, n, k0, kk int, acc bool) {
				g := k0 / groupQ8
				k.GemmQ8(m, n, kk, a[from*lda+g*rowGroupSize:], lda, b[g*groupSizeQ8:], c, ldc, acc)
			})
		}
	})
}

// TestGemmQ8Extremes has all integers at the ends of their ranges: nothing may saturate or overflow.
func TestGemmQ8Extremes(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 7, 32, 256
		for _, sign := range []float32{1, -1} {
			x, w := make([]float32, m*kk), make([]float32, n*kk)
			for i := range x {
				x[i] = 127
			}
			for i := range w {
				w[i] = 127 * sign
			}
			c := make([]float32, m*n)
			k.GemmQ8(m, n, kk, quantizedRows(r, x, m, kk, RowSizeQ8(kk)), RowSizeQ8(kk), panelsQ8(r, w, kk, n), c, n, false)
			for _, v := range c {
				require.Equal(t, sign*127*127*kk, v)
			}
		}
	})
}

// TestQ8Error compares with float64: with products of what the integers stand for closely, and with those of the
// numbers before quantising as closely as 8 bits allow.
func TestQ8Error(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 7, 70, 1500
		x, w, c := buffer(r, m*kk), buffer(r, n*kk), make([]float32, m*n)
		lda := RowSizeQ8(kk)
		a, b := quantizedRows(r, x, m, kk, lda), panelsQ8(r, w, kk, n)
		k.GemmQ8(m, n, kk, a, lda, b, c, n, false)
		for i := range m {
			row := rowQ8(a[i*lda:], kk)
			for j := range n {
				column := columnQ8(b, kk, j)
				sum, size, exact, noise := 0.0, 0.0, 0.0, 0.0
				for y := range kk {
					sum += row[y] * column[y]
					size += math.Abs(row[y] * column[y])
					u, v := float64(x[i*kk+y]), float64(w[j*kk+y])
					exact += u * v
					noise += u*u + v*v
				}
				require.InDelta(t, sum, c[i*n+j], size*0x1p-20)
				// Steps of at most 5/127 for normal numbers, errors uniform and independent: six standard deviations.
				require.InDelta(t, exact, c[i*n+j], 6*math.Sqrt(noise/12)*5/127)
			}
		}
	})
}

func TestQuantizeQ8(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round, n := range append(lengths(r), lengths(r)...) {
			x := buffer(r, n)
			scale := float32(math.Ldexp(1, r.IntN(200)-100))
			for i := range x {
				x[i] *= scale
				if round%4 == 1 {
					x[i] = math.Float32frombits(r.Uint32() & 0xbfffffff) // anything below 2
				}
			}
			if round%4 == 2 {
				spice(r, x)
			}
			if round%4 == 3 { // ties
				for i := range x {
					x[i] = float32(r.IntN(509)-254) / 2
				}
				x[0] = 127
			}
			size := RowSizeQ8(n)
			want, got := make([]byte, size+8), make([]byte, size+8)
			for i := range 8 {
				want[size+i], got[size+i] = 0xee, 0xee
			}
			Portable().QuantizeQ8(want, x)
			k.QuantizeQ8(got, x)
			require.Equal(t, want, got, "%d elements", n)

			for g := range groupsQ8(n) {
				group, part := got[g*rowGroupSize:], x[g*groupQ8:min(n, (g+1)*groupQ8)]
				scale := math.Float32frombits(binary.LittleEndian.Uint32(group[4+groupQ8:]))
				sum := int32(0)
				for i := range groupQ8 {
					q := int8(group[4+i])
					sum += int32(q)
					require.NotEqual(t, int8(-128), q)
					if i >= len(part) {
						require.Zero(t, q)
					} else if scale == scale {
						require.InDelta(t, part[i], float64(q)*float64(scale), float64(scale)*0.50001+0x1p-100)
					}
				}
				require.Equal(t, -128*sum, int32(binary.LittleEndian.Uint32(group)))
				finite := AllFinite(part)
				require.Equal(t, finite, scale == scale, "a group that is not finite has no scale")
			}
		}
		k.QuantizeQ8(nil, nil)
	})
}

// AllFinite is the portable kernel's.
func AllFinite(x []float32) bool { return allFinitePortable(x) }

func TestQ8NotFinite(t *testing.T) {
	inf := float32(math.Inf(1))
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 3, 40, 200
		for _, bad := range []float32{nan, inf, -inf} {
			x, w, c := buffer(r, m*kk), buffer(r, n*kk), make([]float32, m*n)
			x[1*kk+170] = bad
			w[33*kk+5] = bad
			raw := make([]byte, 4*len(w))
			for i, v := range w {
				binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
			}
			b := make([]byte, ModeQ8.PackedSize(kk, n))
			k.PackPanels(b, ModeQ8, raw, F32, kk, n, 0, ModeQ8.Panels(n))
			a := make([]byte, m*RowSizeQ8(kk))
			for i := range m {
				k.QuantizeQ8(a[i*RowSizeQ8(kk):], x[i*kk:][:kk])
			}
			k.GemmQ8(m, n, kk, a, RowSizeQ8(kk), b, c, n, false)
			for i := range m {
				for j := range n {
					v := c[i*n+j]
					assert.Equal(t, i == 1 || j == 33, v != v, "row %d column %d", i, j)
				}
			}
		}
	})
}
