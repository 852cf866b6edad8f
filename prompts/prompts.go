// Package prompts is what tasks ask, document by document: as lines of JSON for programs, and for people as text that shows what
// a model sees.
package prompts

import (
	"context"
	"fmt"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Line is one document with all its requests.
type Line struct {
	Task     string          `json:"task"`
	Shots    int             `json:"shots"`
	Position int             `json:"position"`
	DocID    tasks.DocID     `json:"doc_id"`
	ShotIDs  []tasks.DocID   `json:"shot_ids"`
	Requests []tasks.Request `json:"requests"`
	// Target is the reference answer as it would stand in a prompt, Targets what the output is scored against.
	Target  string   `json:"target"`
	Targets []string `json:"targets"`
	Fault   string   `json:"fault,omitempty"`
}

// Asked is a task as it is asked: over its data, with so many examples, within what a model takes.
type Asked struct {
	Task   tasks.Task
	Source tasks.Source
	Shots  int
	Budget tasks.Budget
}

// First yields the first documents in evaluation order, as many as count says of all there are. Errors name the task, but those
// of yield and of ctx.
func (a Asked) First(ctx context.Context, count func(total int) int, yield func(Line) error) error {
	docs, err := a.docs(func(total int) ([]int, error) { return tasks.Upto(count(total)), nil })
	if err != nil {
		return err
	}
	for i, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(a.line(i, d)); err != nil {
			return err
		}
	}
	return nil
}

// At is the document at a position of the evaluation order, from 0 on.
func (a Asked) At(position int) (Line, error) {
	docs, err := a.docs(func(total int) ([]int, error) {
		if position >= total {
			return nil, fmt.Errorf("there are positions 0..%d, not %d", total-1, position)
		}
		return []int{position}, nil
	})
	if err != nil {
		return Line{}, err
	}
	return a.line(position, docs[0]), nil
}

func (a Asked) docs(choose tasks.Choice) ([]tasks.Doc, error) {
	docs, _, err := tasks.Some(a.Task, a.Source, a.Shots, a.Budget, choose)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Task.Spec().Name, err)
	}
	return docs, nil
}

func (a Asked) line(position int, d tasks.Doc) Line {
	ids := []tasks.DocID{}
	for _, s := range d.Shots {
		ids = append(ids, s.ID)
	}
	return Line{
		Task: a.Task.Spec().Name, Shots: a.Shots, Position: position, DocID: d.ID, ShotIDs: ids,
		Requests: a.Task.Requests(d, a.Budget), Target: d.Target, Targets: d.Targets, Fault: d.Fault,
	}
}
