package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/results"
)

// hostileText is what a stranger's file, name or model may hold: sequences that clear the screen, set the clipboard and the
// title, C1 controls, overrides, what is not seen, broken UTF-8, and the markup of every place that text is shown in.
const hostileText = "A\x1b[2J\x1b]52;c;aGk=\x07\x1bc\b\rB\u009b31m\u202e\u2066\u200b\ufeff\U000e0041|`<img src=x>`[x](javascript:a)@a #1 \xff\n::error::x\n##[error]x\n=1+1]]>"

// commandLine runs one command line in this process.
func commandLine(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return commandLineWith(t, "", args...)
}

// commandLineWith is commandLine with something on standard input.
func commandLineWith(t *testing.T, in string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errw bytes.Buffer
	code = run(args, strings.NewReader(in), &out, &errw)
	return code, out.String(), errw.String()
}

// requireHarmless wants text that a terminal, a reader and a CI server may be shown.
func requireHarmless(t *testing.T, name, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text), "%s: %q", name, text)
	for _, r := range text {
		require.False(t, r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co), "%s: %U in %q", name, r, text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		require.False(t, strings.HasPrefix(strings.TrimLeft(line, " \t"), "::"), "%s: %q", name, line)
		require.NotContains(t, line, "##[", name)
	}
}

// isolate keeps a command from the user's folders and from the network.
func isolate(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HF_HUB_CACHE", "SWALLOW_EVAL_NAGISA", "SWALLOW_EVAL_ANSWERS", "SWALLOW_EVAL_DATA", folders.RowsEnv, folders.DigestsEnv} {
		t.Setenv(name, filepath.Join(t.TempDir(), name))
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
}

// hostileFiles writes a model and data with hostile names and texts.
func hostileFiles(t *testing.T) (model, data string) {
	t.Helper()
	name := "m"
	if runtime.GOOS != "windows" {
		name = strings.ReplaceAll(hostileText, "/", "")
	}
	model, data = filepath.Join(t.TempDir(), name), t.TempDir()
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	h := strings.ToValidUTF8(hostileText, "")
	write(t, data, "jglue/jcommonsenseqa-v1.1/valid-v1.1.json", records(t, 3, 100, func(i int) map[string]any {
		return map[string]any{"q_id": i, "question": h, "choice0": h + "0", "choice1": h + "1", "choice2": "2", "choice3": "3", "choice4": "4", "label": i % 2}
	}))
	write(t, data, "xwinograd/en.jsonl", records(t, 9, 0, func(i int) map[string]any {
		return map[string]any{"sentence": h + " _ " + fmt.Sprint(i), "option1": h, "option2": "b", "answer": "1"}
	}))
	return model, data
}

// TestFaultF6HostileNamesAndTexts runs every command that shows names and texts on hostile ones.
func TestFaultF6HostileNamesAndTexts(t *testing.T) {
	isolate(t)
	model, data := hostileFiles(t)
	out := filepath.Join(t.TempDir(), "out")
	again := filepath.Join(t.TempDir(), "again")
	on := []string{"--tasks", "jcommonsenseqa,xwino", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1"}
	for _, dir := range []string{out, again} {
		code, stdout, stderr := commandLine(t, append([]string{"run", "--model", model, "-o", dir}, on...)...)
		require.Zero(t, code, stderr)
		requireHarmless(t, "run", stdout)
		requireHarmless(t, "run", stderr)
		require.Contains(t, stdout, `\u001b[2J`, "the name is shown")
	}
	t.Setenv("GITHUB_ACTIONS", "true")
	for _, args := range [][]string{
		append([]string{"run", "--model", model, "--format", "json"}, on...),
		{"show", "jcommonsenseqa", "0", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1"},
		{"show", "xwino", "0", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1", "--model", model},
		{"show", "xwino", "0", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1", "--model", model, "--tokens"},
		{"generate", "--model", model, "--prompt", "x", "--max-new-tokens", "200", "--temperature", "5"},
		{"prompts", "--tasks", "jcommonsenseqa,xwino", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1"},
		{"score", "--from", out}, {"score", "--from", out, "--format", "json"},
		{"compare", out, again}, {"compare", out, again, "--format", "md"}, {"compare", out, again, "--format", "csv"},
		{"compare", out, again, "--format", "junit"}, {"compare", out, again, "--format", "json"},
		{"compare", "--reference", "swallow-2023", out, "--as", "7b"},
		{"export", out, "--as", "csv"}, {"export", out, "--as", "markdown"}, {"export", out, "--as", "latex"},
		{"verify", "tasks", "--tasks", "jcommonsenseqa,xwino", "--data-dir", data},
		{"cache", "ls"}, {"cache", "verify"}, {"bench", "--model", model},
		// What is wrong is named, whatever its name is.
		{"run", "--model", model + hostileText, "--tasks", "xwino", "--data-dir", data},
		{"run", "--model", model, "--tasks", hostileText, "--data-dir", data},
		{"run", "--model", model, "--tasks", "xwino", "--data-dir", hostileText},
		{"run", "--model", model, "--tasks", "xwino", "--data-dir", data, "--samples", hostileText},
		{"run", "--" + hostileText}, {hostileText},
		{"score", "--from", hostileText}, {"compare", hostileText, out}, {"cache", "ls", "--use-cache", model + "/config.json"},
	} {
		_, stdout, stderr := commandLine(t, args...)
		name := strings.Join(args[:min(len(args), 2)], " ")
		if args[0] != "generate" { // whose last line feed may follow anything
			requireHarmless(t, name, stdout)
		}
		requireHarmless(t, name+" (stderr)", stderr)
		require.NotEmpty(t, stdout+stderr, name)
	}
}

// TestHostileManifests shows run.json files in which every text is hostile, and samples beside them.
func TestHostileManifests(t *testing.T) {
	isolate(t)
	model, data := hostileFiles(t)
	out := filepath.Join(t.TempDir(), "out")
	code, _, stderr := commandLine(t, "run", "--model", model, "--tasks", "xwino", "--data-dir", data, "--allow-unpinned-data", "--num-fewshot", "1", "-o", out)
	require.Zero(t, code, stderr)
	b, err := os.ReadFile(filepath.Join(out, results.RunFile))
	require.NoError(t, err)
	var manifest any
	require.NoError(t, json.Unmarshal(b, &manifest))
	places := 0
	var visit func(v any, replace func(any))
	try := func() {
		b, err := json.Marshal(manifest)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(out, results.RunFile), b, 0o644))
		for _, args := range [][]string{
			{"score", "--from", out}, {"compare", out, out}, {"compare", out, out, "--format", "md"}, {"compare", out, out, "--format", "csv"},
			{"compare", "--reference", "swallow-2023", out, "--as", "7b"},
			{"export", out, "--as", "csv"}, {"export", out, "--as", "markdown"}, {"export", out, "--as", "latex"}, {"export", out, "--as", "swallow"},
		} {
			_, stdout, stderr := commandLine(t, args...)
			requireHarmless(t, fmt.Sprint(args), stdout)
			requireHarmless(t, fmt.Sprint(args, " (stderr)"), stderr)
		}
	}
	visit = func(v any, replace func(any)) {
		switch v := v.(type) {
		case string:
			places++
			replace(strings.ToValidUTF8(hostileText, ""))
			try()
			replace(v)
		case map[string]any:
			for key := range v {
				visit(v[key], func(n any) { v[key] = n })
			}
		case []any:
			for i := range v {
				visit(v[i], func(n any) { v[i] = n })
			}
		}
	}
	visit(manifest, nil)
	require.Greater(t, places, 25)
}

// TestFaultF3LogCommands wants no line of a text to be a command in the log of GitHub Actions, however it is cut into writes.
func TestFaultF3LogCommands(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	text := "a\n::error::x\n  ::set-output name=a::b\nb :: c:: d\n##[error]e ##[x]\n:\n#\n:x\n::"
	want := "a\n\\::error::x\n  \\::set-output name=a::b\nb :: c:: d\n#\\#[error]e #\\#[x]\n:\n#\n:x\n\\::"
	for size := 1; size <= len(text); size++ {
		var b bytes.Buffer
		w := terminal.Text(&b)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			_, err := io.WriteString(w, rest[:n])
			require.NoError(t, err)
			rest = rest[n:]
		}
		require.NoError(t, terminal.FlushText(w))
		require.Equal(t, want, b.String(), "in pieces of %d", size)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	assert.Same(t, f, terminal.Text(f), "a file gets the text as it is")
	require.NoError(t, f.Close())
	t.Setenv("GITHUB_ACTIONS", "")
	var b bytes.Buffer
	assert.Same(t, &b, terminal.Text(&b))
}

// TestSecretsAreNotWritten gives the program a token and looks for it in everything that it prints and leaves, also where
// commands fail and complain of the environment.
func TestSecretsAreNotWritten(t *testing.T) {
	isolate(t)
	const token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	t.Setenv("HF_TOKEN", token)
	t.Setenv("HUGGING_FACE_HUB_TOKEN", token)
	work := t.TempDir()
	model, data := filepath.Join(work, "model"), filepath.Join(work, "data")
	t.Setenv("HF_HOME", filepath.Join(work, "home"))
	write(t, filepath.Join(work, "home"), "token", token)
	makeModel(t, model, 4096, 7)
	makeData(t, data)
	out := filepath.Join(work, "out")
	for _, args := range [][]string{
		{"run", "--model", model, "--tasks", "xwino", "--data-dir", data, "--allow-unpinned-data", "--limit", "2", "-o", out, "--use-cache", filepath.Join(work, "cache")},
		{"run", "--model", "org/name", "--tasks", "xwino", "--data-dir", data, "-o", out},
		{"fetch", "--model", "org/name"}, {"fetch", "--tasks", "gsm8k"}, {"score", "--from", out}, {"version"}, {"list", "models"},
		{"export", out, "--as", "lm-eval", "-o", filepath.Join(work, "export"), "--data-dir", data, "--allow-unpinned-data"},
		{"run", "--model", model, "--model-args", "token=" + token, "--tasks", "xwino", "--data-dir", data},
	} {
		_, stdout, stderr := commandLine(t, args...)
		require.NotContains(t, stdout, token, args)
		require.NotContains(t, stderr, token, args)
	}
	files := 0
	err := filepath.WalkDir(work, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == filepath.Join(work, "home", "token") {
			return err
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(b), token, path)
		files++
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 10)
}
