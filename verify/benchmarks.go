package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Benchmarks looks at the data of tasks of a profile, and sets their requests beside what is on record. what is data, tasks or all. d
// is the folder dir, or the invented data, of which dir is "".
func Benchmarks(ctx context.Context, what string, p tasks.Profile, chosen []tasks.Task, d *datasets.Dir, dir string) (list []Verdict, err error) {
	if what != "tasks" {
		list = Data(d, dir, chosen)
	}
	if what == "data" {
		return list, nil
	}
	for _, t := range chosen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		carried, err := Carried(p, t)
		if err != nil {
			return nil, err
		}
		list = append(list, carried...)
		if dir == "" {
			list = append(list, Invented(t, d))
			continue
		}
		list = append(list, Task(p, t, d)...)
	}
	return list, nil
}

// Write shows verdicts as a table, and under it what to do.
func Write(w io.Writer, list []Verdict) error {
	rows := [][]string{}
	for _, v := range list {
		what := v.Check
		if v.Detail != "" {
			what += ": " + terminal.OneLine(errors.New(v.Detail))
		}
		rows = append(rows, []string{v.Subject, v.Result, what})
	}
	if err := terminal.Table(w, []string{"", "result", "check"}, rows); err != nil {
		return err
	}
	for _, v := range list {
		if v.Advice == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "* %s: %s\n", v.Subject, terminal.OneLine(errors.New(v.Advice))); err != nil {
			return err
		}
	}
	return nil
}

// Problem names what did not hold, nil where all did. strict counts what cannot be proven, too.
func Problem(list []Verdict, strict bool) error {
	var failed []string
	for _, v := range list {
		if v.Failed || strict && v.Unproven {
			failed = append(failed, v.Subject+" ("+v.Result+")")
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d checks did not hold: %s", len(failed), len(list), someOf(failed))
}

// someOf is the first few names, each once, and how many more there are.
func someOf(names []string) string {
	const most = 5
	names = slices.Compact(slices.Clone(names))
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}
