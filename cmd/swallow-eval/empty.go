package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// textFlags are the flags whose value is a text, which may be empty. Every other one names something.
func textFlags() []string { return []string{"prompt", "instruction", "context", "system-instruction"} }

// refuseEmpty refuses a flag or an argument that names nothing though it was written, as a variable does in a shell that was never
// set: taken for one that was left out it would do something else than was asked for, such as serve without the key.
func refuseEmpty(cmd *cobra.Command, args []string) error {
	if cmd.Name() == cobra.ShellCompRequestCmd {
		return nil // it completes a line that is still being written, whose last word may be empty
	}
	var first error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if first == nil && namesNothing(f) {
			first = fmt.Errorf("--%s is empty: name something, or leave the flag out", f.Name)
		}
	})
	if i := slices.IndexFunc(args, blank); i >= 0 && first == nil {
		first = fmt.Errorf("argument %d of %s is empty (see %s --help)", i+1, cmd.CommandPath(), cmd.CommandPath())
	}
	return first
}

// namesNothing tells that a flag was given an empty value. Of a list that is separated by commas some elements may be empty, not all.
func namesNothing(f *pflag.Flag) bool {
	list, several := f.Value.(pflag.SliceValue)
	switch {
	case slices.Contains(textFlags(), f.Name):
		return false
	case several && f.Value.Type() == "stringArray":
		return slices.ContainsFunc(list.GetSlice(), blank)
	case several:
		return !slices.ContainsFunc(list.GetSlice(), func(s string) bool { return !blank(s) })
	}
	return blank(f.Value.String())
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
