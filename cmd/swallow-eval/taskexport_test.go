package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ownRun makes the example task and two runs of it, in the current folder.
func ownRun(t *testing.T, name string) {
	t.Helper()
	isolated(t)
	t.Chdir(t.TempDir())
	c := console{wire: forbidden{t}}
	_, _, err := inWorld(t, c, "task", "new", name)
	require.NoError(t, err)
	for _, out := range []string{"one", "two"} {
		_, _, err = inWorld(t, c, "run", "--tasks", "./"+name+".yaml", "--model", "smoke", "-o", out)
		require.NoError(t, err)
	}
}

// TestOwnRunsAreExported: the samples hold the rows of the data beside the task file, and of a run that asked tasks of this
// program, too, theirs.
func TestOwnRunsAreExported(t *testing.T) {
	ownRun(t, "qa")
	c := console{wire: forbidden{t}}
	_, _, err := inWorld(t, c, "export", "one", "--as", "lm-eval", "-o", "out")
	require.NoError(t, err)
	samples, err := filepath.Glob("out/smoke/samples_qa_*.jsonl")
	require.NoError(t, err)
	require.Len(t, samples, 1)
	content, err := os.ReadFile(samples[0])
	require.NoError(t, err)
	assert.Equal(t, 6, strings.Count(string(content), `"doc": {"id": "q`))

	elsewhere, err := os.Getwd()
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	_, _, err = inWorld(t, c, "export", filepath.Join(elsewhere, "one"), "--as", "lm-eval", "-o", "out")
	require.ErrorContains(t, err, "qa.jsonl: not found in .")
	assert.NotContains(t, err.Error(), "source")
	_, _, err = inWorld(t, c, "export", filepath.Join(elsewhere, "one"), "--as", "lm-eval", "-o", "out", "--include-path", elsewhere)
	require.NoError(t, err)

	isolated(t)
	t.Chdir(elsewhere)
	_, _, err = inWorld(t, c, "run", "--tasks", "./qa.yaml,jcommonsenseqa", "--model", "smoke", "--data-dir", "smoke", "--limit", "2", "-o", "both")
	require.NoError(t, err)
	_, _, err = inWorld(t, c, "export", "both", "--as", "lm-eval", "-o", "bothout")
	require.NoError(t, err)
	samples, err = filepath.Glob("bothout/smoke/samples_*.jsonl")
	require.NoError(t, err)
	assert.Len(t, samples, 2)
}

// TestNamesOfIncludedTasks: a task of a folder that is named is asked of the user's data, as its file is, and a name that the
// profile has, too, is refused, as are two tasks of one name and one that is named as a group.
func TestNamesOfIncludedTasks(t *testing.T) {
	ownRun(t, "jsquad")
	c := console{wire: forbidden{t}}
	require.NoError(t, os.Mkdir("inc", 0o755))
	rows, err := os.ReadFile("jsquad.jsonl")
	require.NoError(t, err)
	file, err := os.ReadFile("jsquad.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("inc/jsquad.jsonl", rows, 0o644))
	for _, name := range []string{"jsquad", "mine", "niilc"} {
		content := strings.Replace(string(file), "task: jsquad", "task: "+name, 1)
		require.NoError(t, os.WriteFile("inc/"+name+".yaml", []byte(content), 0o644))
	}
	out, errs, err := inWorld(t, c, "run", "--tasks", "mine", "--include-path", "inc", "--limit", "1")
	require.NoError(t, err, errs)
	assert.NotContains(t, out+errs, "invented")
	for _, name := range []string{"jsquad", "niilc"} {
		_, _, err = inWorld(t, c, "run", "--tasks", name, "--include-path", "inc", "--model", "smoke")
		require.ErrorContains(t, err, `--tasks: "`+name+`" is known to swallow-2023 and to a task file of --include-path: name the file`)
	}
	_, _, err = inWorld(t, c, "run", "--tasks", "./inc/niilc.yaml,niilc", "--model", "smoke")
	require.ErrorContains(t, err, "--tasks: swallow-2023 and a task file both have a task niilc")

	grouped := strings.Replace(string(file), "task: jsquad", "task: all", 1)
	require.NoError(t, os.WriteFile("inc/all.yaml", []byte(grouped), 0o644))
	for _, args := range [][]string{{"--tasks", "./inc/all.yaml"}, {"--tasks", "mine", "--include-path", "inc"}} {
		_, _, err = inWorld(t, c, append([]string{"run", "--model", "smoke"}, args...)...)
		require.ErrorContains(t, err, "all.yaml: task: all is the name of a group of swallow-2023: give the task another")
	}
}

// TestRunsWhoseTaskFileIsNotRead: a comparison says so, and takes no metric of another profile for theirs, even where a task has
// the name of one of this program's.
func TestRunsWhoseTaskFileIsNotRead(t *testing.T) {
	ownRun(t, "jcommonsenseqa")
	c := console{wire: forbidden{t}}
	for _, run := range []string{"one", "two"} {
		path := filepath.Join(run, "run.json")
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		changed := strings.ReplaceAll(string(content), "doc_to_text:", "doc_to_texts:")
		require.NotEqual(t, string(content), changed)
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	}
	out, errs, err := inWorld(t, c, "compare", "one", "two")
	require.Error(t, err)
	assert.Contains(t, errs, "one: its task files cannot be read here, so that only what needs no metric of theirs is compared: the run's task file: jcommonsenseqa.yaml:21: doc_to_texts: unknown key")
	assert.Contains(t, errs, "two: its task files cannot be read here")
	assert.Contains(t, out, "exact_match, which is unknown")
	_, _, err = inWorld(t, c, "export", "one", "--as", "lm-eval", "-o", "out")
	require.ErrorContains(t, err, "is none of this build: the run's task file: jcommonsenseqa.yaml:21: doc_to_texts: unknown key")
}
