package owntasks

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestSelect: files alone make a profile of their own, beside a profile's tasks they come last; what both have is refused.
func TestSelect(t *testing.T) {
	dir, folder := t.TempDir(), t.TempDir()
	one := write(t, dir, "one.yaml", text("one"))
	write(t, folder, "two.yaml", text("two"))
	write(t, folder, "group.yaml", text("gsm8k"))
	p := suite.Default()
	s, err := Select(p, nil, []string{one, "two"}, folder)
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two"}, tasks.Names(s.Tasks))
	assert.NotContains(t, s.Profile.Name, p.Name)
	assert.Len(t, s.Files, 2)

	s, err = Select(p, nil, []string{"two", "mgsm,jsquad"}, folder)
	require.NoError(t, err)
	assert.Equal(t, []string{"jsquad", "mgsm", "two"}, tasks.Names(s.Tasks))
	assert.Equal(t, p.Name+"+"+s.Files[0].ProfileName(), s.Profile.Name)

	s, err = Select(p, nil, []string{"mgsm"}, "")
	require.NoError(t, err)
	assert.Equal(t, p.Name, s.Profile.Name)
	assert.Nil(t, s.Files)

	_, err = Select(p, nil, []string{"gsm8k"}, folder)
	assert.EqualError(t, err, `--tasks: "gsm8k" is known to `+p.Name+" and to a task file of --include-path: name the file")
	_, err = Select(p, nil, []string{"gsm8k", filepath.Join(folder, "group.yaml")}, "")
	assert.EqualError(t, err, "--tasks: "+p.Name+" and a task file both have a task gsm8k")
	_, err = Select(p, nil, []string{filepath.Join(dir, "none.yaml")}, "")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestElsewhere: an unknown name is found in the profiles that have all that was named.
func TestElsewhere(t *testing.T) {
	all := suite.Profiles()
	require.Greater(t, len(all), 1)
	_, err := Select(all[0], all, []string{"humaneval"}, "")
	require.ErrorIs(t, err, suite.ErrUnknown)
	assert.ErrorContains(t, err, "; found with --profile swallow-202407 and with --profile swallow-202411")
	_, err = Select(all[0], all, []string{"humaneval", "nowhere"}, "")
	require.ErrorIs(t, err, suite.ErrUnknown)
	assert.NotContains(t, err.Error(), "found with")
}

// TestNamesOfTheProgram: a group or a task of a file that every --tasks would take for something else is refused with the file, the
// line and the name, however the file is named; a task may be another form of a profile's, and what a run has kept is read.
func TestNamesOfTheProgram(t *testing.T) {
	dir := t.TempDir()
	grouped := func(group string) string {
		return "tasks:\n- " + strings.ReplaceAll(text("one"), "\n", "\n  ") + "\ngroups:\n- {group: " + group + ", task: [one], aggregate_metric_list: [{metric: exact_match}]}\n"
	}
	for name, what := range map[string]string{
		"gsm8k": "a task of swallow-2023", "ja-all": "a group of swallow-2023", "all": "a group of swallow-2023",
		"GSM8K": "a task of swallow-2023", "jmmlu": "a task of swallow-202407", "mmlu": "a task of swallow-202407",
	} {
		path := write(t, dir, "mine.yaml", grouped(name))
		want := path + ":" + strconv.Itoa(strings.Count(grouped(name), "\n")) + ": group: " + name + " is the name of " + what + ": give the group another"
		for _, names := range [][]string{{path}, {"one"}, {name}} {
			_, err := Select(suite.Default(), suite.Profiles(), names, dir)
			assert.ErrorContains(t, err, want, "%s", names)
		}
		_, err := Kept(results.Run{Own: []results.OwnTask{{File: "mine.yaml", Text: grouped(name)}}}, "")
		assert.NoError(t, err)
	}
	_, err := Read(write(t, dir, "mine.yaml", grouped("one-and-only")))
	require.NoError(t, err)
	_, err = Read(write(t, dir, "task.yaml", text("ja-all")))
	require.EqualError(t, err, filepath.Join(dir, "task.yaml")+": task: ja-all is the name of a group of swallow-2023: give the task another")
	_, err = Read(write(t, dir, "task.yaml", text("gsm8k")))
	require.NoError(t, err)
}

// TestGroupsAverageTheirOwnFile: a benchmark of the program is refused by name as a member, any other name as one that is nowhere.
func TestGroupsAverageTheirOwnFile(t *testing.T) {
	group := func(member string) error {
		_, err := From("f.yaml", []byte("tasks:\n- task: one\n  test_split: test\n  data: {test: rows.jsonl}\n  doc_to_text: \"{{q}}\"\n  doc_to_target: \"{{a}}\"\n  output_type: generate_until\n"+
			"groups:\n- {group: g, task: [one, "+member+"], aggregate_metric_list: [{metric: exact_match}]}\n"))
		return err
	}
	for _, member := range []string{"gsm8k", "ja-all"} {
		assert.ErrorContains(t, group(member), `the group g has the task "`+member+`", which the file does not have: it is a name of this program, and a group averages tasks of its own file`)
	}
	require.ErrorContains(t, group("elsewhere"), `the group g has the task "elsewhere", which the file does not have`)
	assert.NotContains(t, group("elsewhere").Error(), "of this program")
}
