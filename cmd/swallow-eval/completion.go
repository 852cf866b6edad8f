package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/metrics/segment"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// completeFlags lets the shell complete the values of flags on every command below cmd: a flag's name says what its
// values are, wherever it stands.
func completeFlags(cmd *cobra.Command, c console) error {
	for name, values := range map[string]func() []string{
		"reference":    c.runProfiles().References,
		"tasks":        func() []string { return suite.Names(c.known()) },
		"model":        func() []string { return append(smokemodel.Names(), locate.Aliases().Names()...) },
		"tokenizer":    func() []string { return append(smokemodel.Names(), locate.Aliases().Names()...) },
		"draft":        func() []string { return locate.Aliases().Names() },
		"dtype":        dtypes,
		"against":      dtypes,
		"profile":      func() []string { return suite.ProfileNames(c.known()) },
		"ja-segmenter": segment.Names,
		"as":           func() []string { return asValues(cmd, c) },
	} {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(name, completeFrom(values)); err != nil {
			return err
		}
	}
	if cmd.ValidArgsFunction == nil && strings.HasPrefix(cmd.Use, "show TASK") {
		cmd.ValidArgsFunction = completeFrom(func() []string { return suite.Names(c.known()) })
	}
	for _, sub := range cmd.Commands() {
		if err := completeFlags(sub, c); err != nil {
			return err
		}
	}
	return nil
}

// completeFrom completes the last of values between commas. Files are offered where no value begins so, since models and
// data are also paths.
func completeFrom(values func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		var fit []string
		for _, v := range values() {
			if strings.HasPrefix(v, begun[len(before):]) {
				fit = append(fit, before+v)
			}
		}
		if len(fit) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}

// asValues are what --as of a command takes: forms to export in, or the rows of the published table that --reference names, of all
// where none does.
func asValues(cmd *cobra.Command, c console) []string {
	if cmd.Name() == "export" {
		return exportFormats
	}
	if f := cmd.Flags().Lookup("reference"); f != nil {
		if table, err := c.runProfiles().Reference(f.Value.String()); err == nil {
			return table.Rows()
		}
	}
	var rows []string
	for _, table := range published.All() {
		rows = append(rows, table.Rows()...)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

func dtypes() []string { return []string{string(engine.F32), string(engine.BF16), string(engine.Q8)} }
