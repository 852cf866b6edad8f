package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// openFolder opens the directory of -o for this run alone. What is in it must be of the run's kind, as far as the command
// line tells.
func (f *runFlags) openFolder(c console, opt eval.Options) (*folder.Folder, error) {
	out, err := folder.Open(f.output)
	if bad := (*folder.UnreadableError)(nil); errors.As(err, &bad) {
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
	r := opt.Planned(identity)
	if f.invented {
		r.InventedData = smokedata.Name
	}
	return r
}

// admit refuses a folder of another kind than the run, or sets its content aside.
func (f *runFlags) admit(c console, out *folder.Folder, planned results.Run) error {
	held := out.Held()
	if held == nil {
		return nil
	}
	different := folder.Differences(*held, planned)
	if d, other := f.otherModel(held.Model.Name); other && planned.Model.Digest == "" {
		different = append([]folder.Difference{d}, different...)
	}
	return f.refuse(c, out, different)
}

func (f *runFlags) refuse(c console, out *folder.Folder, different []folder.Difference) error {
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
func (f *runFlags) otherModel(recorded string) (folder.Difference, bool) {
	address, err := f.find()
	if err != nil || address.Repo.ID == "" {
		return folder.Difference{}, false
	}
	name := address.Repo.ID
	if address.File != "" {
		name += "/" + address.File
	}
	had, _, _ := strings.Cut(recorded, "@")
	return folder.Difference{What: "model", Held: recorded, Now: name}, had != name
}

func (f *runFlags) setAside(c console, out *folder.Folder) error {
	aside, err := out.SetAside()
	if err != nil {
		return fmt.Errorf("--force: %w", err)
	}
	_, err = fmt.Fprintf(c.err, "--force: what was in %s is in %s now\n", textsafe.Terminal(f.output), textsafe.Terminal(aside))
	return err
}

// admitData refuses a folder whose scores rest on other data than those that the run reads.
func (f *runFlags) admitData(c console, out *folder.Folder, opt eval.Options) error {
	held := out.Held()
	if held == nil {
		return nil
	}
	return f.refuse(c, out, folder.DataDifferences(*held, opt.DataInBoth(*held, f.allowUnpinned)))
}
