package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOver counts the documents that a number is over: all, or those of a subset.
func TestOver(t *testing.T) {
	of := Accuracy04Of("acc_stem")
	inside, outside := of.Each("1", []string{"1"}), of.Each("", []string{"1"})
	assert.Equal(t, 2, of.Over([]Stat{inside, outside, inside}))
	assert.Zero(t, of.Over([]Stat{outside}))
	assert.Equal(t, 2, Accuracy("acc").Over([]Stat{{0}, {0}}))
	for _, m := range SQuAD2() {
		assert.Equal(t, m.Width == 2, m.Subset, m.Name)
	}
}
