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
	"github.com/swallow-eval/swallow-eval/internal/sheet"
)

// sheetFlags are --format and --output of the commands whose result CI servers read.
type sheetFlags struct {
	format  string
	outputs []string
}

func (f *sheetFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "table", "table, md, json, junit, github or csv")
	fl.StringArrayVarP(&f.outputs, "output", "o", nil, "also write the result to a file: FORMAT=FILE, such as junit=report.xml (may be repeated)")
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if _, err := sheet.ParseFormat(f.format); err != nil {
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

// sheetFile is a file to be written.
type sheetFile struct {
	format sheet.Format
	path   string
}

func (f *sheetFlags) files() ([]sheetFile, error) {
	var files []sheetFile
	for _, o := range f.outputs {
		name, path, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not of the form FORMAT=FILE", o)
		}
		format, err := sheet.ParseFormat(name)
		if err != nil {
			return nil, fmt.Errorf("--output %q: %w", o, err)
		}
		if slices.ContainsFunc(files, func(s sheetFile) bool { return s.path == path }) {
			return nil, fmt.Errorf("--output: %s is named twice", path)
		}
		files = append(files, sheetFile{format, path})
	}
	return files, nil
}

// is says whether standard output is to have that format.
func (f *sheetFlags) is(format sheet.Format) bool { return f.format == string(format) }

// show prints the sheet and writes the files that were asked for, all of them before any gate is judged: a failed gate
// must not cost its own report.
func (f *sheetFlags) show(c console, s sheet.Sheet) error {
	files, err := f.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := writeWhole(file.path, func(w io.Writer) error { return s.Write(w, file.format) }); err != nil {
			return fmt.Errorf("--output %s: %w", file.path, err)
		}
	}
	format, err := sheet.ParseFormat(f.format)
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
