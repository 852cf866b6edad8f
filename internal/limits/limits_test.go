package limits

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProblem(t *testing.T) {
	for _, c := range []struct {
		files, space uint64
		want         string
	}{
		{0, 0, ""},
		{16, 3 << 29, ""},
		{15, 0, "at most 15 files may be open (ulimit -n): 16 are needed"},
		{6, 1 << 20, "at most 6 files may be open (ulimit -n): 16 are needed"},
		{1024, 3<<29 - 1024, "the address space is limited to 1572863 KiB (ulimit -v): 1572864 are needed, and what a model takes"},
	} {
		assert.Equal(t, c.want, problem(c.files, c.space))
	}
}

func TestHeapIsWhatTheRuntimeLeaves(t *testing.T) {
	assert.Zero(t, Heap(0))
	assert.Zero(t, Heap(1<<30))
	assert.EqualValues(t, 256<<20, Heap(3<<29))
	assert.EqualValues(t, 1<<62, Heap(1<<63))
}
