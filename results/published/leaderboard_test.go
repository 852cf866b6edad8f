package published

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rowsByTitle are a table's rows; no two have one title or one hub id.
func rowsByTitle(t *testing.T, p Table) map[string]Row {
	t.Helper()
	rows, ids := map[string]Row{}, map[string]bool{}
	for _, m := range p.Models {
		require.Len(t, m.Scores, len(p.Tasks), m.Title)
		rows[m.Title], ids[m.HubID] = m, true
	}
	require.Len(t, rows, len(p.Models))
	require.Len(t, ids, len(p.Models))
	return rows
}

// TestLeaderboardCells: every cell is printed to three digits, and a count of the column's documents explains it where it counts.
func TestLeaderboardCells(t *testing.T) {
	missing := 0
	for _, p := range []Table{Leaderboard1(), Leaderboard2026()} {
		for title, m := range rowsByTitle(t, p) {
			for k, task := range p.Tasks {
				v := m.Scores[k]
				if math.IsNaN(v) {
					missing++
					continue
				}
				assert.InDelta(t, math.Round(v*1000)/1000, v, 1e-9, "%s %s", title, task.Name)
				assert.True(t, 0 <= v && v <= 1)
				if task.Counted {
					assert.NotEmpty(t, p.Counts(v, task.Answers()), "%s %s %s", p.Name, title, task.Name)
				}
			}
		}
	}
	assert.Equal(t, 100, missing, "eight models behind a service have no English numbers, two of them none at all")
}

// TestLeaderboardBesideTheOtherTables: what is known of the runs behind the tables holds of the embedded numbers.
func TestLeaderboardBesideTheOtherTables(t *testing.T) {
	before, first, now := Swallow2024(), Leaderboard1(), Leaderboard2026()
	assert.Equal(t, []string{"leaderboard-1.0", "leaderboard-2026"}, []string{first.Name, now.Name})
	require.Len(t, first.Models, 155)
	require.Len(t, now.Models, 50)
	require.Len(t, first.Tasks, 20)
	assert.Equal(t, "best_exact", first.Tasks[13].Metric)
	assert.Equal(t, "math", first.Tasks[17].Name)
	for _, p := range []Table{first, now} {
		assert.True(t, p.Serves("swallow-202411") && !p.Serves("swallow-202407") && !p.Serves("swallow-2023"), p.Name)
	}
	column := func(p Table, name string) int {
		for k, c := range p.Tasks {
			if c.Name == name {
				return k
			}
		}
		return -1
	}
	old, rows := rowsByTitle(t, before), rowsByTitle(t, first)
	both := 0
	for title, m := range rows {
		o, ok := old[title]
		if !ok {
			continue
		}
		assert.Equal(t, o.HubID, m.HubID, "the ids that were mended in the table of 2024 are so here")
		if !math.IsNaN(o.Scores[13]) {
			assert.Greater(t, m.Scores[13], o.Scores[13], "best_exact is more than exact: %s", title)
			both++
		}
	}
	assert.Equal(t, 91, both)
	same := 0
	for title, m := range rowsByTitle(t, now) {
		f, ok := rows[title]
		if !ok {
			continue
		}
		same++
		assert.Equal(t, f.HubID, m.HubID)
		for k, c := range now.Tasks {
			assert.Equal(t, f.Scores[column(first, c.Name)], m.Scores[k], "%s %s", title, c.Name)
		}
	}
	assert.Equal(t, 47, same)
	assert.Equal(t, -1, column(now, "bbh"))

	// One row as it is printed, whose columns stand in another order there.
	m := rows["Aya Expanse 8B"]
	assert.Equal(t, "CohereForAI/aya-expanse-8b", m.HubID)
	assert.Equal(t, []float64{0.922, 0.467, 0.385, 0.867, 0.211, 0.608, 0.261, 0.206, 0.521, 0.001, 0.384, 0.591, 0.605, 0.664, 0.892, 0.629, 0.756, 0.284, 0.59, 0}, m.Scores)
}

// TestFewerDigitsStandForMoreCounts: three places of 14,042 answers.
func TestFewerDigitsStandForMoreCounts(t *testing.T) {
	counts := Leaderboard1().Counts(0.629, 14042)
	assert.Equal(t, []int{8826, 8839}, []int{counts[0], counts[len(counts)-1]})
	assert.Len(t, counts, 14)
	assert.InDelta(t, 0.0005, Leaderboard1().Half(), 1e-9)
	assert.InDelta(t, 0.00005, Swallow2024().Half(), 1e-9)
}

// TestMissingNumbersAreNull: JSON has no NaN.
func TestMissingNumbersAreNull(t *testing.T) {
	for _, p := range All() {
		content, err := json.Marshal(p)
		require.NoError(t, err)
		var back struct{ Models []struct{ Scores []*float64 } }
		require.NoError(t, json.Unmarshal(content, &back))
		for i, m := range p.Models {
			for k, v := range m.Scores {
				if math.IsNaN(v) {
					assert.Nil(t, back.Models[i].Scores[k])
				} else {
					assert.Equal(t, v, *back.Models[i].Scores[k])
				}
			}
		}
	}
}
