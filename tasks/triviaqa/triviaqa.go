// Package triviaqa is TriviaQA (rc.nocontext) as EleutherAI's harness asks it: a question without documents and an
// answer up to the first line feed, point or comma, which must equal an alias. An answer such as "St. Louis" is cut to
// "St" and wrong.
package triviaqa

import (
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

type task struct{}

// New returns the task.
func New() tasks.Task { return task{} }

func (task) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "triviaqa", Reference: "triviaqa", Title: "TriviaQA", Language: "en", Foreign: foreign,
		Shots: 8, Dataset: "trivia_qa", Version: "3", Protocol: tasks.HarnessEN,
		Source: harness.SourceEN("triviaqa"), Metrics: []metrics.Metric{metrics.TriviaQA()},
	}
}

func (task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	validation, err := harness.Load(src, "trivia_qa", "validation", readValidation)
	if err != nil {
		return nil, err
	}
	train, err := harness.Training(src, "trivia_qa", "train", shots, read)
	if err != nil {
		return nil, err
	}
	return validation.Order(shots, train)
}

// read keeps the value, which is what an example shows.
func read(r *record.Record) tasks.Doc {
	return tasks.Doc{Input: r.Filled("question"), Target: " " + r.Object("answer").Filled("value")}
}

// readValidation adds the aliases, which are what an output is compared with. A question may stand in both halves of
// the split, the web's and Wikipedia's, so its identifier is the cluster.
func readValidation(r *record.Record) tasks.Doc {
	d := read(r)
	d.Cluster = r.Filled("question_id")
	d.Targets = r.Object("answer").Texts("aliases")
	if len(d.Targets) == 0 {
		r.Fail("field answer.aliases is empty")
	}
	return d
}

func query(d tasks.Doc) string { return "Question: " + d.Input + "\nAnswer:" }

func (task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: tasks.HarnessEN, MaxTokens: harness.MaxTokens,
		Prompt: harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d)),
		Stop:   []string{"\n", ".", ","},
	}}
}

func (task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{responses[0].Text}
}
