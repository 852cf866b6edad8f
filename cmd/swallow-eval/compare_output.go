package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
)

// outputFlags are --format and --output of the commands whose result CI servers read.
type outputFlags struct {
	format  string
	outputs []string
}

func (f *outputFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "table", "table, md, json, junit, github or csv")
	fl.StringArrayVarP(&f.outputs, "output", "o", nil, "also write the result to a file: FORMAT=FILE, such as junit=report.xml (may be repeated)")
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if _, err := cireport.ParseFormat(f.format); err != nil {
			return fmt.Errorf("--%w", err)
		}
		if _, err := cireport.ParseFiles(f.outputs); err != nil {
			return err
		}
		if check != nil {
			return check(cmd, args)
		}
		return nil
	}
}

// is says whether standard output is to have that format.
func (f *outputFlags) is(format cireport.Format) bool { return f.format == string(format) }

// show prints the report and writes the files that were asked for, all of them before any gate is judged: a failed gate
// must not cost its own report.
func (f *outputFlags) show(c console, s cireport.Report) error {
	files, err := cireport.ParseFiles(f.outputs)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := s.WriteFile(file); err != nil {
			return fmt.Errorf("--output %s: %w", file.Path, err)
		}
	}
	format, err := cireport.ParseFormat(f.format)
	if err != nil {
		return err
	}
	return s.Write(c.out, format)
}
