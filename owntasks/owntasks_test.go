package owntasks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// text is a task file of one task.
func text(name string) string {
	return "task: " + name + "\ntest_split: test\ndata: {test: rows.jsonl}\ndoc_to_text: \"{{q}}\"\ndoc_to_target: \"{{a}}\"\noutput_type: generate_until\n"
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// TestChoose takes files and the names in an included folder out of what --tasks lists, each once, and leaves the rest in order.
func TestChoose(t *testing.T) {
	dir, folder := t.TempDir(), t.TempDir()
	one := write(t, dir, "one.yaml", text("one"))
	write(t, folder, "two.yml", text("two"))
	write(t, folder, "notes.txt", "no task file")
	rest, chosen, own, err := Choose([]string{"x, " + one, "two,y", one}, folder)
	require.NoError(t, err)
	assert.Equal(t, []string{"x", "y"}, rest)
	var names []string
	for _, c := range chosen {
		names = append(names, c.Spec().Name)
	}
	assert.Equal(t, []string{"one", "two"}, names)
	assert.Len(t, own, 2)

	again := write(t, dir, "again.yaml", text("one"))
	_, _, _, err = Choose([]string{one, again}, "")
	assert.EqualError(t, err, "--tasks: two task files have a task one")
	_, _, _, err = Choose([]string{filepath.Join(dir, "none.yaml")}, "")
	assert.ErrorContains(t, err, "--tasks: ")
	_, _, _, err = Choose(nil, filepath.Join(dir, "none"))
	assert.ErrorContains(t, err, "--include-path: ")
	_, _, _, err = Choose(nil, dir)
	assert.ErrorContains(t, err, "both have a task or a group one")
}

// TestProfileName: the name of a profile tells versions of a file apart, by nothing but the content.
func TestProfileName(t *testing.T) {
	a, err := From("here/f.yaml", []byte(text("one")))
	require.NoError(t, err)
	b, err := From("there/g.yaml", []byte(text("one")))
	require.NoError(t, err)
	c, err := From("here/f.yaml", []byte(text("one")+"# changed\n"))
	require.NoError(t, err)
	assert.Equal(t, a.ProfileName(), b.ProfileName())
	assert.NotEqual(t, a.ProfileName(), c.ProfileName())
	assert.Regexp(t, `^own:one@[0-9a-f]{12}$`, a.ProfileName())
}

// TestRecorded: a run's manifest is enough to have its tasks again, alone or beside those of a benchmark.
func TestRecorded(t *testing.T) {
	o, err := From(filepath.Join("some", "where", "f.yaml"), []byte(text("one")))
	require.NoError(t, err)
	run := results.Run{Profile: "as recorded", Own: Records([]File{o})}
	assert.Equal(t, "f.yaml", run.Own[0].File)
	p, err := Recorded(run, nil)
	require.NoError(t, err)
	assert.Equal(t, "as recorded", p.Name)
	require.Len(t, p.Tasks, 1)
	assert.Equal(t, "one", p.Tasks[0].Spec().Name)

	p = With(tasks.Profile{Name: "base", Reference: "r"}, []File{o}, p.Tasks, false)
	assert.Equal(t, "base+"+o.ProfileName(), p.Name)
	assert.Empty(t, p.Reference)
	assert.Equal(t, tasks.Profile{Name: "base"}, With(tasks.Profile{Name: "base"}, nil, nil, true))
	assert.Empty(t, Others(p.Tasks))
}

// TestPin writes the digest and the number of records into the file; then data that were changed are refused.
func TestPin(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "rows.jsonl", "{\"q\":\"1\",\"a\":\"2\"}\n{\"q\":\"3\",\"a\":\"4\"}\n")
	o, err := Read(write(t, dir, "f.yaml", text("one")))
	require.NoError(t, err)
	content, files, err := Pin(o, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, files)
	assert.Contains(t, string(content), "sha256: ")
	pinned, err := From(o.Path, content)
	require.NoError(t, err)
	assert.Equal(t, 2, pinned.Tasks[0].Data["test"].Rows)
	read := func() error {
		open, err := Source([]File{pinned}, nil, false, nil)
		require.NoError(t, err)
		_, rows, err := open().Rows(pinned.Tasks[0].Spec().Dataset, "test")
		if err == nil {
			assert.Len(t, rows, 2)
		}
		return err
	}
	require.NoError(t, read())
	write(t, dir, "rows.jsonl", "{\"q\":\"1\",\"a\":\"2\"}\n{\"q\":\"3\",\"a\":\"5\"}\n")
	assert.ErrorContains(t, read(), "rows.jsonl")
}

// TestDataIsNeeded, of a kind that can be read.
func TestDataIsNeeded(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"data: {test: rows.jsonl}\n", ""}: "data is missing",
		{"rows.jsonl", "rows.exe"}:         "rows.exe is none of",
	} {
		o, err := From("f.yaml", []byte(strings.Replace(text("one"), change[0], change[1], 1)))
		if err == nil {
			_, err = Splits(o.Path, o.Tasks[0])
		}
		assert.ErrorContains(t, err, want)
	}
}
