package tasks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
	"github.com/swallow-eval/swallow-eval/tasks/jsquad"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
	"github.com/swallow-eval/swallow-eval/tasks/squad2"
	"github.com/swallow-eval/swallow-eval/tasks/wmt20"
	"github.com/swallow-eval/swallow-eval/tasks/xlsum"
)

func metricsOf(t tasks.Task) []string {
	var names []string
	for _, m := range t.Spec().Metrics {
		names = append(names, m.Name)
	}
	return names
}

func TestUnder(t *testing.T) {
	own := openbookqa.New()
	assert.Equal(t, own.Spec().Shots, tasks.Under(own, tasks.Terms{}).Spec().Shots)
	other := tasks.Under(own, tasks.Terms{Title: "OBQA", Shots: new(0), Metric: "acc_norm", Protocol: tasks.HarnessJP})
	s := other.Spec()
	assert.Equal(t, "OBQA", s.Title)
	assert.Equal(t, 0, s.Shots)
	assert.Equal(t, []string{"acc_norm", "acc"}, metricsOf(other))
	assert.Equal(t, []string{"acc", "acc_norm"}, metricsOf(own), "the task itself stays")
	d := tasks.Doc{Input: "q", Choices: []string{"a", "bbbbbbbb"}, Targets: []string{"0"}}
	for i, r := range other.Requests(d, tasks.Unlimited{}) {
		assert.Equal(t, tasks.HarnessJP, r.Protocol)
		assert.Equal(t, tasks.HarnessEN, own.Requests(d, tasks.Unlimited{})[i].Protocol)
	}
	responses := []tasks.Response{{LogProb: -2}, {LogProb: -3}}
	assert.Equal(t, []string{"0", "1"}, own.Outputs(d, responses))
	assert.Equal(t, []string{"1", "0"}, other.Outputs(d, responses), "outputs follow their metrics")
	twice := tasks.Under(other, tasks.Terms{Metric: "acc"})
	assert.Equal(t, []string{"acc", "acc_norm"}, metricsOf(twice))
	assert.Equal(t, []string{"0", "1"}, twice.Outputs(d, responses))
	assert.PanicsWithValue(t, "openbookqa has no metric bleu", func() { tasks.Under(own, tasks.Terms{Metric: "bleu"}) })
}

// TestUnderEveryMetricOfMany: whichever metric comes first, every output stays with its own metric.
func TestUnderEveryMetricOfMany(t *testing.T) {
	own := squad2.New()
	responses := []tasks.Response{{Text: "x"}, {LogProb: -1}}
	d := tasks.Doc{Targets: []string{"x"}}
	outputs := map[string]string{}
	for i, name := range metricsOf(own) {
		outputs[name] = own.Outputs(d, responses)[i]
	}
	for _, first := range metricsOf(own) {
		other := tasks.Under(own, tasks.Terms{Metric: first})
		list := metricsOf(other)
		assert.Equal(t, first, list[0])
		assert.ElementsMatch(t, metricsOf(own), list)
		for i, output := range other.Outputs(d, responses) {
			assert.Equal(t, outputs[list[i]], output, list[i])
		}
	}
}

func TestBind(t *testing.T) {
	assert.IsType(t, squad2.New(), tasks.Bind(squad2.New(), metrics.Env{}), "what needs nothing stays as it is")
	env := metrics.Env{Pieces: strings.Fields, Segment: strings.ToLower, Segmenter: "lower"}
	terms := tasks.Under(wmt20.EnJa(), tasks.Terms{Metric: "chrf", Shots: new(1)})
	bound := tasks.Bind(terms, env).Spec()
	assert.Equal(t, "chrf", bound.Metrics[0].Name, "terms stay")
	assert.Equal(t, 1, bound.Shots)
	assert.Contains(t, bound.Metrics[0].Signature, "tok:lower")

	hole := tasks.Bind(xlsum.New(), metrics.Env{Segment: strings.ToLower})
	assert.Empty(t, hole.Spec().Metrics)
	assert.Equal(t, xlsum.New().Spec().Unmet, hole.Spec().Hole)
	assert.Equal(t, metrics.ModelPieces, hole.Spec().Lacks)
	assert.Empty(t, hole.Outputs(tasks.Doc{}, []tasks.Response{{Text: "x"}}))
	assert.Len(t, hole.Requests(tasks.Doc{Input: "a", Target: "b"}, tasks.Unlimited{}), 1, "it can still be asked")
}

// TestInventedUnderTerms: a profile's terms do not hide that a task asks otherwise over invented data.
func TestInventedUnderTerms(t *testing.T) {
	row := `{"id":"a1p0q0","title":"t","context":"c","question":"q","answers":{"text":["a"]}}`
	src := golden.Source{"validation": {row}, "train": {row, row, row, row}}
	p := tasks.Profile{Tasks: []tasks.Task{tasks.Under(jsquad.New(), tasks.Terms{Shots: new(2)}), xlsum.New()}}
	_, err := p.Tasks[0].Docs(src, 2, nil)
	require.Error(t, err)
	docs, err := p.OnInvented().Tasks[0].Docs(src, 2, nil)
	require.NoError(t, err)
	assert.Len(t, docs[0].Shots, 2)
	assert.Equal(t, 2, p.OnInvented().Tasks[0].Spec().Shots)
}

// TestGroups: a language that nobody thought of has its group.
func TestGroups(t *testing.T) {
	p := tasks.Profile{
		Tasks:  []tasks.Task{xlsum.New(), squad2.New(), wmt20.JaEn()},
		Groups: []tasks.Group{{Name: "translation", Tasks: []string{"wmt20-ja-en"}}},
	}
	assert.Equal(t, []tasks.Group{
		{Name: "ja-all", Tasks: []string{"xlsum", "wmt20-ja-en"}}, {Name: "en-all", Tasks: []string{"squad2"}},
		{Name: "translation", Tasks: []string{"wmt20-ja-en"}}, {Name: "all", Tasks: []string{"xlsum", "squad2", "wmt20-ja-en"}},
	}, p.AllGroups())
	_, ok := p.Group("zh-all")
	assert.False(t, ok)
}
