package wmt20

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	for name, task := range map[string]tasks.Task{"wmt20-en-ja": EnJa(), "wmt20-ja-en": JaEn()} {
		t.Run(name, func(t *testing.T) {
			golden.Requests(t, task, dir, golden.Records(t, name), tasks.Unlimited{})
		})
	}
}

func TestSegmenter(t *testing.T) {
	hole := tasks.Bind(EnJa(), metrics.Env{Pieces: strings.Fields}).Spec()
	assert.Empty(t, hole.Metrics)
	assert.Contains(t, hole.Hole, "segments Japanese with nagisa")

	segment := func(text string) string { return strings.Join(strings.Split(text, ""), " ") }
	task := tasks.Bind(EnJa(), metrics.Env{Segment: segment, Segmenter: "char"})
	spec := task.Spec()
	require.Len(t, spec.Metrics, 3)
	assert.Empty(t, spec.Hole)
	for _, m := range spec.Metrics {
		assert.Contains(t, m.Signature, "tok:char")
	}
	d := tasks.Doc{Targets: []string{"東京は晴れ"}}
	outputs := task.Outputs(d, []tasks.Response{{Text: " 東京は晴れ "}})
	assert.Equal(t, []string{" 東京は晴れ ", " 東京は晴れ ", " 東京は晴れ "}, outputs, "what is stored is what the model wrote")
	bleu := spec.Metrics[0]
	assert.InDelta(t, 100, bleu.Corpus(bleu.Each(outputs[0], d.Targets), 1), 1e-9, "white space at the ends is no word")
}

func TestDirectionsHaveTheirMetrics(t *testing.T) {
	for _, spec := range []tasks.Spec{JaEn().Spec(), EnJa().Spec()} {
		var names []string
		for _, m := range spec.Metrics {
			names = append(names, m.Name)
		}
		assert.Equal(t, []string{"bleu", "chrf", "ter"}, names)
	}
}

func TestBadRecords(t *testing.T) {
	good := `{"src":"a","ref":"b"}`
	for split, task := range map[string]tasks.Task{"en-ja": EnJa(), "ja-en": JaEn()} {
		golden.BadRecords(t, task, split, good, map[string]string{
			`{"src":"a"}`:            "field ref is missing",
			`{"src":"a","ref":""}`:   "field ref is empty",
			`{"src":"","ref":"b"}`:   "field src is empty",
			`{"src":"a","ref":null}`: "field ref is null",
		})
		golden.MissingSplits(t, task, split, split, good)
	}
}
