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

// New04 returns the task as lm-eval 0.4.2 asks it: a question mark is added to every question, which has one already, an
// example shows the first alias, and of the answer one leading space is removed and no other.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "3.0", tasks.HarnessEN0411
	t.About.Source = harness.Source04("triviaqa/default.yaml")
	t.About.Metrics = []metrics.Metric{metrics.TriviaQA04()}
	t.Sampler = harness.PerTaskSpare
	t.Read, t.ReadExample = read04, readExample04
	t.Query = func(d tasks.Doc) string { return "Question: " + d.Input + "?\nAnswer:" }
	t.Answer = func(_ tasks.Doc, responses []tasks.Response) []string {
		return []string{metrics.TriviaQA04Answer(responses[0].Text)}
	}
	return t
}

func readExample04(r *record.Record) tasks.Doc {
	d := tasks.Doc{Input: r.Filled("question"), Targets: r.Object("answer").Texts("aliases")}
	if len(d.Targets) == 0 {
		r.Fail("field answer.aliases is empty")
		return d
	}
	d.Target = " " + d.Targets[0]
	return d
}

func read04(r *record.Record) tasks.Doc {
	d := readExample04(r)
	d.Cluster = r.Filled("question_id")
	return d
}
