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

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "squad2", Reference: "squad2", Title: "SQuAD2.0", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "squad_v2", Version: "1", Protocol: tasks.HarnessEN,
			Source: harness.SourceEN("squad"), Metrics: metrics.SQuAD2(),
		},
		Evaluated: "validation", Training: "train",
		Read: read, Unique: "id",
		Query: func(d tasks.Doc) string {
			return "Title: " + d.Cluster + "\n\nBackground: " + d.Context + "\n\nQuestion: " + d.Input + "\n\nAnswer:"
		},
		Ask:    ask,
		Answer: answer,
	}
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

// ask asks for an answer and for the likelihood that there is none.
func ask(t harness.Task, d tasks.Doc) []tasks.Request {
	requests := harness.Until("\n")(t, d)
	return append(requests, tasks.Request{
		Kind: tasks.LogLikelihood, Protocol: t.About.Protocol, Prompt: requests[0].Prompt, Continuation: unanswerable,
	})
}

// answer gives the text for exact, f1 and their subsets, and for the best_* metrics the text with the probability that
// there is no answer.
func answer(_ tasks.Doc, responses []tasks.Response) []string {
	prediction := metrics.SQuADPrediction{Text: responses[0].Text, NoAnswer: math.Exp(responses[1].LogProb)}
	var outputs []string
	for _, m := range metrics.SQuAD2() {
		if strings.HasPrefix(m.Name, "best_") {
			outputs = append(outputs, prediction.Output())
		} else {
			outputs = append(outputs, prediction.Text)
		}
	}
	return outputs
}

// New04 returns the task as lm-eval 0.4.2 asks it: every example's answer stands after two spaces, the delimiter and the
// target's own, while the prompt ends in "Answer:". Its column is exact in the tables of 2024; the leaderboard shows
// best_exact, which abstains wherever that helps and so never falls below 50.07.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "3", tasks.HarnessEN0411
	t.About.Source = harness.Source04("squadv2/task.py")
	t.About.Metrics = metrics.SQuAD204()
	t.Sampler = harness.PerTaskSpare
	t.Read = func(r *record.Record) tasks.Doc {
		d := read(r)
		d.Target = " " + d.Target
		return d
	}
	return t
}
