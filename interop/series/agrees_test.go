package series

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAgrees pins the bound of Close on both sides.
func TestAgrees(t *testing.T) {
	for _, c := range []struct {
		recorded, value float64
		want            Agreement
	}{
		{0.5, 0.5, Identical},
		{0, 0, Identical},
		{0.5, 0.5 * (1 + 0.9e-9), Close},
		{0.5, 0.5 * (1 - 0.9e-9), Close},
		{0.5, 0.5 * (1 + 1.1e-9), Different},
		{0.5, 0.5 * (1 - 1.1e-9), Different},
		{-40, -40 * (1 + 0.9e-9), Close},
		{-40, -40 * (1 + 1e-8), Different},
		{1e-12, 2e-12, Different}, // the bound is relative
		{0, 1e-300, Different},
	} {
		assert.Equal(t, c.want, Recorded{Value: c.recorded, Decimals: -1}.Agrees(c.value), "%v and %v", c.recorded, c.value)
	}
	assert.Equal(t, Unrecorded, Recorded{Hole: "N/A"}.Agrees(0))
	assert.Equal(t, Identical, Recorded{Value: 0.12, Text: "0.12", Decimals: 2}.Agrees(0.1249))
	assert.Equal(t, Different, Recorded{Value: 0.12, Text: "0.12", Decimals: 2}.Agrees(0.1251))
}
