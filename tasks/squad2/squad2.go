// Package squad2 is SQuAD 2.0 as EleutherAI's harness asks it: title, paragraph and question, an answer of one line,
// and the likelihood of " unanswerable".
//
// The examples teach a model to write "unanswerable", but that text scores nothing: only an answer that normalises to
// nothing is right where there is no answer. A model that follows the format perfectly gets exact = 49.93. The
// likelihood enters no published number: at the default threshold of 1 it never decides.
package squad2

import (
	"math"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const unanswerable = " unanswerable"

type task struct{}

// New returns the task.
func New() tasks.Task { return task{} }

func (task) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "squad2", Reference: "squad2", Title: "SQuAD2.0", Language: "en", Foreign: foreign,
		Shots: 8, Dataset: "squad_v2", Version: "1", Protocol: tasks.HarnessEN,
		Source: harness.SourceEN("squad"), Metrics: metrics.SQuAD2(),
	}
}

func (task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	ids := record.IDs{}
	validation, err := harness.Load(src, "squad_v2", "validation", func(r *record.Record) tasks.Doc {
		ids.Add(r, r.Filled("id"))
		return read(r)
	})
	if err != nil {
		return nil, err
	}
	train, err := harness.Training(src, "squad_v2", "train", shots, read)
	if err != nil {
		return nil, err
	}
	return validation.Order(shots, train)
}

// read takes the texts unstripped. The cluster is the article, by its title, which the prompt names. A question without
// an answer has the one target "", as its metrics expect.
func read(r *record.Record) tasks.Doc {
	d := tasks.Doc{
		Cluster: r.Text("title"), Context: r.Filled("context"), Input: r.Filled("question"),
		Target: unanswerable, Targets: []string{""},
	}
	if texts := r.Object("answers").Texts("text"); len(texts) > 0 {
		d.Target, d.Targets = " "+texts[0], texts
	}
	return d
}

func query(d tasks.Doc) string {
	return "Title: " + d.Cluster + "\n\nBackground: " + d.Context + "\n\nQuestion: " + d.Input + "\n\nAnswer:"
}

func (task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	prompt := harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d))
	return []tasks.Request{
		{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: prompt, Stop: []string{"\n"}, MaxTokens: harness.MaxTokens},
		{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: prompt, Continuation: unanswerable},
	}
}

// Outputs returns the text for exact, f1 and their subsets, and for the best_* metrics the text with the probability
// that there is no answer.
func (t task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	prediction := metrics.SQuADPrediction{Text: responses[0].Text, NoAnswer: math.Exp(responses[1].LogProb)}
	var outputs []string
	for _, m := range t.Spec().Metrics {
		if strings.HasPrefix(m.Name, "best_") {
			outputs = append(outputs, prediction.Output())
		} else {
			outputs = append(outputs, prediction.Text)
		}
	}
	return outputs
}
