package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// The groups of commands, by what a user does.
const (
	groupRun      = "run"
	groupLook     = "look"
	groupCompare  = "compare"
	groupExchange = "exchange"
)

func newRoot(c console) *cobra.Command {
	root := &cobra.Command{
		Use:           program,
		Short:         "Reproduce the Swallow evaluation tables, prompt by prompt and bit by bit",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       tool().Version,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		PersistentPreRunE: refuseEmpty,
	}
	root.SetVersionTemplate(versionLine(tool()) + "\n")
	root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		err = fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())
		if cmd.HasParent() { // the program's name is before every message
			err = fmt.Errorf("%s: %w", strings.TrimPrefix(cmd.CommandPath(), program+" "), err)
		}
		return err
	})
	for _, g := range commandGroups(c) {
		root.AddGroup(&g.Group)
		for _, cmd := range g.commands {
			cmd.GroupID = g.ID
			root.AddCommand(cmd)
		}
	}
	root.SetHelpCommandGroupID(groupLook)
	root.SetCompletionCommandGroupID(groupLook)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if err := completeFlags(root, c); err != nil {
		panic(err) // a flag was given two sets of values
	}
	return root
}

const program = "swallow-eval"

// commandGroup is some commands under one heading.
type commandGroup struct {
	cobra.Group
	commands []*cobra.Command
}

// commandGroups is the tree of commands: --help, the manual page, the README's table and shell completion come from it.
func commandGroups(c console) []commandGroup {
	return []commandGroup{
		{cobra.Group{ID: groupRun, Title: "Run:"}, []*cobra.Command{
			newRunCommand(c), newFetchCommand(c), newCacheCommand(c), newBenchCommand(c), newServeCommand(c), newWorkerCommand(c),
		}},
		{cobra.Group{ID: groupLook, Title: "Look:"}, []*cobra.Command{
			newListCommand(c), newPromptsCommand(c), newShowCommand(c), newVerifyCommand(c), newLogLikelihoodCommand(c),
			newGenerateCommand(c), newTokenizeCommand(c), newMetricCommand(c), newVersionCommand(c),
		}},
		{cobra.Group{ID: groupCompare, Title: "Compare:"}, []*cobra.Command{
			newCompareCommand(c), newBaselineCommand(c), newDriftCommand(c), newReportCommand(c),
		}},
		{cobra.Group{ID: groupExchange, Title: "Bring in and out:"}, []*cobra.Command{
			newScoreCommand(c), newJudgeCommand(c), newExportCommand(c), newTaskCommand(c),
		}},
	}
}

// noArgs refuses words behind a command that takes none but its own commands' names, and says what was probably meant:
// a command whose name is near, or tasks, which are named by a flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	path := cmd.CommandPath()
	if cmd.HasSubCommands() {
		cmd.SuggestionsMinimumDistance = 2
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return fmt.Errorf("%s has no command %q, did you mean %s?", path, args[0], strings.Join(near, " or "))
		}
		return fmt.Errorf("%s has no command %q (see %s --help)", path, args[0], path)
	}
	if cmd.Flags().Lookup("tasks") != nil {
		if _, err := suite.Select(suite.Default(), args); err == nil {
			return fmt.Errorf("%s: tasks are named by a flag: %s --tasks %s", strings.Join(args, " "), path, strings.Join(args, ","))
		}
	}
	return fmt.Errorf("%s takes no argument %q (see %s --help)", path, args[0], path)
}

// anyNumber is as many words as a user likes.
const anyNumber = math.MaxInt

// takes refuses another number of words behind a command, and says how the command is meant.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		given := "no argument"
		if len(args) > 0 {
			given = strconv.Quote(strings.Join(args, " "))
		}
		return fmt.Errorf("%s given: the command is %s (see %s --help)", given, cmd.UseLine(), cmd.CommandPath())
	}
}

// exitCodes is the manual's list of exit codes, one a line.
func exitCodes() string {
	lines := []string{"Exit codes, each but 0 with one line on standard error that names the cause:"}
	for _, m := range exitcode.Meanings() {
		lines = append(lines, fmt.Sprintf("  %-13s  %s", m.Codes, m.Text))
	}
	return strings.Join(lines, "\n")
}

var rootLong = `swallow-eval evaluates language models under the protocols of the Swallow model cards.

It builds the reference harnesses' prompts byte for byte, answers them with an embedded Llama engine whose bits do not
depend on batch, threads or machine, and scores the answers with the references' own metrics. Standard output carries
results only; progress and warnings go to standard error.

Flags may be written with - or _: --num-fewshot and --num_fewshot are the same.

` + exitCodes()
