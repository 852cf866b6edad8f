package compare

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

// faithful is a run whose every number is the printed one.
func faithful(t *testing.T, alias string) (results.Run, results.Published, results.PublishedModel) {
	t.Helper()
	p := results.Swallow2023()
	for _, m := range p.Models {
		if m.Alias != alias {
			continue
		}
		run := results.Run{Profile: p.Profile, Model: results.Model{Name: alias}}
		for i, task := range p.Tasks {
			v := m.Scores[i]
			if task.Counted {
				v = float64(results.Counts(v, task.N)[0]) / float64(task.N)
			}
			run.Scores = append(run.Scores, results.Score{
				Task: task.Name, Shots: task.Shots, N: task.N, Total: task.N,
				Values: []results.Value{{Metric: "m", Value: 100 * v, Max: 100}},
			})
		}
		return run, p, m
	}
	t.Fatalf("no model %s", alias)
	return results.Run{}, p, results.PublishedModel{}
}

func TestTheTablesAgreeWithThemselves(t *testing.T) {
	for _, model := range results.Swallow2023().Models {
		run, p, m := faithful(t, model.Alias)
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		require.Len(t, r.Cells, 14)
		for _, c := range r.Cells {
			assert.Equal(t, "exact", c.Verdict, "%s %s", model.Title, c.Title)
			if c.Documents != nil {
				assert.Zero(t, *c.Documents)
			}
		}
	}
}

func TestDistances(t *testing.T) {
	for _, c := range []struct {
		task    string
		shift   float64 // in documents for counts, in table points else
		verdict string
	}{
		{"jcommonsenseqa", 1, "near"}, {"jcommonsenseqa", -5, "near"}, {"jcommonsenseqa", 6, "off"},
		{"mgsm", 2, "near"}, {"mgsm", -3, "off"},
		{"hellaswag", 50, "near"}, {"hellaswag", 51, "off"},
		{"triviaqa", 1, "exact"}, {"triviaqa", 2, "near"}, // two counts round to the printed value
		{"niilc", 0.0005, "exact"}, {"niilc", -0.0006, "near"}, {"niilc", 0.005, "near"}, {"niilc", 0.0051, "off"},
		{"xlsum", 0.0009, "exact"}, {"xlsum", 0.0055, "off"},
		{"wmt20-ja-en", 0.003, "near"}, {"wmt20-ja-en", 0.0031, "off"},
	} {
		run, p, m := faithful(t, "7b")
		for i := range run.Scores {
			s := &run.Scores[i]
			if s.Task != c.task {
				continue
			}
			shift := c.shift
			if p.Tasks[i].Counted {
				shift /= float64(p.Tasks[i].N)
			}
			s.Values[0].Value += 100 * shift
		}
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		for _, cell := range r.Cells {
			if cell.Task == c.task {
				assert.Equal(t, c.verdict, cell.Verdict, "%s %v", c.task, c.shift)
			} else {
				assert.Equal(t, "exact", cell.Verdict)
			}
		}
	}
}

func TestHolesAndNotes(t *testing.T) {
	run, p, m := faithful(t, "llama2-7b")
	run.Scores[0].Values[0].Value = 1
	run.Scores[1].Hole = "no file"
	run.Scores[2].Shots = 0
	run.Scores[5].N = 20
	run.Scores[13].Data = []results.DataFile{{Path: "gsm8k/test.jsonl", State: "unpinned"}}
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	assert.Equal(t, "off", r.Cells[0].Verdict)
	assert.Contains(t, r.Cells[0].Note, "sampling")
	for i, note := range map[int]string{1: "no file", 2: "0 shots", 5: "20 documents"} {
		assert.Equal(t, "hole", r.Cells[i].Verdict)
		assert.Contains(t, r.Cells[i].Note, note)
	}
	assert.Contains(t, r.Cells[13].Note, "not the pinned original")
}

func TestIncomparable(t *testing.T) {
	run, p, m := faithful(t, "7b")
	run.Profile = "swallow-2024"
	_, err := WithPublished(run, p, m)
	assert.ErrorIs(t, err, ErrIncomparable)
	_, err = WithPublished(results.Run{Profile: p.Profile}, p, m)
	assert.ErrorIs(t, err, ErrIncomparable)
}
