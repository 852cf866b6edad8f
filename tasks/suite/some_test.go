package suite

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestSome holds the documents that are built alone equal to those built with all others: the generator of examples moves on
// over what is left out.
func TestSome(t *testing.T) {
	src, err := smokedata.Open()
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	for _, p := range Profiles() {
		for _, task := range p.OnInvented().Tasks {
			t.Run(p.Name+"/"+task.Spec().Name, func(t *testing.T) {
				all, err := task.Docs(src, task.Spec().Shots, tasks.Unlimited{})
				require.NoError(t, err)
				require.Greater(t, len(all), 3)
				for _, n := range []int{0, 1, 3, len(all)} {
					positions := random.Perm(len(all))[:n]
					slices.Sort(positions)
					docs, total, err := tasks.Some(task, src, task.Spec().Shots, tasks.Unlimited{}, func(total int) ([]int, error) {
						assert.Equal(t, len(all), total)
						return positions, nil
					})
					require.NoError(t, err)
					assert.Equal(t, len(all), total)
					require.Len(t, docs, n)
					for i, p := range positions {
						assert.Equal(t, all[p], docs[i], "position %d", p)
					}
				}
				docs, _, err := tasks.Some(task, src, task.Spec().Shots, tasks.Unlimited{}, tasks.First(3))
				require.NoError(t, err)
				assert.Equal(t, all[:3], docs)
			})
		}
	}
}
