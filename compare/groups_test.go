package compare

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// groupedRun is a run of two tasks of so many documents, with averages over them by document and by task, and of a third that has
// the documents of both.
func groupedRun(model string, wrong func(i int) bool, sizes [2]int) RunData {
	d := RunData{Name: model, Samples: map[string][]results.Sample{}}
	d.Run = results.Run{SchemaVersion: 1, Profile: "own:x", Model: results.Model{Name: model, Digest: "sha256:" + model, DType: "float32", Numerics: "1"}}
	var all []string
	for k, n := range sizes {
		var outputs []string
		for i := range n {
			text := fmt.Sprintf("the cat sat on the mat %d", i)
			if wrong(len(all) + i) {
				text = "a dog"
			}
			outputs = append(outputs, text)
		}
		task(&d, string(rune('a'+k)), "", metrics.Accuracy("acc"), outputs, false)
		all = append(all, outputs...)
	}
	// The pooled task's documents: those of the two, scored alike.
	task(&d, "both", "", metrics.Accuracy("acc"), all, false)
	at := 0
	for _, name := range []string{"a", "b"} {
		for _, s := range d.Samples[name] {
			d.Samples["both"][at].Marks = s.Marks
			at++
		}
	}
	right := 0.0
	for _, s := range d.Samples["both"] {
		right += s.Marks[0].Stat[0]
	}
	d.Run.Scores[2].Values[0].Value = right / float64(len(all))
	value := func(metric string, bySize bool) results.GroupValue {
		return results.GroupValue{Value: results.Value{Metric: metric}, BySize: bySize}
	}
	d.Run.Groups = []results.Group{
		{Name: "documents", Tasks: []string{"a", "b"}, Values: []results.GroupValue{value("f1", false), value("acc", true)}},
		{Name: "tasks", Tasks: []string{"a", "b"}, Values: []results.GroupValue{value("acc", false)}},
		{Name: "one", Tasks: []string{"a"}, Values: []results.GroupValue{value("acc", true)}},
		{Name: "other", Tasks: []string{"a", "b"}, Values: []results.GroupValue{value("f1", true)}},
		{Name: "absent", Tasks: []string{"a", "z"}, Values: []results.GroupValue{value("acc", true)}},
	}
	return d
}

// TestGroupAverages: an average by document is tested as one task of all the documents is, one by task weighs its tasks alike, and
// what is not tested is said.
func TestGroupAverages(t *testing.T) {
	sizes := [2]int{30, 10}
	a := groupedRun("A", func(i int) bool { return i%10 == 0 }, sizes)
	b := groupedRun("B", func(i int) bool { return i%10 == 0 || i%4 == 1 && i < 36 }, sizes)
	c := compared(t, a, b, func(o *Options) { o.GateAverage = true })
	by := map[string]Average{}
	for _, v := range c.Averages {
		if v.Group {
			by[v.Name] = v
		}
	}
	require.Len(t, by, 3)
	both, documents, tasks := c.Tasks[2], by["documents"], by["tasks"]
	assert.InDelta(t, both.A, documents.A, 1e-15)
	assert.InDelta(t, both.B, documents.B, 1e-15)
	assert.InDelta(t, both.Difference, documents.Difference, 1e-15)
	assert.InDelta(t, both.StdErr, documents.StdErr, 1e-15)
	p, _ := SignFlip([]float64{-1, -1, -1, -1, -1, -1, -1, -1, -1}, 12345, "x") // nine documents lost, none won
	assert.Equal(t, 9, both.Lost)
	assert.InDelta(t, p, documents.P, 1e-15)
	assert.True(t, documents.ByDocument)
	assert.Equal(t, "acc", documents.Metric)
	assert.True(t, documents.Gated)

	assert.InDelta(t, (c.Tasks[0].Difference+c.Tasks[1].Difference)/2, tasks.Difference, 1e-15)
	assert.NotEqual(t, documents.Difference, tasks.Difference)
	assert.False(t, tasks.ByDocument)

	assert.Equal(t, c.Tasks[0].Difference, by["one"].Difference)
	assert.False(t, by["one"].Gated, "it repeats its task")
	assert.Equal(t, []string{
		"average other: not compared: its tasks are compared by acc, of which it is no average",
		"average absent: not compared: z is not compared",
	}, c.Untested)

	report := c.Report(0)
	assert.Contains(t, report.Rows[len(report.Rows)-2][0], "average documents (by document)")
	assert.Contains(t, report.Rows[len(report.Rows)-1][0], "average tasks (by task)")
	assert.Contains(t, report.Notes, c.Untested[0])
}

// TestGroupsOfOneRun: an average that the other run lacks, or has over other tasks, is none of both.
func TestGroupsOfOneRun(t *testing.T) {
	a := groupedRun("A", func(int) bool { return false }, [2]int{4, 4})
	b := groupedRun("B", func(int) bool { return false }, [2]int{4, 4})
	b.Run.Groups = b.Run.Groups[:1]
	b.Run.Groups[0].Tasks = []string{"b", "a"}
	c := compared(t, a, b, nil)
	for _, v := range c.Averages {
		assert.False(t, v.Group)
	}
	assert.Empty(t, c.Untested)
}
