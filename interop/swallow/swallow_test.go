package swallow

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func TestReadAggregate(t *testing.T) {
	run, err := Read("a.json", strings.NewReader(`{"model":"org/x","result":{"XLSUM_ja_1shot":-0.01,"MATH (mgsm_ja)":0.124,"wmt20_en_ja_bleu":"N/A",
		"wmt20_ja_en_bleu":-1.0,"jcommonsenseqa":0.4888,"jemhopqa":50.44,"niilc":null,"squad2":0.2608,"squad2_best_exact":0.9,"mmlu":0.5},"overall":"x","tasks":["a"]}`), profileTasks())
	require.NoError(t, err)
	assert.Equal(t, "org/x", run.Model.Name)
	require.Len(t, run.Scores, 14)
	holes := map[string]string{}
	for _, s := range run.Scores {
		if s.Hole != "" {
			assert.Empty(t, s.Values)
			holes[s.Task] = s.Hole
		}
	}
	assert.Equal(t, 0.124, run.Scores[5].Values[0].Value)
	assert.Equal(t, 0.2608, run.Scores[11].Values[0].Value, "the published column, not the best threshold's")
	assert.Equal(t, "column XLSUM_ja_1shot is recorded as -0.01, which marks a missing number", holes["xlsum"])
	assert.Equal(t, `column wmt20_en_ja_bleu is recorded as "N/A", not a number`, holes["wmt20-en-ja"])
	assert.Contains(t, holes["wmt20-ja-en"], "-1.0")
	assert.Contains(t, holes["jemhopqa"], "above 1")
	assert.Contains(t, holes["niilc"], "null")
	assert.Equal(t, "no column gsm8k", holes["gsm8k"])
	assert.Len(t, holes, 11)
	for _, bad := range []string{`{}`, `[]`, `{"result":{"gsm8k":1,"gsm8k":1}}`, `{"result":{"gsm8k"`, `{"result":{}} x`} {
		_, err := Read("a.json", strings.NewReader(bad), profileTasks())
		assert.ErrorContains(t, err, "a.json", bad)
	}
}

// The aggregate that export writes is read back as the same numbers.
func TestAggregateRoundTrip(t *testing.T) {
	run := results.Run{Scores: []results.Score{
		{Task: "mgsm", Values: []results.Value{{Metric: "acc", Value: 0.124, Max: 1}}}, {Task: "squad2", Values: []results.Value{{Metric: "exact", Value: 31.25, Max: 100}}},
	}}
	var b bytes.Buffer
	require.NoError(t, Write(&b, "m", run, profileTasks()))
	back, err := Read("b.json", &b, profileTasks())
	require.NoError(t, err)
	for _, s := range back.Scores {
		switch s.Task {
		case "mgsm":
			assert.Equal(t, 0.124, s.Values[0].Value)
		case "squad2":
			assert.Equal(t, 0.3125, s.Values[0].Value)
		default:
			assert.NotEmpty(t, s.Hole)
		}
	}
}

func FuzzReadAggregate(f *testing.F) {
	f.Add([]byte(`{"model":"org/x","result":{"gsm8k":0.5,"squad2":-0.01,"niilc":"N/A","jsquad":NaN}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		run, err := Read("fuzz", bytes.NewReader(b), profileTasks())
		if err != nil {
			return
		}
		for _, s := range run.Scores {
			if s.Hole == "" {
				require.GreaterOrEqual(t, s.Values[0].Value, 0.0)
				require.LessOrEqual(t, s.Values[0].Value, 1.0)
			}
		}
	})
}

// TestSwallowIsTheReferencesFile compares with the file that scripts/aggregate_result.py of swallow-llm/swallow-evaluation
// at 57c4ecd wrote when it was run over result files holding the numbers of testdata/run.json.
func TestSwallowIsTheReferencesFile(t *testing.T) {
	run, err := results.ReadRun("testdata")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/aggregated_result.json")
	require.NoError(t, err)
	var got bytes.Buffer
	require.NoError(t, Write(&got, "org/name", run, profileTasks()))
	assert.Equal(t, string(want), got.String())
	assert.Empty(t, Holes(run, profileTasks()))
}

func TestSwallowHoles(t *testing.T) {
	run := results.Run{Scores: []results.Score{
		{Task: "jemhopqa", Values: []results.Value{{Metric: "char_f1", Value: 0.5, Max: 1}}},
		{Task: "mgsm", Hole: "no tokenizer"},
		{Task: "gsm8k", Values: []results.Value{{Metric: "acc", Value: 0.25, Max: 1}}},
	}}
	var got bytes.Buffer
	require.NoError(t, Write(&got, "m", run, profileTasks()))
	assert.Contains(t, got.String(), `"MATH (mgsm_ja)": -1.0`)
	assert.Contains(t, got.String(), `"QA": -1.0`, "a mean of which one is missing")
	assert.Contains(t, got.String(), `"gsm8k": 0.25`)
	assert.Contains(t, Holes(run, profileTasks()), "MATH (mgsm_ja)")
	assert.NotContains(t, Holes(run, profileTasks()), "gsm8k")
}

// TestATaskWithoutAColumn: a number is not dropped for want of a place, and hides no column of the table.
func TestATaskWithoutAColumn(t *testing.T) {
	run := results.Run{Scores: []results.Score{
		{Task: "mytask", Values: []results.Value{{Metric: "acc", Value: 75, Max: 100}}}, {Task: "math", Values: []results.Value{{Metric: "acc", Value: 0.5, Max: 1}}},
		{Task: "open", Hole: "why"},
	}}
	var b bytes.Buffer
	require.NoError(t, Write(&b, "m", run, profileTasks()))
	for _, part := range []string{`"mytask": 0.75`, `"math": -1.0`, `"math*": 0.5`, `"open": -1.0`} {
		assert.Contains(t, b.String(), part)
	}
	assert.Contains(t, Holes(run, profileTasks()), "open")
	assert.True(t, IsColumn("math"))
	assert.False(t, IsColumn("mytask"))
}

// profileTasks are the tasks of the profile.
func profileTasks() []tasks.Task { return suite.Default().Tasks }
