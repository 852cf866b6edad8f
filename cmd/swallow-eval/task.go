package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/interop/lmevaltask"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

func newTaskCommand(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "task new|check|pin|import|schema",
		Short: "Make benchmarks of your own: task files",
		Long: `A task file says in YAML where questions lie, how they are asked and how answers are scored. run --tasks ./mytask.yaml
evaluates it like any other task; docs/tasks.md shows the way from nothing to a gate in CI.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTaskNew(c), newTaskCheck(c), newTaskPin(c), newTaskImport(c), newTaskSchema(c))
	return cmd
}

func newTaskSchema(c console) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of task files, for editors", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := c.out.Write(file.Schema())
			return err
		},
	}
}

func newTaskNew(c console) *cobra.Command {
	return &cobra.Command{
		Use: "new [NAME]", Short: "Write a commented example that runs at once: NAME.yaml and its questions NAME.jsonl", Args: takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "mytask"
			if len(args) > 0 {
				name = args[0]
			}
			if base := filepath.Base(name); strings.ContainsAny(base, " :,*?[]\\") || base == "." {
				return fmt.Errorf("%q is no name for a task", name)
			}
			text, rows := file.Example(filepath.Base(name))
			files := []taskExample{{name + ".jsonl", rows}, {name + ".yaml", text}} // a task file has its questions
			for _, f := range files {
				if err := f.free(); err != nil {
					return err
				}
			}
			for _, f := range files {
				if err := atomicfile.Write(f.path, func(w io.Writer) error { _, err := w.Write(f.content); return err }); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintf(c.out, "%[1]s.yaml and %[1]s.jsonl are written; try: swallow-eval task check %[1]s.yaml && swallow-eval run --tasks ./%[1]s.yaml\n", name)
			return err
		},
	}
}

// taskExample is a file that task new writes.
type taskExample struct {
	path    string
	content []byte
}

// free refuses to write over anything but what a task new before has left.
func (e taskExample) free() error {
	found, err := os.ReadFile(e.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(found, e.content):
		return nil
	case err == nil:
		return fmt.Errorf("%s exists", e.path)
	}
	return err
}

func newTaskImport(c console) *cobra.Command {
	var data []string
	var output, folder string
	cmd := &cobra.Command{
		Use:   "import FILE.yaml [--data SPLIT=ROWS.jsonl ...] [-o mytask.yaml]",
		Short: "Make a task file of lm-evaluation-harness's YAML",
		Long: `import reads a task of lm-evaluation-harness 0.4 with what it includes, and writes one task file that asks the same requests,
byte for byte, and scores as it does. Of a group it writes all tasks, and the averages over them. What it cannot do is refused with
the key and its line: Python functions above all.

--data says where the records of a split lie, relative to the folder of the task file, of one of a group's tasks with TASK:SPLIT=;
data can also be written into the file later.`,
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := importedData(data, output)
			if err != nil {
				return err
			}
			t, err := lmevaltask.Open(args[0], folder)
			if err != nil {
				return err
			}
			content, err := t.File(args[0], files)
			if err != nil {
				return err
			}
			if output == "" {
				_, err = c.out.Write(content)
				return err
			}
			return atomicfile.Write(output, func(w io.Writer) error {
				_, err := w.Write(content)
				return err
			})
		},
	}
	cmd.Flags().StringArrayVar(&data, "data", nil, "where the records of a split lie: SPLIT=ROWS.jsonl, or TASK:SPLIT=ROWS.jsonl (repeatable)")
	cmd.Flags().StringVar(&folder, "include-path", "", "folder in and below which a group's tasks are looked for (default: the group's)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "task file to write (default: standard output)")
	return cmd
}

// importedData are the paths of --data by task, "" for every one, and split.
func importedData(data []string, output string) (map[string]map[string]string, error) {
	files := map[string]map[string]string{}
	for _, d := range data {
		split, path, ok := strings.Cut(d, "=")
		task, of, named := strings.Cut(split, ":")
		if !named {
			task, of = "", split
		}
		if !ok || of == "" || path == "" || named && task == "" {
			return nil, fmt.Errorf("--data %q is neither SPLIT=FILE nor TASK:SPLIT=FILE", d)
		}
		within, err := owntasks.Within(output, path)
		if err != nil {
			return nil, fmt.Errorf("--data %s: %w", d, err)
		}
		if files[task] == nil {
			files[task] = map[string]string{}
		}
		files[task][of] = within
	}
	return files, nil
}

func newTaskPin(c console) *cobra.Command {
	var n network
	cmd := &cobra.Command{
		Use: "pin FILE", Short: "Write sha256, number of records and commit of its data into a task file", Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s := selection{tasks: args, allowUnpinned: true}
			if _, _, err := s.chooseOwn(); err != nil {
				return err
			}
			if len(s.own) == 0 {
				return fmt.Errorf("%s is no task file: it ends in .yaml, .yml or .json", args[0])
			}
			places, err := s.ownPlaces(cmd.Context(), c, n, true)
			if err != nil {
				return err
			}
			content, files, err := owntasks.Pin(s.own[0], places)
			if err != nil {
				return err
			}
			if err := atomicfile.Write(args[0], func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "%s: %d data files pinned\n", args[0], files)
			return err
		},
	}
	n.register(cmd.Flags())
	return cmd
}

func newTaskCheck(c console) *cobra.Command {
	var shown int
	var n network
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Explain a task file's mistakes, show its first prompts, and score its own references",
		Long: `check reads a task file and its data, says what is wrong with file, line and field, and prints the first documents as the
model would see them. Then it scores every document's own reference as if a model had answered it: a task whose own references
do not score 1 is a mistake nine times out of ten. The exit code is 3 where they do not.`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if shown < 0 {
				return fmt.Errorf("--show %d is negative", shown)
			}
			s := selection{tasks: args}
			_, chosen, err := s.chooseOwn()
			if err != nil {
				return err
			}
			places, err := s.ownPlaces(cmd.Context(), c, n, false)
			if err != nil {
				return err
			}
			src, err := owntasks.Source(s.own, nil, false, places)
			if err != nil {
				return err
			}
			var low []string
			for _, t := range chosen {
				bad, err := owntasks.Check(c.out, t.(*file.Task), src(), shown)
				if err != nil {
					return fmt.Errorf("%s: %w", t.Spec().Name, err)
				}
				low = append(low, bad...)
			}
			if err := owntasks.TellGroups(c.out, s.own); err != nil {
				return err
			}
			if low != nil {
				return &codedError{exitIncomplete, fmt.Errorf("the references themselves do not score full marks: %s", strings.Join(low, ", "))}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&shown, "show", 2, "number of documents to print")
	n.register(cmd.Flags())
	return cmd
}
