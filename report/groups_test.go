package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

// TestGroups: an average has a row with a cell a run, and what counts alike is said where some run has the number, which alone
// records it.
func TestGroups(t *testing.T) {
	value := func(metric string, bySize bool) results.GroupValue {
		return results.GroupValue{Value: results.Value{Metric: metric, Value: 30, Max: 60}, BySize: bySize}
	}
	group := func(values []results.GroupValue, holes ...results.Unmeasured) runFacts {
		return runFacts{Manifest: results.Run{Groups: []results.Group{{Name: "g", Title: "G", Tasks: []string{"a", "b"}, Values: values, Unmeasured: holes}}}}
	}
	p := page{facts: facts{Runs: []runFacts{
		group(nil, results.Unmeasured{Metric: "acc", Hole: "why"}, results.Unmeasured{Metric: "f1", Hole: "why"}),
		group([]results.GroupValue{value("acc", true), value("em", false)}),
	}}}
	rows := p.Groups()
	require.Len(t, rows, 3)
	assert.Equal(t, []string{"acc", "f1", "em"}, []string{rows[0].Metric, rows[1].Metric, rows[2].Metric})
	assert.Equal(t, []string{"alike.documents", "", "alike.tasks"}, []string{rows[0].Alike, rows[1].Alike, rows[2].Alike})
	assert.Equal(t, groupCell{Hole: "why"}, rows[0].Cells[0])
	assert.Equal(t, 0.5, *rows[0].Cells[1].Score)
	assert.Equal(t, groupCell{}, rows[2].Cells[0])
}
