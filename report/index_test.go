package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
)

// TestCutDocuments: a document whose prompt lost tokens to the window is marked as one of which tokens were dropped is,
// whichever run did it.
func TestCutDocuments(t *testing.T) {
	whole := &results.Sample{Exchanges: []results.Exchange{{}, {}}}
	dropped := &results.Sample{Exchanges: []results.Exchange{{}, {Dropped: 1}}}
	lost := &results.Sample{Exchanges: []results.Exchange{{Lost: 3}}}
	faulty := &results.Sample{Fault: "f", Exchanges: []results.Exchange{{}}}
	list := task{docs: []document{
		{samples: []*results.Sample{whole, whole}}, {samples: []*results.Sample{whole, dropped}}, {samples: []*results.Sample{lost, nil}}, {samples: []*results.Sample{nil, faulty}},
	}}
	x := indexOf([]task{list}, make([]taskScores, 1), make([][]int, 1))
	assert.Equal(t, "0110", x.Tasks[0].Cut)
	assert.Equal(t, "0001", x.Tasks[0].Fault)
}
