// Package xlsum is the Japanese part of XL-Sum as the JP harness asks it: summarise a news article after one example,
// with both articles cut at sentence ends where the prompt would be too long, scored by ROUGE-2 over the model's own
// tokens. The reference makes a word tokenizer for ROUGE, overwrites it with the model's and never calls it, so scores
// of models with different vocabularies do not compare.
package xlsum

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const (
	dataset     = "xlsum_ja"
	description = "与えられたニュース記事を要約してください。\n\n"
	articleMark = "ニュース記事:"
	summaryMark = "要約:"
	// spare is what the reference leaves for the summary beyond the tokens of the gold one.
	spare = 10
)

type task struct{ protocol tasks.Protocol }

// New returns the task. Its metric is bound to the model's tokenizer.
func New() tasks.Task { return task{tasks.HarnessJP} }

// Under returns the task as another copy of the harness asks it, which may put a token before every text.
func Under(p tasks.Protocol) tasks.Task { return task{p} }

func (t task) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "xlsum", Reference: "xlsum_ja", Title: "XL-Sum", Language: "ja", Foreign: foreign,
		Shots: 1, Dataset: dataset, Version: "1.0", Protocol: t.protocol,
		Source: harness.SourceJP("ja/xlsum_ja"), Metrics: []metrics.Metric{metrics.Rouge2OfModel()},
		Unmet: "ROUGE-2 counts the model's own tokens here, and no model's tokenizer is at hand",
	}
}

func (t task) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	docs, _, err := t.Some(src, shots, b, tasks.All)
	return docs, err
}

// Some returns chosen documents.
func (t task) Some(src tasks.Source, shots int, b tasks.Budget, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	test, err := harness.Load(src, dataset, "test", read)
	if err != nil {
		return nil, 0, err
	}
	train, err := harness.Training(src, dataset, "train", shots, read)
	if err != nil {
		return nil, 0, err
	}
	docs, total, err = test.Some(shots, train, choose)
	if err != nil {
		return nil, 0, err
	}
	for i := range docs {
		// Only a prompt with a mark in the wrong place can fail, so only such a prompt is measured here.
		if _, _, err := split(prompt(docs[i])); err == nil {
			continue
		}
		if _, err := fitted(docs[i], tasks.Opened(b, t.protocol)); err != nil {
			docs[i].Fault = fmt.Sprintf("the reference fails to shorten this prompt (%v) and stops; the whole prompt is asked", err)
		}
	}
	return docs, total, nil
}

// read accepts empty texts, as the reference does: an empty summary scores nothing, whatever the output.
func read(r *record.Record) tasks.Doc {
	summary := r.Text("summary")
	return tasks.Doc{Input: r.Text("text"), Target: summary, Targets: []string{summary}}
}

func query(d tasks.Doc) string { return articleMark + d.Input + "\n" + summaryMark }

func prompt(d tasks.Doc) string {
	return description + harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d))
}

func (t task) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	text, err := fitted(d, tasks.Opened(b, t.protocol))
	if err != nil {
		text = prompt(d) // as the document's Fault says
	}
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: t.protocol, Prompt: text, Stop: []string{"\n"}, MaxTokens: harness.MaxTokens,
	}}
}

// fitted is the document's prompt, shortened to leave room for a summary as long as the gold one. The gold summary's
// length thus enters the prompt.
func fitted(d tasks.Doc, b tasks.Budget) (string, error) {
	return fit(prompt(d), harness.Window(b)-(b.Count(d.Target)+spare), b)
}

func (task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{responses[0].Text}
}
