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
