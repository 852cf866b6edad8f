package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
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
		if _, err := f.files(); err != nil {
			return err
		}
		if check != nil {
			return check(cmd, args)
		}
		return nil
	}
}

// outputFile is a file to be written.
type outputFile struct {
	format cireport.Format
	path   string
}

func (f *outputFlags) files() ([]outputFile, error) {
	var files []outputFile
	for _, o := range f.outputs {
		name, path, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not of the form FORMAT=FILE", o)
		}
		format, err := cireport.ParseFormat(name)
		if err != nil {
			return nil, fmt.Errorf("--output %q: %w", o, err)
		}
		if slices.ContainsFunc(files, func(s outputFile) bool { return s.path == path }) {
			return nil, fmt.Errorf("--output: %s is named twice", path)
		}
		files = append(files, outputFile{format, path})
	}
	return files, nil
}

// is says whether standard output is to have that format.
func (f *outputFlags) is(format cireport.Format) bool { return f.format == string(format) }

// show prints the report and writes the files that were asked for, all of them before any gate is judged: a failed gate
// must not cost its own report.
func (f *outputFlags) show(c console, s cireport.Report) error {
	files, err := f.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := writeWhole(file.path, func(w io.Writer) error { return s.Write(w, file.format) }); err != nil {
			return fmt.Errorf("--output %s: %w", file.path, err)
		}
	}
	format, err := cireport.ParseFormat(f.format)
	if err != nil {
		return err
	}
	return s.Write(c.out, format)
}

// writeWhole writes a file that is complete or absent. What is no regular file, such as /dev/stderr or a pipe, is written
// to: a file must not take its place.
func writeWhole(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() || info.IsDir() {
		return atomicfile.Write(path, write)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
