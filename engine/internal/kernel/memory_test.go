package kernel

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func uintptrOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

func TestMemory(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 63, 64, 4097, hugePage - 1, hugePage, hugePage + 1, 3*hugePage + 5} {
		m, err := Allocate(n)
		require.NoError(t, err)
		b := m.Bytes()
		require.Len(t, b, n)
		assert.Zero(t, uintptrOf(b)%line)
		if runtime.GOOS == "linux" && n >= hugePage {
			assert.Zero(t, uintptrOf(b)%hugePage)
		}
		assert.Len(t, m.Floats(), n/4)
		assert.Len(t, m.Halves(), n/2)
		for i := 0; i < n; i += 61 {
			require.Zero(t, b[i])
			b[i] = byte(i)
		}
		b[n-1] = 7
		assert.Equal(t, n, cap(b), "appending must not run into what follows")
		require.NoError(t, m.Release())
		assert.Error(t, m.Release(), "twice")
	}
	m, err := Allocate(0)
	require.NoError(t, err)
	assert.Empty(t, m.Bytes())
	assert.Empty(t, m.Floats())
	assert.Empty(t, m.Halves())
	assert.NoError(t, m.Release())
	assert.NoError(t, m.Release())
}
