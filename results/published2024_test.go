package results

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestTheLaterNumbersAreTheTables compares every cell with the table they were taken from.
func TestTheLaterNumbersAreTheTables(t *testing.T) {
	text := string(shared.Bytes(t, "reference/swallow_evaluation_dataset.json"))
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(text, "NaN", "null")), &rows))
	columns := []string{"JCom", "JEMHopQA", "NIILC", "JSQuAD", "XL-Sum", "MGSM", "WMT20 (en-ja)", "WMT20 (ja-en)", "OpenBookQA", "TriviaQA", "HellaSwag", "SQuAD2", "XWINO", "GSM8K"}
	p := Swallow2024()
	require.Len(t, p.Tasks, len(columns))
	next := 0
	for _, row := range rows {
		if row["JCom"] == nil {
			assert.Equal(t, "Japanese tasks, English tasks", row["Missing"], "%s", row["Name"])
			continue
		}
		m := p.Models[next]
		next++
		assert.Equal(t, row["Name"], m.Title)
		assert.Equal(t, row["Model"], m.HubID)
		for i, c := range columns {
			assert.Equal(t, row[c], m.Scores[i], "%s %s", m.Title, c)
		}
	}
	assert.Len(t, p.Models, next)
}

// TestTheSetsOfNumbersAreApart: each has its own profile, the same columns, and cells that whole counts explain.
func TestTheSetsOfNumbersAreApart(t *testing.T) {
	first, later := Swallow2023(), Swallow2024()
	assert.Equal(t, "swallow-2023", first.Profile)
	assert.Equal(t, "swallow-2024", later.Profile)
	assert.Len(t, later.Models, 120)
	titles := map[string]bool{}
	for k, task := range later.Tasks {
		want := first.Tasks[k]
		if want.Language == "en" {
			want.Shots = 4
		}
		assert.Equal(t, want, task)
		for _, m := range later.Models {
			require.Len(t, m.Scores, 14)
			titles[m.Alias] = true
			if task.Counted {
				assert.NotEmpty(t, Counts(m.Scores[k], task.N), "%s %s", m.Title, task.Name)
			}
		}
	}
	assert.Len(t, titles, 120, "aliases tell the rows apart")
	assert.Equal(t, 8, Swallow2023().Tasks[8].Shots, "the first set keeps its own shots")
	for _, m := range later.Models { // the model card of tokyotech-llm/Llama-3-Swallow-70B-v0.1
		if m.HubID == "tokyotech-llm/Swallow-7b-hf" {
			assert.Equal(t, []float64{0.4888, 0.5044, 0.5925, 0.8424, 0.1823, 0.1240, 0.2505, 0.1482}, m.Scores[:8])
		}
	}
}

func TestReadAggregate(t *testing.T) {
	run, err := ReadAggregate("a.json", strings.NewReader(`{"model":"org/x","result":{"XLSUM_ja_1shot":-0.01,"MATH (mgsm_ja)":0.124,"wmt20_en_ja_bleu":"N/A",
		"wmt20_ja_en_bleu":-1.0,"jcommonsenseqa":0.4888,"jemhopqa":50.44,"niilc":null,"squad2":0.2608,"squad2_best_exact":0.9,"mmlu":0.5},"overall":"x","tasks":["a"]}`))
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
		_, err := ReadAggregate("a.json", strings.NewReader(bad))
		assert.ErrorContains(t, err, "a.json", bad)
	}
	kind, err := Detect("a.json", strings.NewReader(`{"model":"m","result":{"other":1,"gsm8k":0.5}}`))
	require.NoError(t, err)
	assert.Equal(t, KindAggregate, kind)
}

// The aggregate that export writes is read back as the same numbers.
func TestAggregateRoundTrip(t *testing.T) {
	run := Run{Scores: []Score{
		{Task: "mgsm", Values: []Value{{Metric: "acc", Value: 0.124, Max: 1}}}, {Task: "squad2", Values: []Value{{Metric: "exact", Value: 31.25, Max: 100}}},
	}}
	var b bytes.Buffer
	require.NoError(t, WriteSwallow(&b, "m", run))
	back, err := ReadAggregate("b.json", &b)
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
		run, err := ReadAggregate("fuzz", bytes.NewReader(b))
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
