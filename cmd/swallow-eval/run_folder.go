package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// openFolder opens the directory of -o for this run alone. What is in it must be of the run's kind, as far as the command
// line tells.
func (f *runFlags) openFolder(c console, opt eval.Options) (*results.Folder, error) {
	out, err := results.OpenFolder(f.output)
	if bad := (*results.UnreadableError)(nil); errors.As(err, &bad) {
		if f.force {
			return out, f.setAside(c, out)
		}
		return out, fmt.Errorf("--output-path: %w; name another directory, or let --force set it aside", err)
	}
	if err != nil {
		return out, fmt.Errorf("--output-path: %w", err)
	}
	return out, f.admit(c, out, f.planned(opt, results.Model{DType: f.arithmetic()}))
}

// planned is what is known of the run before it: of the model what identity holds.
func (f *runFlags) planned(opt eval.Options, identity results.Model) results.Run {
	r := results.Run{
		Profile: opt.Profile.Name, Model: identity, Limit: opt.Limit.String(), Samples: opt.Samples != nil, ShotsOverride: opt.Shots,
	}
	if f.invented {
		r.InventedData = smokedata.Name
	}
	for _, t := range opt.Tasks {
		spec := tasks.Bind(t, opt.Env).Spec()
		score := results.Score{Task: spec.Name}
		for _, m := range spec.Metrics {
			score.Values = append(score.Values, results.Value{Metric: m.Name, Signature: m.Signature})
		}
		r.Scores = append(r.Scores, score)
	}
	return r
}

// admit refuses a folder of another kind than the run, or sets its content aside.
func (f *runFlags) admit(c console, out *results.Folder, planned results.Run) error {
	held := out.Held()
	if held == nil {
		return nil
	}
	different := held.Differences(planned)
	if d, other := f.otherModel(held.Model.Name); other && planned.Model.Digest == "" {
		different = append([]results.Difference{d}, different...)
	}
	return f.refuse(c, out, different)
}

func (f *runFlags) refuse(c console, out *results.Folder, different []results.Difference) error {
	if len(different) == 0 {
		return nil
	}
	if f.force {
		return f.setAside(c, out)
	}
	var list []string
	for _, d := range different {
		list = append(list, d.String())
	}
	return fmt.Errorf("--output-path: %s holds a run that this one cannot join: %s; name another directory, or let --force set it aside",
		f.output, strings.Join(list, "; "))
}

// otherModel says whether the model of the hub that --model names is another than the one recorded. A folder or a file
// here is judged by its digest.
func (f *runFlags) otherModel(recorded string) (results.Difference, bool) {
	address, err := f.find()
	if err != nil || address.Repo.ID == "" {
		return results.Difference{}, false
	}
	name := address.Repo.ID
	if address.File != "" {
		name += "/" + address.File
	}
	had, _, _ := strings.Cut(recorded, "@")
	return results.Difference{What: "model", Held: recorded, Now: name}, had != name
}

func (f *runFlags) setAside(c console, out *results.Folder) error {
	aside, err := out.SetAside()
	if err != nil {
		return fmt.Errorf("--force: %w", err)
	}
	_, err = fmt.Fprintf(c.err, "--force: what was in %s is in %s now\n", textsafe.Terminal(f.output), textsafe.Terminal(aside))
	return err
}

// admitData reads the data files that scores in the folder rest on and the run reads too: equal scores need equal data.
// A file that cannot be read is left to its task. Pinned files are equal where only those are permitted.
func (f *runFlags) admitData(c console, out *results.Folder, opt eval.Options) error {
	held := out.Held()
	if held == nil {
		return nil
	}
	used := tasks.Datasets(opt.Tasks)
	source := opt.Source()
	for _, s := range held.Scores {
		for _, file := range s.Data {
			pinned := file.State == "official" || file.State == "rebuilt"
			if used[file.Dataset] && (f.allowUnpinned || !pinned) {
				_, _, _ = source.Rows(file.Dataset, file.Split)
			}
		}
	}
	return f.refuse(c, out, held.DataDifferences(source.Files()))
}
