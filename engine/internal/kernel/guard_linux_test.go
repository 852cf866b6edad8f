package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// guardedFloats returns n float32 that end where memory ends: reading or writing beyond them is a fault.
func guardedFloats(t *testing.T, n int) []float32 {
	page := syscall.Getpagesize()
	size := (n*4 + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(mem)) })
	require.NoError(t, syscall.Mprotect(mem[size:], syscall.PROT_NONE))
	return unsafe.Slice((*float32)(unsafe.Pointer(&mem[size-n*4])), n)
}

// guardedBytes is guardedFloats for bytes.
func guardedBytes(t *testing.T, n int) []byte {
	x := guardedFloats(t, (n+3)/4)
	b := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*4)
	return b[len(b)-n:]
}

// guardedProducts runs the products on packed panels, and what prepares them.
func guardedProducts(t *testing.T, k *Kernel, m, n, kk int) {
	x, c := guardedFloats(t, m*kk), guardedFloats(t, m*n)
	raw := guardedBytes(t, m*kk*2)
	half, rows := unsafe.Slice((*uint16)(unsafe.Pointer(&raw[0])), m*kk), guardedBytes(t, m*RowSizeQ8(kk))
	k.RoundBF16(half, x)
	k.PairBF16(guardedBytes(t, 4*len(x)), x, guardedFloats(t, len(x)))
	k.SoftmaxBF16(half, guardedFloats(t, len(x)), len(x), 1)
	k.RoundBF16(half, x)
	for i := range m {
		k.QuantizeQ8(rows[i*RowSizeQ8(kk):], x[i*kk:][:kk])
	}
	s := Scratch{Next: guardedBytes(t, 65)} // what is asked for may reach beyond its end
	for _, f := range []Format{F32, BF16, F16} {
		w := guardedBytes(t, n*kk*f.Size())
		for mode := range Mode(modes) {
			b := guardedBytes(t, mode.PackedSize(kk, n))
			k.PackPanels(b, mode, w, f, kk, n, 0, mode.Panels(n))
			switch mode {
			case ModeF32:
				k.GemmF32(m, n, kk, x, kk, b, c, n, false, &s)
			case ModeBF16:
				k.GemmBF16(m, n, kk, half, kk, b, c, n, true)
				if cols := min(n, columnsBF16); kk > 1 {
					block := guardedBytes(t, kk/2*4*cols)
					k.GemmPairs(m, cols, kk/2*2, half, kk, block, 4*cols, c, n, true)
				}
				k.GemmMixed(m, n, kk, x, kk, b, c, n, false, &s)
			case ModeQ8:
				k.GemmQ8(m, n, kk, rows, RowSizeQ8(kk), b, c, n, true)
			}
		}
	}
}

// guardedStrips runs the products with woven blocks and what makes panels of them, which is not all kernels have.
func guardedStrips(t *testing.T, k *Kernel, count int) {
	var s BlockScratch
	for f := blocks.Q8_0; f <= blocks.IQ4_XS; f++ {
		if !k.Weaves(f) {
			continue
		}
		kk := count * f.Elements()
		strip := guardedBytes(t, count*f.Bytes()*blocks.Strip)
		k.DotStrip(guardedFloats(t, blocks.Strip), f, strip, guardedFloats(t, kk))
		for mode := range Mode(modes) {
			k.PackStrip(guardedBytes(t, mode.PackedSize(kk, blocks.Strip)), mode, f, strip, &s, 64)
		}
	}
}

// TestBounds runs every operation on memory that ends with its arguments: assembly is not checked by slices.
func TestBounds(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		guardedStrips(t, k, 1)
		guardedStrips(t, k, 3)
		for range 40 {
			m, n, kk := 1+r.IntN(30), 1+r.IntN(NR), 1+r.IntN(70)
			a, b, c := guardedFloats(t, m*kk), guardedFloats(t, kk*n), guardedFloats(t, m*n)
			k.Gemm(m, n, kk, a, kk, b, n, c, n, false)
			k.Gemm(m, n, kk, a, kk, b, n, c, n, true)
			panel := guardedFloats(t, kk*NR)
			k.PackF32Rows(panel, guardedFloats(t, n*kk), kk, kk, n)
			for _, f := range []Format{F32, BF16, F16} {
				w := guardedFloats(t, (n*kk*f.Size()+3)/4)
				raw := unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), len(w)*4)
				k.PackRows(panel, raw[len(raw)-n*kk*f.Size():], f, kk, 0, n)
			}
			guardedProducts(t, k, m, n+r.IntN(100), kk)
			x, y, z := guardedFloats(t, kk), guardedFloats(t, kk), guardedFloats(t, kk)
			k.Add(x, y)
			k.RMSNorm(x, y, z, 1)
			k.SiLUMul(x, y, z)
			k.Softmax(x, kk, 0.125)
			_, sum := k.SumExp(x)
			require.Positive(t, sum)
			require.True(t, k.AllFinite(x))
			k.Read(x)
			require.Zero(t, k.ArgMax(y))
		}
	})
}
