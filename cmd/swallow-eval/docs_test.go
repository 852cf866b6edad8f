package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// example is a command line of a page, with what follows it there.
type example struct {
	page string
	line int
	// args are the words behind the program's name.
	args []string
	// block is a code block behind the command that shows a table, as a run prints it.
	block []string
}

var (
	programName = regexp.MustCompile(`^(?:\$ )?(?:\./|go run \./cmd/)?swallow-eval(?: |$)`)
	inlineCode  = regexp.MustCompile("`(swallow-eval [^`]+)`")
	fence       = regexp.MustCompile("^ *```")
	continued   = regexp.MustCompile(` *\\\n *`)
)

// examples extracts the commands of a page: those of code blocks, fenced or indented, and those in running text.
func examples(t *testing.T, page string) []example {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
	require.NoError(t, err)
	var found []example
	fenced, lines := false, strings.Split(continued.ReplaceAllString(string(b), " "), "\n")
	for i, line := range lines {
		if fence.MatchString(line) {
			fenced = !fenced
			continue
		}
		if !fenced && !strings.HasPrefix(line, "    ") {
			for _, m := range inlineCode.FindAllStringSubmatch(line, -1) {
				found = append(found, example{page: page, line: i + 1, args: words(m[1])[1:]})
			}
			continue
		}
		text := strings.TrimSpace(line)
		if name := programName.FindString(text); name != "" {
			command, _, _ := strings.Cut(text[len(name):], "   ") // what follows explains it
			found = append(found, example{page: page, line: i + 1, args: words(command)})
		}
		if strings.HasPrefix(text, "swallow-2023") {
			last := len(found) - 1
			for last >= 0 && (len(found[last].args) == 0 || found[last].args[0] != "run") {
				last--
			}
			require.GreaterOrEqual(t, last, 0, "%s:%d: a table without the command that printed it", page, i+1)
			for _, shown := range lines[i:] {
				if shown == "" || fence.MatchString(shown) {
					break
				}
				found[last].block = append(found[last].block, strings.TrimSpace(shown))
			}
		}
	}
	return found
}

// words splits a command line as a shell does, as far as documentation goes.
func words(line string) []string {
	var list []string
	var word strings.Builder
	begun, quote := false, rune(0)
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if s := word.String(); begun && (s == "||" || s == "&&") {
				return list // what the shell does then
			} else if begun {
				list = append(list, s)
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	return list
}

// choices spells out a|b and [optional] parts: one command line for each choice, with everything optional.
func choices(args []string) [][]string {
	all := [][]string{{}}
	for _, a := range args {
		a = strings.Trim(a, "[]")
		if a == "" || a == "..." || a == "|" {
			continue
		}
		a = strings.TrimSuffix(strings.TrimSuffix(a, "..."), "…")
		options := []string{a}
		if strings.Contains(a, "|") && !strings.HasPrefix(a, "-") {
			options = strings.Split(a, "|")
		}
		var next [][]string
		for _, begin := range all {
			for _, o := range options {
				next = append(next, append(slices.Clone(begin), o))
			}
		}
		all = next
	}
	return all
}

func pages(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, f := range found {
			rel, err := filepath.Rel(filepath.Join("..", ".."), f)
			require.NoError(t, err)
			list = append(list, filepath.ToSlash(rel))
		}
	}
	return list
}

// TestDocumentedCommandsExist parses every command line of the documentation with the program's own flags.
func TestDocumentedCommandsExist(t *testing.T) {
	checked := 0
	for _, page := range pages(t) {
		for _, e := range examples(t, page) {
			for _, args := range choices(e.args) {
				if slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "$") || a == ">" || a == "<" || a == "&&" || a == ";" }) {
					args = args[:slices.IndexFunc(args, func(a string) bool { return strings.ContainsAny(a[:1], "$><&;") })]
				}
				root := newRoot(console{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
				cmd, rest, err := root.Find(args)
				if !assert.NoError(t, err, "%s:%d: %q", e.page, e.line, args) {
					continue
				}
				if len(args) > 0 {
					assert.NotEqual(t, root, cmd, "%s:%d: %q", e.page, e.line, args)
				}
				for i := 0; i < len(rest); i++ {
					name, _, hasValue := strings.Cut(rest[i], "=")
					if !strings.HasPrefix(name, "-") || name == "-" {
						continue
					}
					f := flagOf(cmd, name)
					if assert.NotNil(t, f, "%s:%d: %s has no flag %s", e.page, e.line, cmd.CommandPath(), name) && f.NoOptDefVal == "" && !hasValue {
						i++ // its value
					}
				}
				checked++
			}
		}
	}
	require.Greater(t, checked, 30)
}

func flagOf(cmd *cobra.Command, name string) *pflag.Flag {
	cmd.InitDefaultHelpFlag()
	if long, ok := strings.CutPrefix(name, "--"); ok {
		return cmd.Flag(long)
	}
	if f := cmd.Flags().ShorthandLookup(name[1:]); f != nil {
		return f
	}
	return cmd.InheritedFlags().ShorthandLookup(name[1:])
}

// TestDocumentedCommandsRun runs the commands of the README and the pages on small files in place of M, D, A, B and the
// like: none may be refused as wrong usage. Runs of the program's own model, and where shared material is at hand those that
// name it, run as they stand and print the table that the page shows.
func TestDocumentedCommandsRun(t *testing.T) {
	isolate(t)
	work := t.TempDir()
	model, data := filepath.Join(work, "M"), filepath.Join(work, "D")
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	runs := map[string]string{}
	for _, name := range []string{"A", "B"} {
		runs[name] = filepath.Join(work, name)
		code, _, stderr := commandLine(t, "run", "--tasks", "xwino", "--model", model, "--data-dir", data, "--allow-unpinned-data", "--limit", "3", "-o", runs[name])
		require.Zero(t, code, stderr)
	}
	code, stored, stderr := commandLine(t, "compare", runs["A"], runs["B"], "--format", "json")
	require.Zero(t, code, stderr)
	placeholders := map[string]string{
		"result.json": put(t, work, "result.json", stored),
		"pairs.jsonl": put(t, work, "pairs.jsonl", inputs["loglikelihood"]),
		"M":           model, "P": "swallow-2023", "D": data, "A": runs["A"], "B": runs["B"], "C": runs["B"], "RUN": runs["A"], "DIR": filepath.Join(work, "DIR"), "PATH": runs["A"],
		"eval/baseline": runs["A"], "results/next": runs["B"], "results/first": runs["A"], "results/before": runs["A"], "results/after": runs["B"], "results/7b": runs["A"], "results/13b": runs["B"],
	}
	ran, before := map[string]int{}, map[string]bool{}
	for _, page := range pages(t) {
		for _, e := range examples(t, page) {
			for _, args := range choices(e.args) {
				if len(args) == 0 || !runnable(args) {
					continue
				}
				same := strings.Join(append(slices.Clone(args), e.block...), "\n")
				if before[same] { // on a page in the other language
					continue
				}
				before[same] = true
				if args[0] == "run" {
					t.Run(strings.Join(args, " "), func(t *testing.T) { showsItsTable(t, e, args, work) })
					ran["run"]++
					continue
				}
				for i, a := range args {
					if p, ok := placeholders[a]; ok {
						args[i] = p
					} else if filepath.Ext(a) == ".html" {
						args[i] = filepath.Join(work, a)
					} else if i > 0 && (args[i-1] == "--as" && strings.Contains(a, ",")) {
						args[i] = "7b,13b"
					}
				}
				args = complete(args, model, data)
				var out, errw bytes.Buffer
				code := run(args, strings.NewReader(inputs[args[0]]), &out, &errw)
				assert.NotEqual(t, exitFailure, code, "%s:%d: %q: %s", e.page, e.line, args, errw.String())
				ran[args[0]]++
			}
		}
	}
	for _, name := range []string{"run", "prompts", "show", "verify", "score", "compare", "export", "list", "generate", "tokenize", "loglikelihood", "metric", "cache"} {
		assert.Positive(t, ran[name], name)
	}
}

// inputs are what the tools read where the documentation names no file.
var inputs = map[string]string{
	"metric":        `{"output":"a","targets":["a"]}`,
	"tokenize":      `"a"`,
	"loglikelihood": `{"id":1,"context":"a","continuation":" b"}`,
}

// complete adds what a page leaves to its reader: which data, and that invented data are not the originals.
func complete(args []string, model, data string) []string {
	with := func(flag, value string) {
		if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
			args[i+1] = value
		} else {
			args = append(args, flag, value)
		}
	}
	switch args[0] {
	case "compare":
		if slices.Contains(args, "--reference") && !slices.Contains(args, "--as") {
			args = append(args, "--as", "7b") // the small model's name is no published row
		}
	case "prompts", "verify":
		with("--tasks", "gsm8k")
		args = append(args, "--allow-unpinned-data")
	case "show":
		args[1], args[2] = "gsm8k", "2"
		with("--model", model)
		with("--data-dir", data)
		args = append(args, "--allow-unpinned-data")
	case "export":
		if slices.Contains(args, "lm-eval") {
			with("--data-dir", data)
		}
	}
	return args
}

// runnable says whether a command of the documentation can run here: without the network, in a second, and complete.
func runnable(args []string) bool {
	least := map[string]int{"show": 3, "metric": 2, "list": 2, "cache": 2, "export": 2, "score": 3, "compare": 3, "report": 2, "generate": 3, "tokenize": 2, "loglikelihood": 2,
		"prompts": 3, "verify": 2, "run": 1, "version": 1}
	need, known := least[args[0]]
	if !known || len(args) < need {
		return false
	}
	if args[0] == "cache" && args[1] == "gc" {
		return false // wants to be told what may stay
	}
	if args[0] == "run" && !slices.Contains(args, "../shared/data") && (slices.Contains(args, "--model") || slices.Contains(args, "-o")) {
		return false // wants a model that is not here
	}
	return !slices.ContainsFunc(args, func(a string) bool {
		return strings.HasSuffix(a, ".yaml") || // a task file: script/task
			a == "FORMAT" || a == "evaluation.json" || strings.HasPrefix(a, "accepted/") || strings.HasPrefix(a, "$")
	})
}

// showsItsTable runs a command as it stands and looks for the page's lines in what it prints.
func showsItsTable(t *testing.T, e example, args []string, work string) {
	t.Helper()
	args = slices.Clone(args)
	for i, a := range args {
		if name, ok := strings.CutPrefix(a, "../shared/"); ok {
			args[i] = shared.Path(t, name)
		}
		if i > 0 && args[i-1] == "-o" {
			args[i] = filepath.Join(work, "shared-run")
		}
	}
	var out, errw bytes.Buffer
	code := run(args, strings.NewReader(""), &out, &errw)
	require.Zero(t, code, errw.String())
	printed := strings.ReplaceAll(out.String(), shared.Dir(t), "../shared")
	for _, line := range e.block {
		if strings.Trim(line, "┌─┬┐├┼┤└┴┘") != "" && !strings.HasPrefix(line, "…") && !strings.HasPrefix(line, "...") {
			assert.Contains(t, collapse(printed), collapse(line), "%s shows what its command does not print", e.page)
		}
	}
}

// collapse makes runs of spaces and rules one: the widths of columns depend on all rows, of which a page may show some.
func collapse(s string) string {
	return regexp.MustCompile(` +`).ReplaceAllString(s, " ")
}
