package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
)

// collect puts the runs' tasks and documents side by side: tasks in the first run's order and then the others',
// documents in evaluation order.
func collect(runs []compare.RunData, comparisons []compare.Comparison) ([]task, error) {
	var tasks []task
	at := map[string]int{}
	for k, r := range runs {
		for i := range r.Run.Scores {
			s := &r.Run.Scores[i]
			n, known := at[s.Task]
			if !known {
				n = len(tasks)
				at[s.Task] = n
				tasks = append(tasks, task{name: s.Task, scores: make([]*results.Score, len(runs))})
			}
			if tasks[n].scores[k] != nil {
				return nil, fmt.Errorf("%s: task %s occurs twice", r.Name, s.Task)
			}
			tasks[n].scores[k] = s
		}
	}
	for i := range tasks {
		tasks[i].docs = pairDocuments(runs, tasks[i].name)
		tasks[i].judge(comparisons)
	}
	return tasks, nil
}

// documentKey is what pairs the documents of several runs. Documents of equal content, which data sets have, are told
// apart by their order, as compare.Pair does.
type documentKey struct {
	content    string
	occurrence int
}

func pairDocuments(runs []compare.RunData, task string) []document {
	var docs []document
	at := map[documentKey]int{}
	for k, r := range runs {
		samples := r.Samples[task]
		order := make([]*results.Sample, len(samples))
		for i := range samples {
			order[i] = &samples[i]
		}
		slices.SortStableFunc(order, func(x, y *results.Sample) int {
			return cmp.Or(cmp.Compare(string(x.DocID), string(y.DocID)), cmp.Compare(x.Position, y.Position))
		})
		seen := map[string]int{}
		for _, s := range order {
			content := s.DocHash
			if content == "" {
				content = "id " + string(s.DocID)
			}
			key := documentKey{content, seen[content]}
			seen[content]++
			n, known := at[key]
			if !known {
				n = len(docs)
				at[key] = n
				docs = append(docs, document{samples: make([]*results.Sample, len(runs))})
			}
			docs[n].samples[k] = s
		}
	}
	slices.SortStableFunc(docs, func(x, y document) int { return cmp.Compare(x.any().Position, y.any().Position) })
	return docs
}

// judge gives each document its outcome in every comparison.
func (t *task) judge(comparisons []compare.Comparison) {
	for i := range t.docs {
		t.docs[i].outcomes = make([]string, len(comparisons))
	}
	for k, c := range comparisons {
		row, ok := rowOf(c, t.name)
		if !ok || len(row.Changes) == 0 {
			continue
		}
		type place struct {
			id       string
			position int
		}
		outcomes := map[place]string{}
		for _, ch := range row.Changes {
			outcomes[place{string(ch.DocID), ch.Position}] = ch.Outcome
		}
		for i, d := range t.docs {
			if a := d.samples[0]; a != nil {
				t.docs[i].outcomes[k] = outcomes[place{string(a.DocID), a.Position}]
			}
		}
	}
}

// rowOf is the comparison's row of a task.
func rowOf(c compare.Comparison, task string) (compare.TaskComparison, bool) {
	i := slices.IndexFunc(c.Tasks, func(t compare.TaskComparison) bool { return t.Task == task })
	if i < 0 {
		return compare.TaskComparison{}, false
	}
	return c.Tasks[i], true
}
