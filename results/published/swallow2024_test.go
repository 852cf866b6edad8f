package published

import (
	"encoding/json"
	"math"
	"regexp"
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
	columns := []string{"JCom", "JEMHopQA", "NIILC", "JSQuAD", "XL-Sum", "MGSM", "WMT20 (en-ja)", "WMT20 (ja-en)", "JMMLU", "JHumanEval", "OpenBookQA", "TriviaQA", "HellaSwag", "SQuAD2", "XWINO", "MMLU", "GSM8K", "BBH", "HumanEval"}
	p := Swallow2024()
	require.Len(t, p.Tasks, len(columns))
	next := 0
	for _, row := range rows {
		m := p.Models[next]
		next++
		assert.Equal(t, row["Name"], m.Title)
		if id, ok := correctedIDs()[m.Title]; ok {
			assert.Equal(t, id, m.HubID)
			assert.NotEqual(t, row["Model"], m.HubID, "the data were mended: the correction can go")
		} else {
			assert.Equal(t, row["Model"], m.HubID)
		}
		for i, c := range columns {
			if row[c] == nil {
				assert.Equal(t, "Japanese tasks, English tasks", row["Missing"], m.Title)
				assert.True(t, math.IsNaN(m.Scores[i]), "%s %s", m.Title, c)
				continue
			}
			assert.Equal(t, row[c], m.Scores[i], "%s %s", m.Title, c)
		}
	}
	assert.Len(t, p.Models, next)
}

// TestTheSetsOfNumbersAreApart: each has its own profile, the same columns, and cells that whole counts explain.
func TestTheSetsOfNumbersAreApart(t *testing.T) {
	first, later := Swallow2023(), Swallow2024()
	assert.Equal(t, "swallow-2023", first.Name)
	assert.Equal(t, "swallow-2024", later.Name)
	assert.Len(t, later.Models, 123)
	titles := map[string]bool{}
	both := 0
	for k, task := range later.Tasks {
		for _, want := range first.Tasks {
			if want.Name != task.Name {
				continue
			}
			if both++; want.Language == "en" {
				want.Shots = 4
			}
			if want.Name == "squad2" {
				want.Metric = "exact"
			}
			assert.Equal(t, want, task)
		}
		for _, m := range later.Models {
			require.Len(t, m.Scores, 19)
			titles[m.Alias] = true
			if task.Counted && !math.IsNaN(m.Scores[k]) {
				// Values of 1640 answers are means over 164 documents, which are printed rounded.
				assert.NotEmpty(t, later.Counts(m.Scores[k], task.Answers()), "%s %s", m.Title, task.Name)
			}
		}
	}
	assert.Equal(t, 14, both)
	assert.True(t, later.Serves("swallow-202411") && later.Serves("swallow-2024") && !later.Serves("swallow-2023"))
	assert.Len(t, titles, 123, "aliases tell the rows apart")
	assert.Equal(t, 8, Swallow2023().Tasks[8].Shots, "the first set keeps its own shots")
	for _, m := range later.Models { // the model card of tokyotech-llm/Llama-3-Swallow-70B-v0.1
		if m.HubID == "tokyotech-llm/Swallow-7b-hf" {
			assert.Equal(t, []float64{0.4888, 0.5044, 0.5925, 0.8424, 0.1823, 0.1240, 0.2505, 0.1482}, m.Scores[:8])
		}
	}
}

// TestEveryIDIsOneModels: no hub id stands in two rows of a table, and its size is that of the row's name.
func TestEveryIDIsOneModels(t *testing.T) {
	size := regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)b\b`)
	for _, p := range All() {
		rows := map[string]string{}
		for _, m := range p.Models {
			id := strings.ToLower(m.HubID)
			assert.NotContains(t, rows, id, "%s and %s", m.Title, rows[id])
			rows[id] = m.Title
			name, of := size.FindStringSubmatch(m.Title), size.FindStringSubmatch(m.HubID)
			if name != nil && of != nil {
				assert.Equal(t, name[1], of[1], "%s: %s", m.Title, m.HubID)
			}
		}
	}
	assert.Len(t, correctedIDs(), 4)
}
