package published

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

func TestPublishedIsTheModelCards(t *testing.T) {
	var card struct {
		Tasks []struct {
			Name, Title, Language string
			Shots                 int
		}
		Models []struct {
			HubID  string `json:"hub_id"`
			Family string
			Size   string
			Scores map[string]float64
		}
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "reference/published.json"), &card))
	p := Swallow2023()
	require.Len(t, p.Tasks, len(card.Tasks))
	for i, c := range card.Tasks {
		assert.Equal(t, c.Name, p.Tasks[i].Name)
		assert.Equal(t, c.Title, p.Tasks[i].Title)
		assert.Equal(t, c.Language, p.Tasks[i].Language)
		assert.Equal(t, c.Shots, p.Tasks[i].Shots)
	}
	require.Len(t, p.Models, len(card.Models))
	for i, c := range card.Models {
		assert.Equal(t, c.HubID, p.Models[i].HubID)
		assert.Equal(t, c.Family+" "+c.Size, p.Models[i].Title)
		for k, task := range p.Tasks {
			assert.Equal(t, c.Scores[task.Name], p.Models[i].Scores[k], "%s %s", c.HubID, task.Name)
		}
	}
}

// TestCountsExplainTheCells: a printed accuracy is a whole number of right answers of the column's documents.
func TestCountsExplainTheCells(t *testing.T) {
	p := Swallow2023()
	for k, task := range p.Tasks {
		for _, m := range p.Models {
			require.Len(t, m.Scores, len(p.Tasks))
			if task.Counted {
				assert.NotEmpty(t, p.Counts(m.Scores[k], task.N), "%s %s", m.Title, task.Name)
			}
		}
	}
	assert.Equal(t, []int{431}, p.Counts(0.3852, 1119))
	assert.Equal(t, []int{10500, 10501}, p.Counts(0.5852, 17944))
	assert.Equal(t, []int{0}, p.Counts(0, 250))
	assert.Equal(t, []int{250}, p.Counts(1, 250))
	assert.Empty(t, p.Counts(0.3333, 4))
}

// TestTableAsJSON: a table has its name, and once more under the key of old.
func TestTableAsJSON(t *testing.T) {
	content, err := json.Marshal(Leaderboard1())
	require.NoError(t, err)
	var got struct {
		Name, Profile, Source string
		Models                []struct{ Alias string }
	}
	require.NoError(t, json.Unmarshal(content, &got))
	assert.Equal(t, [2]string{"leaderboard-1.0", "leaderboard-1.0"}, [2]string{got.Name, got.Profile})
	assert.Equal(t, Leaderboard1().Source, got.Source)
	assert.Len(t, got.Models, 155)
}

// TestMisspeltRows are told the nearest, by alias or hub id, unless too many are as near.
func TestMisspeltRows(t *testing.T) {
	first, board := Swallow2023(), Leaderboard1()
	for _, c := range []struct {
		table    Table
		as, want string
	}{
		{first, "70b-nv", "--as 70b-nv is no row of the table, did you mean 70b-nve?"},
		{first, "Swallow-13b-NVE", "--as Swallow-13b-NVE is no row of the table, did you mean Swallow-13b-NVE-hf?"},
		{first, "a row that nobody has printed", "--as a row that nobody has printed is no row of the table: llama2-7b, 7b, 7b-plus, 7b-nve, llama2-13b, 13b, 13b-nve, llama2-70b, 70b, 70b-nve"},
		{board, "gpt-4-613", `--as gpt-4-613 is no row of the table, did you mean gpt-4-0613?`},
		{board, "lama 3 swallow 8b", `--as lama 3 swallow 8b is no row of the table, did you mean "Llama 3 Swallow 8B"?`},
		{board, "x", "--as x is no row of the table: swallow-eval list published --reference leaderboard-1.0 shows them"},
		{Table{Models: []Row{{Alias: "aab"}, {Alias: "aac"}, {Alias: "aad"}, {Alias: "aae"}, {Alias: "aaf"}}}, "aaa", "--as aaa is no row of the table: aab, aac, aad, aae, aaf"},
	} {
		_, err := c.table.RowOf("m", c.as)
		assert.EqualError(t, err, c.want)
	}
	_, err := board.RowOf("m", "")
	assert.EqualError(t, err, "the run's model m is no row of the table: name one with --as: swallow-eval list published --reference leaderboard-1.0 shows them")
}
