package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
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

// TestBounds runs every operation on memory that ends with its arguments: assembly is not checked by slices.
func TestBounds(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
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
			x, y, z := guardedFloats(t, kk), guardedFloats(t, kk), guardedFloats(t, kk)
			k.Add(x, y)
			k.RMSNorm(x, y, z, 1)
			k.SiLUMul(x, y, z)
			k.Softmax(x, kk)
			require.False(t, k.LogSumExp(x) < 0)
			require.True(t, k.AllFinite(x))
			require.Zero(t, k.ArgMax(y))
		}
	})
}
