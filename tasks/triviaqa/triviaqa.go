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

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "triviaqa", Reference: "triviaqa", Title: "TriviaQA", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "trivia_qa", Version: "3", Protocol: tasks.HarnessEN,
			Source: harness.SourceEN("triviaqa"), Metrics: []metrics.Metric{metrics.TriviaQA()},
		},
		Evaluated: "validation", Training: "train",
		Read: read, ReadExample: readExample,
		Query: func(d tasks.Doc) string { return "Question: " + d.Input + "\nAnswer:" },
		Ask:   harness.Until("\n", ".", ","),
	}
}

// readExample keeps the value, which is what an example shows.
func readExample(r *record.Record) tasks.Doc {
	return tasks.Doc{Input: r.Filled("question"), Target: " " + r.Object("answer").Filled("value")}
}

// read adds the aliases, which are what an output is compared with. A question may stand in both halves of
// the split, the web's and Wikipedia's, so its identifier is the cluster.
func read(r *record.Record) tasks.Doc {
	d := readExample(r)
	d.Cluster = r.Filled("question_id")
	d.Targets = r.Object("answer").Texts("aliases")
	if len(d.Targets) == 0 {
		r.Fail("field answer.aliases is empty")
	}
	return d
}
