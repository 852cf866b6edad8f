package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/metrics/segment"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// completeFlags lets the shell complete the values of flags on every command below cmd: a flag's name says what its
// values are, wherever it stands.
func completeFlags(cmd *cobra.Command, c console) error {
	for name, values := range map[string]func() []string{
		"tasks":        func() []string { return suite.Names(c.known()) },
		"model":        func() []string { return append(smokemodel.Names(), locate.Aliases().Names()...) },
		"tokenizer":    func() []string { return append(smokemodel.Names(), locate.Aliases().Names()...) },
		"draft":        func() []string { return locate.Aliases().Names() },
		"dtype":        dtypes,
		"against":      dtypes,
		"profile":      func() []string { return suite.ProfileNames(c.known()) },
		"ja-segmenter": segment.Names,
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

func dtypes() []string { return []string{string(engine.F32), string(engine.BF16), string(engine.Q8)} }
