package tables

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestColumnsOf are the profile's tasks in its order.
func TestColumnsOf(t *testing.T) {
	p := suite.Default()
	columns := ColumnsOf(p)
	assert.Len(t, columns, len(p.Tasks))
	for i, task := range p.Tasks {
		s := task.Spec()
		assert.Equal(t, Column{Task: s.Name, Title: s.Title, Language: s.Language, Shots: s.Shots}, columns[i])
	}
}

// TestCheck: a score is a number on a scale or a hole with its reason.
func TestCheck(t *testing.T) {
	number := results.Score{Task: "a", Values: []results.Value{{Value: 1, Max: 1}}}
	hole := results.Score{Task: "b", Hole: "why"}
	assert.NoError(t, Check(results.Run{Scores: []results.Score{number, hole}}))
	assert.EqualError(t, Check(results.Run{}), "the run has no scores")
	for _, bad := range []results.Score{{Task: "c"}, {Task: "c", Values: []results.Value{{Max: 1}, {Max: 0}}}} {
		assert.EqualError(t, Check(results.Run{Scores: []results.Score{number, bad}}), `the score of "c" has neither a value on a scale nor a reason for none`)
	}
}

// TestIncomplete: holes are named before what became of the run.
func TestIncomplete(t *testing.T) {
	hole := results.Score{Task: "b", Hole: "why"}
	assert.Empty(t, Incomplete([]results.Run{{Status: "complete"}}))
	assert.Equal(t, "b without a number; the run is interrupted",
		Incomplete([]results.Run{{Status: "complete"}, {Status: "incomplete", Scores: []results.Score{hole}}, {Status: "interrupted"}}))
}
