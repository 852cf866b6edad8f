package kernel

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

func TestMode(t *testing.T) {
	assert.Equal(t, "f32 bf16 q8 Mode(9)", ModeF32.String()+" "+ModeBF16.String()+" "+ModeQ8.String()+" "+Mode(9).String())
	for _, c := range []struct {
		m                      Mode
		k, n                   int
		columns, panel, packed int
	}{
		{ModeF32, 100, 33, 32, 12800, 25600}, {ModeBF16, 100, 65, 64, 12800, 25600}, {ModeBF16, 99, 64, 64, 12800, 12800}, {ModeQ8, 128, 32, 32, 4224, 4224},
		{ModeQ8, 129, 33, 32, 8448, 16896}, {ModeF32, 7, 0, 32, 896, 0}, {ModeQ8, 0, 5, 32, 0, 0},
	} {
		assert.Equal(t, []int{c.columns, c.panel, c.packed}, []int{c.m.Columns(), c.m.PanelSize(c.k), c.m.PackedSize(c.k, c.n)}, "%v", c)
		assert.Zero(t, c.panel%line)
	}
	assert.Equal(t, 136, RowSizeQ8(128))
	assert.Equal(t, 272, RowSizeQ8(129))
	assert.Panics(t, func() { Mode(9).Columns() })
	assert.Panics(t, func() { Mode(9).PanelSize(1) })
}

// stored returns n rows of k weights in a format, as bytes that need not be aligned: normal numbers, and hard ones or any
// bits at all.
func stored(r *rand.Rand, f Format, k, n int, round int) []byte {
	w := make([]byte, n*k*f.Size()+3)[3:]
	x := buffer(r, n*k)
	if round%3 == 1 && len(x) > 0 {
		spice(r, x)
	}
	for i, v := range x {
		switch f {
		case F32:
			binary.LittleEndian.PutUint32(w[4*i:], math.Float32bits(v))
		case BF16:
			binary.LittleEndian.PutUint16(w[2*i:], num.F32ToBF16(v))
		case F16: // no rounding to it here: any bits will do
			binary.LittleEndian.PutUint16(w[2*i:], uint16(r.Uint32())&0xbfff)
		}
	}
	if round%3 == 2 {
		for i := range w {
			w[i] = byte(r.Uint32())
		}
	}
	return w
}

// weight reads weight i of a row back.
func weight(w []byte, f Format, i int) float32 {
	switch f {
	case BF16:
		return num.BF16ToF32(binary.LittleEndian.Uint16(w[2*i:]))
	case F16:
		return num.F16ToF32(binary.LittleEndian.Uint16(w[2*i:]))
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(w[4*i:]))
}

// TestPackPanels compares kernels, with panels packed in two parts in any order.
func TestPackPanels(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round := range rounds(90) {
			kk, n := 1+r.IntN(300), 1+r.IntN(150)
			for _, f := range []Format{F32, BF16, F16} {
				w := stored(r, f, kk, n, round)
				for m := range Mode(modes) {
					size, panels := m.PackedSize(kk, n), m.Panels(n)
					want := floatBytes(size + 64)
					got := floatBytes(size + 64)
					for i := range got {
						want[i], got[i] = 0xee, 0xee
					}
					Portable().PackPanels(want, m, w, f, kk, n, 0, panels)
					cut := r.IntN(panels + 1)
					k.PackPanels(got, m, w, f, kk, n, cut, panels)
					require.True(t, bytes.Equal(got[:cut*m.PanelSize(kk)], bytes.Repeat([]byte{0xee}, cut*m.PanelSize(kk))), "other panels are not touched")
					k.PackPanels(got, m, w, f, kk, n, 0, cut)
					if m == ModeF32 {
						requireSame(t, floats(want), floats(got), "%v %v k %d n %d", m, f, kk, n)
					} else {
						require.True(t, bytes.Equal(want, got), "%v %v k %d n %d", m, f, kk, n)
					}
				}
			}
		}
	})
}

// floatBytes returns bytes aligned to 4.
func floatBytes(n int) []byte {
	x := make([]byte, n+4)
	for uintptrOf(x)%4 != 0 {
		x = x[1:]
	}
	return x[:n]
}

// TestPanelValues states the layouts element by element.
func TestPanelValues(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const kk, n = 133, 75
		for _, f := range []Format{F32, BF16, F16} {
			w := stored(r, f, kk, n, 0)
			packed := func(m Mode) []byte {
				b := floatBytes(m.PackedSize(kk, n))
				k.PackPanels(b, m, w, f, kk, n, 0, m.Panels(n))
				return b
			}
			wide, half, q8 := packed(ModeF32), packed(ModeBF16), packed(ModeQ8)
			for j := range 96 {
				var column []float64
				if j < n {
					column = columnQ8(q8, kk, j)
				}
				for i := range kk {
					want := float32(0)
					if j < n {
						want = weight(w, f, j*kk+i)
					}
					at := j/NR*ModeF32.PanelSize(kk) + (i*NR+j%NR)*4
					require.Equal(t, want, math.Float32frombits(binary.LittleEndian.Uint32(wide[at:])))
					at = j/columnsBF16*ModeBF16.PanelSize(kk) + i/2*pairSize + j%columnsBF16*4 + i%2*2
					require.Equal(t, num.F32ToBF16(want), binary.LittleEndian.Uint16(half[at:]))
					if j < n {
						top := 0.0
						for y := i / groupQ8 * groupQ8; y < min(kk, (i/groupQ8+1)*groupQ8); y++ {
							top = max(top, math.Abs(float64(weight(w, f, j*kk+y))))
						}
						require.InDelta(t, want, column[i], top/127*0.50001)
					}
				}
				if j < 128 { // the partner of the last of an odd number of inputs
					at := j/columnsBF16*ModeBF16.PanelSize(kk) + kk/2*pairSize + j%columnsBF16*4 + 2
					require.Zero(t, binary.LittleEndian.Uint16(half[at:]))
				}
			}
		}
	})
}

func TestGemmF32(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 9, 75, 130
		w := stored(r, F32, kk, n, 0)
		b := floatBytes(ModeF32.PackedSize(kk, n))
		k.PackPanels(b, ModeF32, w, F32, kk, n, 0, ModeF32.Panels(n))
		a, got := buffer(r, m*kk), make([]float32, m*n)
		k.GemmF32(m, n, kk, a, kk, b, got, n, false, &Scratch{})
		for i := range m {
			for j := range n {
				want := float32(0)
				for y := range kk {
					want = num.FMA32(a[i*kk+y], weight(w, F32, j*kk+y), want)
				}
				require.Equal(t, want, got[i*n+j])
			}
		}
	})
}

// TestEmptyProducts have nothing to sum, or nowhere to put it.
func TestEmptyProducts(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		for _, run := range []func(m, n int, c []float32, acc bool){
			func(m, n int, c []float32, acc bool) { k.GemmBF16(m, n, 0, nil, 0, nil, c, 3, acc) },
			func(m, n int, c []float32, acc bool) { k.GemmMixed(m, n, 0, nil, 0, nil, c, 3, acc, &Scratch{}) },
			func(m, n int, c []float32, acc bool) { k.GemmQ8(m, n, 0, nil, 0, nil, c, 3, acc) },
			func(m, n int, c []float32, acc bool) { k.GemmF32(m, n, 0, nil, 0, nil, c, 3, acc, &Scratch{}) },
		} {
			c := []float32{1, 2, 3, 4, 5, 6}
			run(2, 2, c, true)
			run(0, 2, c, false)
			run(2, 0, c, false)
			assert.Equal(t, []float32{1, 2, 3, 4, 5, 6}, c)
			run(2, 2, c, false)
			assert.Equal(t, []float32{0, 0, 3, 0, 0, 6}, c)
		}
		k.PackPanels(nil, ModeBF16, nil, BF16, 0, 70, 0, 2)
		k.PackPanels(nil, ModeQ8, nil, BF16, 7, 0, 0, 0)
	})
}

// TestProductsAllocateNothing, nor does packing.
func TestProductsAllocateNothing(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 96, 70, 130 // rows for which panels are widened at once
		x, c := buffer(r, m*kk), make([]float32, m*n)
		half, row := make([]uint16, m*kk), make([]byte, m*RowSizeQ8(kk))
		w := stored(r, F32, kk, n, 0)
		var b [modes][]byte
		for mode := range b {
			b[mode] = floatBytes(Mode(mode).PackedSize(kk, n))
		}
		var s Scratch // one run before those that are counted lets it grow
		assert.Zero(t, testing.AllocsPerRun(3, func() {
			for mode := range b {
				k.PackPanels(b[mode], Mode(mode), w, F32, kk, n, 0, Mode(mode).Panels(n))
			}
			k.RoundBF16(half, x)
			for i := range m {
				k.QuantizeQ8(row[i*RowSizeQ8(kk):], x[i*kk:][:kk])
			}
			k.GemmF32(m, n, kk, x, kk, b[ModeF32], c, n, true, &s)
			k.GemmMixed(m, n, kk, x, kk, b[ModeBF16], c, n, true, &s)
			k.GemmBF16(m, n, kk, half, kk, b[ModeBF16], c, n, true)
			k.GemmQ8(m, n, kk, row, RowSizeQ8(kk), b[ModeQ8], c, n, true)
		}))
	})
}

// TestProductBits pins results of every mode on every kernel: they are part of the engine's numerics.
func TestProductBits(t *testing.T) {
	const m, n, kk = 50, 100, 700
	x, w := make([]float32, m*kk), make([]byte, n*kk*4)
	for i := range x { // the same inputs everywhere
		x[i] = float32(int64(i)*2654435761>>7&0xffff-0x8000) / 0x4000
	}
	for i := range n * kk {
		binary.LittleEndian.PutUint32(w[4*i:], math.Float32bits(float32(int64(i)*2246822519>>9&0xffff-0x8000)/0x2000))
	}
	want := map[Mode]string{
		ModeF32:  "033b7d9ccaf52449e1238ff3e091fdf857f66162a7bb60d536a4728e278dce2d",
		ModeBF16: "b19b9ae242706cc87a6ab1b5b7c2a7d67b02899d57e63fa1ba41def5632b0f8a",
		ModeQ8:   "81eb7010472c6b6a6c3943d2ad3a2c564c0ee778c64a7c28829e7d3f82c1c9b3",
	}
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		half, rows := make([]uint16, len(x)), make([]byte, m*RowSizeQ8(kk))
		k.RoundBF16(half, x)
		for i := range m {
			k.QuantizeQ8(rows[i*RowSizeQ8(kk):], x[i*kk:][:kk])
		}
		for mode := range Mode(modes) {
			b, c := floatBytes(mode.PackedSize(kk, n)), make([]float32, m*n)
			k.PackPanels(b, mode, w, F32, kk, n, 0, mode.Panels(n))
			switch mode {
			case ModeF32:
				k.GemmF32(m, n, kk, x, kk, b, c, n, false, &Scratch{})
			case ModeBF16:
				k.GemmBF16(m, n, kk, half, kk, b, c, n, false)
			case ModeQ8:
				k.GemmQ8(m, n, kk, rows, RowSizeQ8(kk), b, c, n, false)
			}
			h := sha256.New()
			for _, v := range c {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
			assert.Equal(t, want[mode], hex.EncodeToString(h.Sum(nil)), "%v", mode)
		}
	})
}
