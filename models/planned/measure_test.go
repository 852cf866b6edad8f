package planned_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/source"
	"github.com/swallow-eval/swallow-eval/models/planned"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// without is a source that lacks one data set.
type without struct {
	eval.Source
	dataset string
}

func (s without) Rows(dataset, split string) (string, []json.RawMessage, error) {
	if dataset == s.dataset {
		return "", nil, assert.AnError
	}
	return s.Source.Rows(dataset, split)
}

// TestCount: tasks are counted whose data are there; one whose data are not is a hole, and what ends an evaluation ends the count.
func TestCount(t *testing.T) {
	e, c := open(t)
	d, err := smokedata.Open()
	require.NoError(t, err)
	profile := suite.Default().OnInvented()
	gsm8k, ok := profile.Task("gsm8k")
	require.True(t, ok)
	xwino, ok := profile.Task("xwino")
	require.True(t, ok)
	lacking := xwino.Spec().Dataset
	from := source.Of(d)
	opt := eval.Options{
		Profile: profile, Tasks: []tasks.Task{gsm8k, xwino}, Source: func() eval.Source { return without{from(), lacking} },
	}
	m := planned.New(e, c, results.Model{Name: "m"}, nil)
	p, err := planned.Count(t.Context(), m, opt)
	require.NoError(t, err)
	assert.Equal(t, "m", p.Model)
	assert.Equal(t, planned.WeightBytes(c, 2), p.WeightBytes)
	assert.Positive(t, p.StartSeconds)
	require.Len(t, m.Tasks(), 2)
	assert.Positive(t, m.Tasks()[0].Requests)
	assert.Empty(t, m.Tasks()[0].Hole)
	assert.Equal(t, "xwino", m.Tasks()[1].Name)
	assert.NotEmpty(t, m.Tasks()[1].Hole)

	ended, end := context.WithCancel(t.Context())
	end()
	_, err = planned.Count(ended, planned.New(e, c, results.Model{}, nil), opt)
	assert.ErrorIs(t, err, context.Canceled)
}

// TestRoom: a limit of the process is what may be taken, however much the machine has.
func TestRoom(t *testing.T) {
	_, c := open(t)
	var p planned.Plan
	require.NoError(t, p.Room("", c, engine.Options{ProcessLimit: 4 << 30}))
	assert.LessOrEqual(t, p.MemoryBytes, int64(4<<30))
	assert.Positive(t, p.Use.BatchTokens)
	var none *engine.MemoryError
	require.ErrorAs(t, p.Room("", c, engine.Options{ProcessLimit: 1}), &none)
	assert.Equal(t, int64(1), p.MemoryBytes)
}

// TestCalibratedPlan has the machine's rates, and what loading takes at them.
func TestCalibratedPlan(t *testing.T) {
	_, c := open(t)
	p := planned.Plan{FetchBytes: 1 << 30}
	require.NoError(t, p.Calibrate(t.Context(), c, engine.Options{Threads: 1}, 0))
	require.NotNil(t, p.Rates)
	assert.InEpsilon(t, float64(p.FetchBytes)/p.Rates.Pack, p.LoadSeconds, 1e-9)
	ended, end := context.WithCancel(t.Context())
	end()
	assert.Error(t, (&planned.Plan{}).Calibrate(ended, c, engine.Options{Threads: 1}, 0))
}
