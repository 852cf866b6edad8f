package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// verdict is one line of verify's report.
type verdict struct {
	Subject string `json:"subject"`
	Check   string `json:"check"`
	// Result is "identical", "different", "not checkable", or for data the file's state.
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	failed bool
}

func newVerifyCommand(c console) *cobra.Command {
	var s selection
	var seg segmenterFlags
	var format formatFlag
	var offline bool
	cmd := &cobra.Command{
		Use:   "verify [tasks|data|nagisa] --data-dir D [--tasks T]",
		Short: "Prove that prompts and data are the reference's",
		Long: `verify tasks builds the requests of the tasks from your data files and compares them with digests in this binary:
the hashes that the reference harness's own tests record (for prompts without examples), hashes that its code gave when
it was executed, and the digests of all requests in the published setting. Where they differ, the first differing
document is named.

verify data compares the files below --data-dir with the pinned manifest. verify nagisa loads the model files in
--nagisa-dir and compares its words with published ones. Without an argument, data and tasks are verified.

The exit code is 3 where something differs or a file is missing.`,
		ValidArgs: []string{"tasks", "data", "nagisa"},
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := "all"
			if len(args) == 1 {
				what = args[0]
			}
			var list []verdict
			var err error
			if what == "nagisa" {
				list, err = verifyNagisa(seg.nagisaDir)
			} else {
				list, err = s.verify(cmd, c, what)
			}
			if err != nil {
				return err
			}
			return printVerdicts(c, list, format)
		},
	}
	s.registerData(cmd)
	registerNoNetwork(cmd, &offline)
	f := cmd.Flags()
	s.registerProfile(f, c)
	f.StringSliceVarP(&s.tasks, "tasks", "t", []string{"all"}, "tasks or groups to verify")
	f.StringVar(&seg.nagisaDir, "nagisa-dir", "", "folder of nagisa's model files")
	format.register(cmd)
	return cmd
}

func (s *selection) verify(cmd *cobra.Command, c console, what string) ([]verdict, error) {
	s.settle("")
	_, chosen, err := s.choose(c)
	if err != nil {
		return nil, err
	}
	d, dir, err := s.looked(c)
	if err != nil {
		return nil, err
	}
	var list []verdict
	if what != "tasks" {
		list = append(list, verifyData(d, dir, chosen)...)
	}
	if what != "data" {
		for _, t := range chosen {
			if err := cmd.Context().Err(); err != nil {
				return nil, err
			}
			if s.invented {
				list = append(list, verifyInvented(t, d))
				continue
			}
			list = append(list, verifyTask(t, d)...)
		}
	}
	return list, nil
}

// looked opens the data to be looked at, and says where they are.
func (s *selection) looked(c console) (*datasets.Dir, string, error) {
	if s.invented {
		d, err := s.inventedData()
		return d, "", err
	}
	dir, err := s.dataFolder()
	if err != nil {
		return nil, "", err
	}
	if s.dataDir == "" { // nothing was fetched so far: then every file is missing
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, "", fmt.Errorf("data folder: %w", err)
		}
	}
	// Everything may be looked at here: what is not pinned is then called so.
	d, err := datasets.OpenAs(c.splits(), dir, true)
	return d, dir, err
}

// verifyData says for each split that the tasks use what the folder holds.
func verifyData(d *datasets.Dir, dir string, chosen []tasks.Task) []verdict {
	used := map[string]bool{}
	for _, t := range chosen {
		used[t.Spec().Dataset] = true
	}
	var list []verdict
	for _, split := range d.Splits() {
		if !used[split.Dataset] {
			continue
		}
		v := verdict{Subject: split.Dataset + " " + split.Name, Check: "file"}
		r := d.Recorder()
		if _, _, err := r.Rows(split.Dataset, split.Name); err != nil {
			v.Result, v.Detail, v.failed = "not checkable", err.Error(), true
			list = append(list, v)
			continue
		}
		for _, f := range r.Files() {
			v.Result = string(f.State)
			v.Detail, v.SHA256 = fmt.Sprintf("%s, %s", f.Path, recordsOf(f)), f.SHA256
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

// verifyTask compares a task's requests with every digest that is recorded of them.
func verifyTask(t tasks.Task, src tasks.Source) []verdict {
	name := t.Spec().Name
	var list []verdict
	for _, p := range suite.Proofs() {
		if p.Task != name {
			continue
		}
		v := verdict{Subject: name, Check: fmt.Sprintf("%d-shot %s, %s", p.Shots, p.Kind, p.Source)}
		got, err := p.Check(t, src)
		v.judge(got == p.SHA256, err)
		list = append(list, v)
	}
	published := verdict{Subject: name, Check: fmt.Sprintf("%d-shot, published setting", t.Spec().Shots)}
	f, known := fingerprint(name)
	if !known {
		published.Result = "not checkable"
		published.Detail = "no digest recorded, not all original files were at hand"
		return append(list, published)
	}
	got, err := f.Check(t, src)
	published.judge(got == f, err)
	if published.Result == "different" {
		published.Detail = firstDifference(f, t, src)
	}
	return append(list, published)
}

// verifyInvented builds a task's documents from data that are no benchmark's: there is nothing to compare them with.
func verifyInvented(t tasks.Task, src tasks.Source) verdict {
	v := verdict{Subject: t.Spec().Name, Check: fmt.Sprintf("%d-shot, published setting", t.Spec().Shots), Result: "not checkable"}
	docs, err := t.Docs(src, t.Spec().Shots, tasks.Unlimited{})
	if err != nil {
		v.Detail, v.failed = err.Error(), true
		return v
	}
	v.Detail = fmt.Sprintf("%d documents of invented data, which no reference knows", len(docs))
	return v
}

func fingerprint(task string) (suite.Fingerprint, bool) {
	for _, f := range suite.Fingerprints() {
		if f.Task == task {
			return f, true
		}
	}
	return suite.Fingerprint{}, false
}

func firstDifference(f suite.Fingerprint, t tasks.Task, src tasks.Source) string {
	position, id, differs, err := f.FirstDifference(t, src)
	switch {
	case err != nil:
		return err.Error()
	case !differs:
		return "the documents' own digests agree; only their number or order differs"
	case id == "":
		return "the documents end before position " + strconv.Itoa(position)
	}
	return fmt.Sprintf("first at position %d, document %s", position, id)
}

func (v *verdict) judge(same bool, err error) {
	switch {
	case err != nil:
		v.Result, v.Detail, v.failed = "not checkable", err.Error(), true
	case same:
		v.Result = "identical"
	default:
		v.Result, v.failed = "different", true
	}
}

// verifyNagisa compares the words of the real model with published segmentations.
func verifyNagisa(dir string) ([]verdict, error) {
	dir, err := nagisaFolder(dir)
	if err != nil {
		return nil, err
	}
	t, err := nagisa.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("--nagisa-dir: %w", err)
	}
	v := verdict{Subject: t.Name(), Check: "published segmentations", Result: "identical"}
	if err := t.SelfCheck(); err != nil {
		v.Result, v.Detail, v.failed = "different", err.Error(), true
	}
	return []verdict{v}, nil
}

func printVerdicts(c console, list []verdict, format formatFlag) error {
	failed := 0
	rows := [][]string{}
	for _, v := range list {
		what := v.Check
		if v.Detail != "" {
			what += ": " + oneLine(errors.New(v.Detail))
		}
		rows = append(rows, []string{v.Subject, v.Result, what})
		if v.failed {
			failed++
		}
	}
	var err error
	if format.json() {
		err = writeJSON(c.out, nonNil(list))
	} else {
		err = writeRows(c.out, []string{"", "result", "check"}, rows)
	}
	if err == nil && failed > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("%d of %d checks did not hold", failed, len(list))}
	}
	return err
}
