//go:build linux || darwin

package limits

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRows(t *testing.T) {
	line := func(resource, limit uint64, root bool) string {
		for i := range rows {
			if r := &rows[i]; r.resource == resource && r.applies(limit, root) {
				return r.line(limit)
			}
		}
		return ""
	}
	files, space := rows[0].resource, rows[1].resource
	for _, c := range []struct {
		resource, limit uint64
		want            string
	}{
		{files, 1<<64 - 1, ""},
		{files, 16, ""},
		{files, 15, "swallow-eval: at most 15 files may be open (ulimit -n): 16 are needed\n"},
		{files, 0, "swallow-eval: at most 0 files may be open (ulimit -n): 16 are needed\n"},
		{space, 1<<64 - 1, ""},
		{space, 3 << 29, ""},
		{space, 3<<29 - 1024, "swallow-eval: the address space is limited to 1572863 KiB (ulimit -v): 1572864 are needed, and what a model takes\n"},
	} {
		assert.Equal(t, c.want, line(c.resource, c.limit, true))
	}
}

// TestRowsSayWhatIsNeeded: the lines are constants, in which the number has to be written out.
func TestRowsSayWhatIsNeeded(t *testing.T) {
	for _, r := range rows {
		assert.Contains(t, r.after, fmt.Sprintf(": %d are needed", r.need>>r.shift))
		assert.True(t, strings.HasSuffix(r.after, "\n"))
		assert.True(t, strings.HasPrefix(r.before, "swallow-eval: "))
		assert.True(t, r.applies(r.need-1, false))
		assert.Equal(t, r.users == 0, r.applies(r.need-1, true))
		assert.False(t, r.applies(r.need, false))
	}
}

func TestHeapIsWhatTheRuntimeLeaves(t *testing.T) {
	assert.Zero(t, Heap(0))
	assert.Zero(t, Heap(1<<30))
	assert.EqualValues(t, 256<<20, Heap(3<<29))
	assert.EqualValues(t, 1<<62, Heap(1<<63))
}
