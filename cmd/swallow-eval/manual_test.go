package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
)

var updateManual = flag.Bool("update-manual", false, "write doc.go and the README's table of commands from the tree of commands")

// quietRoot is the tree of commands without a world.
func quietRoot() *cobra.Command {
	return newRoot(console{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
}

// eachGroup calls visit with the tree's groups and their commands in the order in which they were added.
func eachGroup(root *cobra.Command, visit func(g *cobra.Group, commands []*cobra.Command)) {
	for _, g := range root.Groups() {
		var commands []*cobra.Command
		for _, declared := range commandGroups(console{}) {
			for _, c := range declared.commands {
				if declared.ID == g.ID {
					commands = append(commands, c)
				}
			}
		}
		for _, c := range root.Commands() {
			if c.GroupID == g.ID && (c.Name() == "completion" || c.Name() == "help") {
				commands = append(commands, c)
			}
		}
		visit(g, commands)
	}
}

// manual is doc.go as the tree of commands has it.
func manual(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("// Command swallow-eval evaluates language models under the protocols of the Swallow model cards.\n//\n")
	b.WriteString("// Its commands; each explains itself with --help:\n//\n")
	eachGroup(root, func(g *cobra.Group, commands []*cobra.Command) {
		fmt.Fprintf(&b, "//\t%s\n", g.Title)
		for _, c := range commands {
			fmt.Fprintf(&b, "//\t  %-14s %s\n", c.Name(), c.Short)
		}
	})
	b.WriteString("//\n// Standard output carries the result only; progress and warnings go to standard error. Exit codes, each but 0 with one\n")
	b.WriteString("// line on standard error that names the cause:\n//\n")
	for _, m := range exitcode.Meanings() {
		fmt.Fprintf(&b, "//\t%-13s  %s\n", m.Codes, m.Text)
	}
	b.WriteString("//\n// This page is written by go test -run TestManual -update-manual from the tree of commands.\npackage main\n")
	return b.String()
}

const tableBegin, tableEnd = "<!-- commands -->\n", "<!-- /commands -->\n"

// readmeTable is the README's table of commands.
func readmeTable(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	eachGroup(root, func(g *cobra.Group, commands []*cobra.Command) {
		fmt.Fprintf(&b, "| **%s** | |\n", strings.TrimSuffix(g.Title, ":"))
		for _, c := range commands {
			fmt.Fprintf(&b, "| `%s` | %s |\n", c.Name(), c.Short)
		}
	})
	return b.String()
}

// TestManual holds the manual page and the README's table of commands equal to the tree that --help prints.
func TestManual(t *testing.T) {
	root := quietRoot()
	if *updateManual {
		require.NoError(t, os.WriteFile("doc.go", []byte(manual(root)), 0o644))
	}
	page, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	assert.Equal(t, manual(root), string(page), "doc.go: go test ./cmd/swallow-eval -run TestManual -update-manual")

	file := filepath.Join("..", "..", "README.md")
	readme, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(readme), tableBegin)
	require.True(t, ok, "the README marks its table of commands")
	table, after, ok := strings.Cut(rest, tableEnd)
	require.True(t, ok)
	if *updateManual {
		table = readmeTable(root)
		require.NoError(t, os.WriteFile(file, []byte(before+tableBegin+table+tableEnd+after), 0o644))
	}
	assert.Equal(t, readmeTable(root), table, "README.md: go test ./cmd/swallow-eval -run TestManual -update-manual")
}

// TestEveryCommandIsInAGroup holds that --help shows every command under a heading.
func TestEveryCommandIsInAGroup(t *testing.T) {
	root := quietRoot()
	for _, c := range root.Commands() {
		assert.NotEmpty(t, c.GroupID, c.Name())
		assert.NotEmpty(t, c.Short, c.Name())
	}
	listed := 0
	eachGroup(root, func(_ *cobra.Group, commands []*cobra.Command) { listed += len(commands) })
	assert.Len(t, root.Commands(), listed)
}

// TestExitCodesAreThoseOfTheManual holds that every code of internal/exitcode has its line.
func TestExitCodesAreThoseOfTheManual(t *testing.T) {
	var codes []string
	for _, m := range exitcode.Meanings() {
		codes = append(codes, strings.Split(m.Codes, ", ")...)
	}
	assert.Equal(t, []string{
		fmt.Sprint(exitcode.OK), fmt.Sprint(exitcode.Gate), fmt.Sprint(exitcode.Failure), fmt.Sprint(exitcode.Incomplete), fmt.Sprint(exitcode.NotShown),
		fmt.Sprint(exitcode.Interrupted + 1), fmt.Sprint(exitcode.Interrupted + 2), fmt.Sprint(exitcode.Interrupted + 15),
	}, codes)
	assert.Contains(t, quietRoot().Long, exitcode.Meanings()[4].Text)
}

// TestNearCommandsAreNamed tries misspelt commands on every level of the tree, and tasks without their flag.
func TestNearCommandsAreNamed(t *testing.T) {
	for line, want := range map[string]string{
		"comapre":        `swallow-eval has no command "comapre", did you mean compare?`,
		"verfiy":         `did you mean verify?`,
		"--nonsense":     `swallow-eval: unknown flag: --nonsense (see swallow-eval --help)`,
		"nonsense":       `swallow-eval has no command "nonsense" (see swallow-eval --help)`,
		"baseline savee": `swallow-eval baseline has no command "savee", did you mean save?`,
		"cache lss":      `swallow-eval cache has no command "lss", did you mean ls?`,
		"run gsm8k mgsm": `gsm8k mgsm: tasks are named by a flag: swallow-eval run --tasks gsm8k,mgsm`,
		"prompts ja-all": `swallow-eval prompts --tasks ja-all`,
		"metric bleu x":  `"bleu x" given: the command is swallow-eval metric NAME`,
		"baseline show":  `no argument given: the command is swallow-eval baseline show DIR`,
		"export":         `no argument given: the command is swallow-eval export RUN...`,
		"bench fast":     `swallow-eval bench takes no argument "fast" (see swallow-eval bench --help)`,
	} {
		code, _, stderr := commandLine(t, strings.Fields(line)...)
		assert.Equal(t, exitcode.Failure, code, line)
		assert.Contains(t, stderr, want, line)
		assert.NotContains(t, stderr, "swallow-eval: swallow-eval:", line)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), line)
	}
}

func TestVersionFlag(t *testing.T) {
	code, stdout, _ := commandLine(t, "--version")
	assert.Zero(t, code)
	assert.Contains(t, stdout, versionLine(tool()))
}

// TestCompletion asks as the shell does: every command that has --tasks, --model, --dtype or --profile completes them.
func TestCompletion(t *testing.T) {
	var walk func(cmd *cobra.Command)
	tried := 0
	walk = func(cmd *cobra.Command) {
		for flag, want := range map[string][2]string{
			"tasks": {"gsm8k,jsq", "gsm8k,jsquad"}, "model": {"13b-n", "13b-nve"}, "dtype": {"b", "bf16"}, "profile": {"swallow-20", "swallow-2023"},
			"reference": {"leader", "leaderboard-1.0"},
		} {
			if cmd.Flags().Lookup(flag) == nil {
				continue
			}
			tried++
			line := append([]string{"__complete"}, strings.Fields(strings.TrimPrefix(cmd.CommandPath(), program))...)
			code, stdout, stderr := commandLine(t, append(line, "--"+flag, want[0])...)
			assert.Zero(t, code, stderr)
			assert.Contains(t, strings.Split(stdout, "\n"), want[1], "%s --%s", cmd.CommandPath(), flag)

			// Nothing of the word has been written yet.
			code, stdout, stderr = commandLine(t, append(line, "--"+flag, "")...)
			assert.Zero(t, code, stderr)
			assert.Greater(t, strings.Count(stdout, "\n"), 2, "%s --%s", cmd.CommandPath(), flag)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(quietRoot())
	assert.Greater(t, tried, 20)
	_, stdout, _ := commandLine(t, "__complete", "show", "jsq")
	assert.Contains(t, stdout, "jsquad")
	for _, ask := range []string{"__complete", "__completeNoDesc"} {
		code, stdout, stderr := commandLine(t, ask, "list", "")
		assert.Zero(t, code, stderr)
		assert.Contains(t, stdout, "published")
	}
	_, stdout, _ = commandLine(t, "__complete", "run", "--model", "./Swallow")
	assert.Contains(t, stdout, ":0", "files are offered")
	for _, c := range []struct{ line, want, other string }{
		{"compare --as 7b-", "7b-nve", "lm-eval"},
		{"compare --reference swallow-2023 --as 7b", "7b-plus", ""},
		{"compare --reference leaderboard-2026 --as 7b", "", "7b-plus"},
		{"compare --reference swallow-202411 --as GPT-4", "GPT-4 (gpt-4-0613)", ""},
		{"report --as 7b,13b-n", "7b,13b-nve", ""},
		{"export --as l", "latex", "llama2-7b"},
	} {
		_, stdout, _ := commandLine(t, append([]string{"__complete"}, strings.Fields(c.line)...)...)
		lines := strings.Split(stdout, "\n")
		if c.want != "" {
			assert.Contains(t, lines, c.want, c.line)
		}
		assert.NotContains(t, lines, cmp.Or(c.other, "nothing"), c.line)
	}
}

func TestListAlone(t *testing.T) {
	code, stdout, stderr := commandLine(t, "list")
	assert.Zero(t, code, stderr)
	for _, want := range []string{"jsquad", "13b-nve", "swallow-2023", "list datasets"} {
		assert.Contains(t, stdout, want)
	}
	code, stdout, stderr = commandLine(t, "list", "--format", "json")
	assert.Zero(t, code, stderr)
	var all map[string][]map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &all))
	assert.Len(t, all["tasks"], 14)
	assert.NotEmpty(t, all["models"])
	assert.NotEmpty(t, all["profiles"])
}
