package eval_test

import (
	"context"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// capitals is a task of one's own: a question, two answers, and the likelier one counts.
type capitals struct{}

func (capitals) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "capitals", Title: "Capitals", Language: "en", Version: "1", Protocol: tasks.Plain,
		Metrics: []metrics.Metric{metrics.Accuracy("acc")},
	}
}

func (capitals) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) {
	return []tasks.Doc{
		{ID: tasks.RowID(0), Input: "The capital of Japan is", Choices: []string{" Tokyo", " Osaka"}, Targets: []string{"0"}},
		{ID: tasks.RowID(1), Input: "The capital of Italy is", Choices: []string{" Milan", " Rome"}, Targets: []string{"1"}},
	}, nil
}

func (capitals) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	var requests []tasks.Request
	for _, choice := range d.Choices {
		requests = append(requests, tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: d.Input, Continuation: choice})
	}
	return requests
}

func (capitals) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	if responses[1].LogProb > responses[0].LogProb {
		return []string{"1"}
	}
	return []string{"0"}
}

// A program outside has a task of its own and runs it. The model is the one within this module, which knows nothing.
func Example() {
	files, _, err := smokemodel.Files(smokemodel.Name)
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := embedded.OpenAt(embedded.Location{Path: "smoke", Files: files}, "smoke", 0, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer model.Close()
	run, err := eval.Run(context.Background(), model, eval.Options{Tasks: []tasks.Task{capitals{}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range run.Scores {
		fmt.Printf("%s: %s %.2f of %d documents\n", s.Title, s.Values[0].Metric, s.Values[0].Value, s.N)
	}
	// Output: Capitals: acc 0.50 of 2 documents
}
