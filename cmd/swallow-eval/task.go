package main

import (
	"cmp"
	"fmt"
	"io"
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
			if err := owntasks.WriteExample(name); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.out, "%[1]s.yaml and %[1]s.jsonl are written; try: swallow-eval task check %[1]s.yaml && swallow-eval run --tasks ./%[1]s.yaml\n", name)
			return err
		},
	}
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
			files, err := lmevaltask.ParseData(data, output)
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
			if o, err := owntasks.From(cmp.Or(output, args[0]), content); err == nil {
				if err := o.CheckNames(); err != nil {
					return err // every command would refuse the file
				}
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

// openTask reads the task file that a command's argument names.
func openTask(path string) (owntasks.File, error) {
	if !owntasks.IsFile(path) {
		return owntasks.File{}, fmt.Errorf("%s is no task file: it ends in .yaml, .yml or .json", path)
	}
	return owntasks.Read(path)
}

func newTaskPin(c console) *cobra.Command {
	var n network
	cmd := &cobra.Command{
		Use: "pin FILE", Short: "Write sha256, number of records and commit of its data into a task file", Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := openTask(args[0])
			if err != nil {
				return err
			}
			places, err := ownPlaces(cmd.Context(), c, []owntasks.File{o}, n, true)
			if err != nil {
				return err
			}
			content, files, err := owntasks.Pin(o, places)
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
			o, err := openTask(args[0])
			if err != nil {
				return err
			}
			own := []owntasks.File{o}
			places, err := ownPlaces(cmd.Context(), c, own, n, false)
			if err != nil {
				return err
			}
			src, err := owntasks.Source(own, nil, false, places)
			if err != nil {
				return err
			}
			var low []string
			for _, t := range o.Tasks {
				bad, err := owntasks.Check(c.out, t, src(), shown)
				if err != nil {
					return fmt.Errorf("%s: %w", t.Spec().Name, err)
				}
				low = append(low, bad...)
			}
			if err := owntasks.TellGroups(c.out, own); err != nil {
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
