package results

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scored is a task's score of one metric.
func scored(task string, n int, value, se float64) Score {
	return Score{Task: task, N: n, Total: n, Values: []Value{{Metric: "acc", Signature: "s", Value: value, Max: 1, StdErr: &se}}}
}

func acc(name string, bySize bool, tasks ...string) Group {
	return Group{Name: name, Title: name, Tasks: tasks, Values: []GroupValue{{Value{Metric: "acc"}, bySize}}}
}

func TestAverages(t *testing.T) {
	r := Run{Scores: []Score{scored("a", 10, 0.5, 0.1), scored("b", 30, 0.9, 0.2)}}
	got := Averages(r, []Group{acc("by document", true, "a", "b"), acc("by task", false, "a", "b"), acc("elsewhere", true, "a", "z")})
	require.Len(t, got, 2, "a group with a task that was never asked for is none of this run")
	assert.InDelta(t, 0.8, got[0].Values[0].Value.Value, 1e-15)
	assert.InDelta(t, math.Sqrt((9*0.01*10+29*0.04*30)/38/40), *got[0].Values[0].StdErr, 1e-15)
	assert.InDelta(t, 0.7, got[1].Values[0].Value.Value, 1e-15)
	assert.InDelta(t, math.Sqrt(0.01+0.04)/2, *got[1].Values[0].StdErr, 1e-15)
	assert.Equal(t, 40, got[0].N)
	assert.Equal(t, "avg:by-document|s", got[0].Values[0].Signature)
	assert.Equal(t, got, Averages(r, got), "an average of averages asked again is the same")
}

// TestAveragesWithoutANumber are holes with the reason: an average over some of the tasks would be another number.
func TestAveragesWithoutANumber(t *testing.T) {
	hole := scored("b", 3, 0, 0)
	hole.Hole, hole.Values = "out of memory", nil
	other, lacks := scored("c", 3, 50, 1), scored("d", 3, 0.5, 0.1)
	other.Values[0].Max = 100
	lacks.Values[0].Metric = "em"
	r := Run{Scores: []Score{scored("a", 3, 0.5, 0.1), hole, other, lacks}, Unfinished: []string{"e"}}
	for task, want := range map[string]string{
		"b": "b has no number: out of memory", "c": "c is on another scale than the tasks before it", "d": "d has no number of acc",
		"e": "e has no number: it was not finished",
	} {
		got := Averages(r, []Group{acc("g", true, "a", task)})
		require.Len(t, got, 1, task)
		assert.Empty(t, got[0].Values, task)
		assert.Equal(t, []Unmeasured{{"acc", want}}, got[0].Unmeasured)
	}

	none := Averages(r, []Group{acc("g", true)})
	require.Len(t, none, 1)
	assert.Equal(t, []Unmeasured{{"acc", "the group has no tasks"}}, none[0].Unmeasured)

	one := scored("a", 1, 1, 0)
	one.Values[0].StdErr = nil
	got := Averages(Run{Scores: []Score{one, scored("b", 3, 0.5, 0.1)}}, []Group{acc("g", true, "a", "b")})
	assert.Nil(t, got[0].Values[0].StdErr, "where a task has no standard error the average has none")
}
