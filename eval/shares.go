package eval

import (
	"context"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/commonprefix"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Share is how much of an evaluation a task may be.
type Share struct {
	Task   string
	Weight float64 // in tokens that are read; only the relation to other tasks' means something
}

// What a share is made of: documents spread over a task, and what a generated token costs beside one that is read. Where one or the
// other takes longer than that, the tasks that are done tell.
const (
	shareDocs      = 8
	shareGenerated = 4
)

// Shares are those of all tasks, by some documents of each. A task that fails has none: it will say why itself.
func Shares(ctx context.Context, o Options, b tasks.Budget) (list []Share) {
	o = o.filled()
	var limit func(t tasks.Task, total int) int
	err := guard.Call(func() (err error) { limit, err = o.Limit.Counter(o.Profile, o.Tasks, o.Source, b); return err })
	if err != nil {
		return nil // Run says so
	}
	for _, t := range o.Tasks {
		if ctx.Err() != nil {
			return nil
		}
		e := &evaluation{task: tasks.Bind(t, o.Env), budget: b, options: o, limit: limit}
		s := Share{Task: t.Spec().Name}
		if err := guard.Call(func() (err error) { s.Weight, err = e.weight(); return err }); err != nil {
			s.Weight = 0
		}
		list = append(list, s)
	}
	return list
}

// weight asks some documents for their requests. What a prompt has in common with the one before costs nothing.
func (e *evaluation) weight() (float64, error) {
	spec := e.task.Spec()
	if len(spec.Metrics) == 0 {
		return 0, nil
	}
	n := 0
	docs, _, err := tasks.Some(e.task, e.options.Source(), Shots(e.task, e.options.Shots), e.budget, func(total int) ([]int, error) {
		all, err := e.choose(spec, total)
		n = len(all)
		var some []int
		for i := range min(n, shareDocs) {
			some = append(some, all[i*n/min(n, shareDocs)])
		}
		return some, err
	})
	if err != nil || len(docs) == 0 {
		return 0, err
	}
	before, first, rest := "", 0.0, 0.0
	for i, d := range docs {
		weight := 0.0
		for _, r := range e.task.Requests(d, e.budget) {
			text := r.Prompt + r.Continuation
			weight += float64(e.budget.Count(text[common(before, text):]) + shareGenerated*r.MaxTokens)
			before = text
		}
		if i == 0 {
			first = weight
		} else {
			rest += weight
		}
	}
	if len(docs) == 1 {
		return first, nil
	}
	return first + rest/float64(len(docs)-1)*float64(n-1), nil
}

// common is how many bytes two texts begin with alike, in whole characters.
func common(a, b string) int {
	n := commonprefix.Len(a, b)
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}
