package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Data says for each split that the tasks use what the folder holds.
func Data(d *datasets.Dir, dir string, chosen []tasks.Task) []Verdict {
	used := tasks.Datasets(chosen)
	var list []Verdict
	for _, split := range d.Splits() {
		if !used[split.Dataset] {
			continue
		}
		base := Verdict{Subject: split.Dataset + " " + split.Name, Check: "file"}
		r := d.Recorder()
		if _, _, err := r.Rows(split.Dataset, split.Name); err != nil {
			base.judge(false, err)
			list = append(list, base)
			continue
		}
		for _, f := range r.Files() {
			v := base
			v.state(f, split.Pinned(f.Path))
			if original, ok := split.File(f.Path); ok && v.Result == Different {
				v.Advice = inItsPlace(original)
			}
			v.Detail, v.SHA256 = fmt.Sprintf("%s, %s%s", f.Path, recordsOf(f), v.Detail), f.SHA256
			if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.Path))); err == nil && f.State != datasets.Invented {
				v.Detail += fmt.Sprintf(", %d bytes", info.Size())
			}
			v.Detail += ", sha256 " + f.SHA256[:16] + "…"
			list = append(list, v)
		}
	}
	return list
}

// recordsOf says how many there are, and should be.
func recordsOf(f datasets.Use) string {
	if f.Rows != f.Expected {
		return fmt.Sprintf("%d records in place of %d", f.Rows, f.Expected)
	}
	return fmt.Sprintf("%d records", f.Rows)
}

// inItsPlace says which content was published and what to do about another one.
func inItsPlace(f datasets.File) string {
	var pins []string
	for _, p := range f.Pins {
		pins = append(pins, p.String())
	}
	where := ""
	if f.URL != "" {
		where = " from " + f.URL
	}
	return fmt.Sprintf("published is %s%s: have that in its place, or use this one with --allow-unpinned-data, which every table then says; whether the requests made of it are the reference's, verify tasks tells",
		strings.Join(pins, " or "), where)
}

// state says what a file is. A file that has pins and is none of them is not what was published; of one without pins
// nobody can say.
func (v *Verdict) state(f datasets.Use, pinned bool) {
	v.Result = string(f.State)
	switch {
	case f.State == datasets.Unpinned && pinned:
		v.Result, v.Failed = Different, true
		v.Detail = ", not what was published"
	case f.State == datasets.Unpinned:
		v.Unproven = true
		v.Detail = ", no pin is known"
	case f.State == datasets.StandIn || f.State == datasets.Invented:
		v.Unproven = true
	}
}

// Own looks at the data of task files, and says that no reference knows their requests. what is data, tasks or all.
func Own(files []owntasks.File, what string, places owntasks.Places) (list []Verdict, err error) {
	for _, o := range files {
		for _, t := range o.Tasks {
			d, err := owntasks.Open(o, t, true, places)
			if err != nil {
				return nil, err
			}
			if what != "tasks" {
				list = append(list, Data(d, filepath.Dir(o.Path), []tasks.Task{t})...)
			}
			if what != "data" {
				v := Invented(t, d)
				if !v.Failed {
					v.Detail = "a task file, " + o.ProfileName() + ": there is no reference"
				}
				list = append(list, v)
			}
		}
	}
	return list, nil
}
