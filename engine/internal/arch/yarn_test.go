package arch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestYarnWithoutASlope: where the frequencies that are kept and those that are divided meet in one dimension, the step between
// them is steep and no number is lost, as _compute_yarn_parameters has it.
func TestYarnWithoutASlope(t *testing.T) {
	c := Config{HeadDim: 8, RopeTheta: 1e4, RopeScaling: RopeScaling{Type: "yarn", Factor: 4, OriginalMaxPositions: 6, BetaFast: 32, BetaSlow: 1}}
	assert.InDeltaSlice(t, []float64{1, 0.1 / 4, 0.01 / 4, 0.001 / 4}, c.InverseFrequencies(), 1e-12)
}
