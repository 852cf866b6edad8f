// Package eval is the loop of an evaluation: documents become requests, a model answers them in whatever order suits
// it, the answers are reduced to outputs and statistics, and samples and scores are written down.
//
// It promises that nothing of the model's order, batching or speed reaches the results: samples are written in
// document order, scores are functions of the samples, and a run that dies or is interrupted keeps what was finished.
// It knows no model's inside, no file format of a data set and no command line.
package eval

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Model answers requests. Order and batching are its business.
type Model interface {
	// Budget measures text in the model's tokens.
	Budget() tasks.Budget
	// Identity is what the answers depend on.
	Identity() results.Model
	// Do answers all requests and calls done once for each, one call at a time, in any order. The first error, its
	// own, done's or the context's, ends it; an error about one request is a *RequestError.
	Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error
}

// RequestError is an error that concerns one request of a call of Do.
type RequestError struct {
	Index int
	Err   error
}

func (e *RequestError) Error() string { return fmt.Sprintf("request %d: %v", e.Index, e.Err) }

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// Source is a task's data with the list of the files that were read from it.
type Source interface {
	tasks.Source
	// Files lists what has been read, in order of first use.
	Files() []results.DataFile
}

// Progress learns how an evaluation proceeds. Every method is called from the evaluation's own goroutine.
type Progress interface {
	// Begin announces a task with the number of requests to come, which is exact where every document makes as many.
	Begin(task string, docs, requests int)
	// Answered reports one answered request and the tokens the model read and wrote for it.
	Answered(tokens int)
	// End reports the finished task; the score may be a hole.
	End(score results.Score)
}

// Options choose what to evaluate. The zero value of every field works; with no Profile and no Tasks nothing is asked.
type Options struct {
	// Profile gives the run its name and its limit's rule.
	Profile tasks.Profile
	// Tasks are evaluated in this order; nil stands for the profile's.
	Tasks []tasks.Task
	// Env is what the tasks' metrics are bound to. A task that needs what it lacks becomes a hole.
	Env metrics.Env
	// Source opens a task's data anew, so that every task lists its own files. nil is for tasks that read none: one that
	// does fails with ErrNoSource.
	Source func() Source
	// Shots overrides the tasks' number of examples where not nil.
	Shots *int
	Limit Limit
	// Samples chooses positions per task; a task not in a non-nil map is skipped by the caller.
	Samples map[string][]int
	// Open begins the samples file of a task; nil keeps no samples but their digest.
	Open func(task string) (SampleFile, error)
	// Judge runs the answers of tasks that are tasks.Judged; nil runs none. Their scores are then holes, and Unjudged says what to do.
	Judge    Judge
	Unjudged string
	// AskOnly has the model asked and nothing made of its answers: no samples, no digests, no scores, but holes that say so.
	AskOnly bool
	// Progress may be nil.
	Progress Progress
	// Now is the clock for the manifest, nil for the time of day.
	Now func() time.Time
	// chunk is the number of requests built at a time, 0 for chunkRequests.
	chunk int
}

// Run evaluates every task and returns the manifest. A task that fails becomes a hole and the others go on; the
// returned error is then TaskErrors. When ctx ends, the manifest of what was finished is returned with ctx's error.
func Run(ctx context.Context, m Model, o Options) (results.Run, error) {
	o = o.filled()
	budget := m.Budget()
	run := results.Run{
		SchemaVersion: results.SchemaVersion,
		Profile:       o.Profile.Name,
		Model:         m.Identity(),
		Status:        "complete",
		Started:       o.Now().UTC().Truncate(time.Second),
		Limit:         o.Limit.String(),
		Samples:       o.Samples != nil,
		ShotsOverride: o.Shots,
		Scores:        []results.Score{},
	}
	var failed []error
	limit, err := o.Limit.Counter(o.Profile, o.Tasks, o.Source, budget)
	if err != nil {
		return run, err
	}
	for _, t := range o.Tasks {
		e := &evaluation{task: tasks.Bind(t, o.Env), model: m, budget: budget, options: o, limit: limit, stored: run.Model.StoredDType}
		score, err := e.run(ctx)
		if ctx.Err() != nil {
			run.Status = "interrupted"
			run.Finished = o.Now().UTC().Truncate(time.Second)
			return run, ctx.Err()
		}
		if err != nil {
			run.Status = "incomplete"
			failed = append(failed, fmt.Errorf("%s: %w", t.Spec().Name, err))
			score.Hole = strings.ReplaceAll(jsonwords.Text(err), "\n", "; ")
			score.Values = nil
		}
		if score.Hole != "" {
			run.Status = "incomplete"
		}
		o.Progress.End(score)
		run.Scores = append(run.Scores, score)
	}
	run.Finished = o.Now().UTC().Truncate(time.Second)
	if len(failed) > 0 {
		return run, TaskErrors(failed)
	}
	return run, nil
}

// TaskErrors are the errors of the tasks that failed, at least one, in the order of the tasks. Each begins with its
// task's name.
type TaskErrors []error

// Error is the first error and the number of the others.
func (e TaskErrors) Error() string {
	switch len(e) {
	case 1:
		return e[0].Error()
	case 2:
		return fmt.Sprintf("%v (and another task failed)", e[0])
	}
	return fmt.Sprintf("%v (and %d more tasks failed)", e[0], len(e)-1)
}

// Unwrap returns all errors.
func (e TaskErrors) Unwrap() []error { return e }

// Shots is the number of examples a task is run with.
func Shots(t tasks.Task, override *int) int {
	if override != nil && !t.Spec().FixedShots {
		return *override
	}
	return t.Spec().Shots
}
