package eval

import (
	"context"
	"fmt"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Program is an answer that is worth what comes of running it.
type Program struct {
	Task string
	Doc  tasks.DocID
	// Draw numbers the document's answers from 0.
	Draw int
	Text string
}

// Judge finds out what programs are worth.
type Judge interface {
	// Judge returns a verdict on each program, in their order: tasks.Passed, or why not. The error, which ends the task, is of the
	// judge's own.
	Judge(ctx context.Context, programs []Program) ([]string, error)
	// About says who judged, for the record.
	About() results.Judge
}

// judge has the programs of a chunk's documents run, when all are there: while a model answers, they would have to share the
// machine with it, and their time is limited.
func (e *evaluation) judge(ctx context.Context, spec tasks.Spec, c *chunk) error {
	made, ok := tasks.AsJudged(e.task)
	if !ok || e.options.Judge == nil {
		return nil
	}
	verdicts, err := Verdicts(ctx, e.options.Judge, spec.Name, made, c.each)
	if err != nil {
		return err
	}
	for i := range c.items {
		it := &c.items[i]
		for k := range it.responses {
			it.responses[k].Verdict = verdicts[it.first+k]
		}
	}
	about := e.options.Judge.About()
	e.noteVerdicts(&about, verdicts)
	return nil
}

// each passes on the chunk's documents with their responses.
func (c *chunk) each(yield func(d tasks.Doc, responses []tasks.Response)) {
	for i := range c.items {
		yield(c.items[i].doc, c.items[i].responses)
	}
}

// Verdicts has the programs of a task's documents judged, in the order in which each passes them on.
func Verdicts(ctx context.Context, j Judge, task string, made tasks.Judged, each func(yield func(d tasks.Doc, responses []tasks.Response))) ([]string, error) {
	var programs []Program
	each(func(d tasks.Doc, responses []tasks.Response) {
		for k, text := range made.Programs(d, responses) {
			programs = append(programs, Program{task, d.ID, k, text})
		}
	})
	verdicts, err := j.Judge(ctx, programs)
	if err != nil {
		return nil, err
	}
	if len(verdicts) != len(programs) {
		return nil, fmt.Errorf("%d verdicts on %d programs", len(verdicts), len(programs))
	}
	for i, v := range verdicts {
		if v == "" {
			return nil, fmt.Errorf("document %s, sample %d: no verdict", programs[i].Doc, programs[i].Draw)
		}
	}
	return verdicts, nil
}

// noteVerdicts puts into the score who judged, and counts.
func (e *evaluation) noteVerdicts(about *results.Judge, verdicts []string) {
	if e.score.Judge != nil {
		about.Programs, about.TimedOut = e.score.Judge.Programs, e.score.Judge.TimedOut
	}
	about.Count(verdicts)
	e.score.Judge = about
}

// unjudged is the hole of a task of which so many documents have programs that nothing ran.
func (o Options) unjudged(docs, of int) string {
	why := fmt.Sprintf("its answers are programs, and nothing ran those of %d of %d documents", docs, of)
	if o.Unjudged != "" {
		why += ": " + o.Unjudged
	}
	return why
}
