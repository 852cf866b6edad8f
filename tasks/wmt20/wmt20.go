// Package wmt20 is newstest2020 between English and Japanese as the JP harness asks it: sentence by sentence, with
// examples from the very test set (never the sentence itself), scored by sacreBLEU 1.5.0.
package wmt20

import (
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// task is one direction.
type task struct {
	spec tasks.Spec
	// split is the direction in the manifest; source and target name the languages in the prompt.
	split, source, target string
}

// JaEn returns the direction from Japanese to English.
func JaEn() tasks.Task {
	return task{
		spec: tasks.Spec{
			Name: "wmt20-ja-en", Reference: "wmt20-ja-en", Title: "WMT20-ja-en", Language: "ja", Foreign: named("wmt20_ja_en_bleu"),
			Shots: 4, Dataset: "wmt20", Version: "0", Protocol: tasks.HarnessJP,
			Source: harness.SourceJP("translation"), Metrics: translation(),
		},
		split: "ja-en", source: "Japanese", target: "English",
	}
}

// EnJa returns the direction from English to Japanese. The metrics see outputs and references with words between spaces,
// and are bound to what finds these: the published column segments with nagisa.
func EnJa() tasks.Task {
	t := task{
		spec: tasks.Spec{
			Name: "wmt20-en-ja", Reference: "wmt20-en-ja", Title: "WMT20-en-ja", Language: "ja", Foreign: named("wmt20_en_ja_bleu"),
			Shots: 4, Dataset: "wmt20", Version: "1", Protocol: tasks.HarnessJP,
			Source: harness.SourceJP("translation"),
			Unmet:  "the published column segments Japanese with nagisa: `swallow-eval fetch --tasks wmt20-en-ja` gets its model, --nagisa-dir names a folder that has it, --ja-segmenter mecab or char chooses another segmenter",
		},
		split: "en-ja", source: "English", target: "Japanese",
	}
	for _, m := range translation() {
		t.spec.Metrics = append(t.spec.Metrics, metrics.InJapaneseWords(m))
	}
	return t
}

// translation are the metrics of a direction, in the reference's order.
func translation() []metrics.Metric {
	return []metrics.Metric{metrics.BLEU{}.Metric(), metrics.CHRF{}.Metric(), metrics.TER{}.Metric()}
}

func (t task) Spec() tasks.Spec { return t.spec }

func (t task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	test, err := harness.Load(src, t.spec.Dataset, t.split, read)
	if err != nil {
		return nil, err
	}
	equal := func(a, b tasks.Doc) bool { return a.Input == b.Input && a.Target == b.Target }
	return test.Order(shots, test.Others(shots, equal))
}

func read(r *record.Record) tasks.Doc {
	reference := r.Filled("ref")
	return tasks.Doc{Input: r.Filled("src"), Target: " " + reference, Targets: []string{reference}}
}

func (t task) query(d tasks.Doc) string {
	return t.source + " phrase: " + d.Input + "\n" + t.target + " phrase:"
}

func (t task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: tasks.HarnessJP, MaxTokens: harness.MaxTokens,
		Prompt: harness.Prompt(d.Shots, func(s tasks.Doc) string { return t.query(s) + s.Target }, t.query(d)),
		Stop:   []string{"\n"},
	}}
}

func (t task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	outputs := make([]string, len(t.spec.Metrics))
	for i := range outputs {
		outputs[i] = responses[0].Text
	}
	return outputs
}
