package suite

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNames: whatever tasks and groups there are can be chosen by name.
func TestNames(t *testing.T) {
	all := Profiles()
	names := Names(all)
	assert.True(t, slices.IsSorted(names))
	assert.Equal(t, names, slices.Compact(slices.Clone(names)))
	for _, p := range all {
		for _, task := range p.Tasks {
			assert.Contains(t, names, task.Spec().Name)
		}
	}
	assert.Contains(t, names, "ja-all")
	assert.Contains(t, names, "humaneval")
	for _, name := range ProfileNames(all) {
		_, err := Find(all, name)
		assert.NoError(t, err)
	}
	assert.Equal(t, Default().Name, ProfileNames(all)[0])
}
