package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEmptyFlags walks over every flag of every command that takes a value: an empty one is refused with the flag's name, unless
// the value is a text.
func TestEmptyFlags(t *testing.T) {
	ran := errors.New("ran")
	seen := make(map[string]bool)
	var lines [][]string
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		path := strings.Fields(strings.TrimPrefix(cmd.CommandPath(), program))
		each := func(f *pflag.Flag) {
			if f.NoOptDefVal == "" {
				lines, seen[f.Name] = append(lines, append(slices.Clone(path), "--"+f.Name, "")), true
			}
		}
		if cmd.RunE != nil && cmd.HasParent() {
			cmd.LocalFlags().VisitAll(each)
			cmd.InheritedFlags().VisitAll(each)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(quietRoot())
	require.Greater(t, len(lines), 200)
	for _, name := range textFlags() {
		assert.True(t, seen[name], "no command has --%s", name)
	}
	for _, line := range lines {
		root := quietRoot()
		cmd, _, err := root.Find(line)
		require.NoError(t, err)
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(*cobra.Command, []string) error { return ran }
		root.SetArgs(line)
		root.SetOut(io.Discard)
		root.SetErr(io.Discard)
		err = root.ExecuteContext(context.Background())
		flag := line[len(line)-2]
		if slices.Contains(textFlags(), strings.TrimPrefix(flag, "--")) {
			if err != nil { // without what else the command needs
				assert.NotContains(t, err.Error(), "is empty", "%q", line)
			}
			continue
		}
		assert.ErrorContains(t, err, flag, "%q", line)
		assert.NotErrorIs(t, err, ran, "%q", line)
	}
}

// TestEmptyNames: what was written and names nothing is said so in one line, before anything is opened.
func TestEmptyNames(t *testing.T) {
	isolated(t)
	for line, want := range map[string]string{
		"compare --reference  RUN":                "--reference is empty: name something, or leave the flag out",
		"run --tasks  --model smoke":              "--tasks is empty: name something, or leave the flag out",
		"run --tasks , --model smoke":             "--tasks is empty: name something, or leave the flag out",
		"generate --model  --prompt x":            "--model is empty: name something, or leave the flag out",
		"serve --model smoke --api-key ":          "--api-key is empty: name something, or leave the flag out",
		"compare a b --output md=x.md --output  ": "--output is empty: name something, or leave the flag out",
		"compare  b":                        "argument 1 of swallow-eval compare is empty (see swallow-eval compare --help)",
		"list ":                             "argument 1 of swallow-eval list is empty (see swallow-eval list --help)",
		"cache ls --use-cache ":             "--use-cache is empty: name something, or leave the flag out",
		"run --model smoke --include_path ": "--include-path is empty: name something, or leave the flag out",
		"run --model smoke --ignore-config k --ignore-config ": "--ignore-config is empty: name something, or leave the flag out",
	} {
		code, _, stderr := commandLine(t, strings.Split(line, " ")...)
		assert.Equal(t, exitFailure, code, line)
		assert.Equal(t, "swallow-eval: "+want+"\n", stderr, line)
	}
	code, _, stderr := commandLine(t, "generate", "--model", "smoke", "--prompt", "", "--max-new-tokens", "1")
	assert.Zero(t, code, stderr)
}
