package eval

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/gsm8k"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
	"github.com/swallow-eval/swallow-eval/tasks/squad2"
)

// indifferent finds every answer equally likely.
type indifferent struct{ stored string }

func (indifferent) Budget() tasks.Budget      { return tasks.Unlimited{} }
func (m indifferent) Identity() results.Model { return results.Model{StoredDType: m.stored} }

func (indifferent) Do(_ context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for i := range qs {
		if err := done(i, tasks.Response{LogProb: -1, PromptTokens: 1, OutputTokens: 1}); err != nil {
			return err
		}
	}
	return nil
}

type smokeSource struct{ tasks.Source }

func (smokeSource) Files() []results.DataFile { return nil }

// TestTiesGoToTheFirstChoice: where choices are equally likely the first counts, and of models whose scores are rounded the score says how often.
func TestTiesGoToTheFirstChoice(t *testing.T) {
	for _, c := range []struct {
		stored    string
		protocol  tasks.Protocol
		precision string
	}{{"bfloat16", tasks.HarnessEN0411, "bf16"}, {"bfloat16", tasks.HarnessEN0407, ""}, {"float32", tasks.HarnessEN0411, ""}} {
		task := tasks.Under(openbookqa.New04(), tasks.Terms{Protocol: c.protocol})
		source := func() Source {
			dir, err := smokedata.Open()
			require.NoError(t, err)
			return smokeSource{dir}
		}
		run, err := Run(t.Context(), indifferent{c.stored}, Options{Tasks: []tasks.Task{task}, Source: source})
		require.NoError(t, err)
		s := run.Scores[0]
		assert.Equal(t, c.precision, s.Precision)
		docs, err := task.Docs(source(), 4, tasks.Unlimited{})
		require.NoError(t, err)
		firsts := 0
		for _, d := range docs {
			firsts += count(d.Targets[0] == "0")
		}
		require.NotZero(t, firsts)
		assert.InDelta(t, float64(firsts)/float64(len(docs)), s.Values[0].Value, 1e-12)
		want := 0
		if c.precision != "" {
			want = len(docs)
		}
		assert.Equal(t, want, s.Cuts.TiedDocs)
	}
	// Beside a text a log-likelihood is no choice, and of a text nothing is rounded.
	text := tasks.Under(gsm8k.New04(), tasks.Terms{Protocol: tasks.HarnessEN0411})
	run, err := Run(t.Context(), indifferent{"bfloat16"}, Options{Tasks: []tasks.Task{text}, Source: func() Source {
		dir, err := smokedata.Open()
		require.NoError(t, err)
		return smokeSource{dir}
	}})
	require.NoError(t, err)
	assert.Empty(t, run.Scores[0].Hole)
	assert.Empty(t, run.Scores[0].Precision)
	task := tasks.Under(squad2.New04(), tasks.Terms{Protocol: tasks.HarnessEN0411})
	run, err = Run(t.Context(), indifferent{"bfloat16"}, Options{Tasks: []tasks.Task{task}, Source: func() Source {
		dir, err := smokedata.Open()
		require.NoError(t, err)
		return smokeSource{dir}
	}})
	require.NoError(t, err)
	assert.Zero(t, run.Scores[0].Cuts.TiedDocs)
}
