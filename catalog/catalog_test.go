package catalog

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// shown is a listing as people and as programs have it.
func shown(t *testing.T, l Listing) (text string, entries []map[string]any) {
	t.Helper()
	var b strings.Builder
	require.NoError(t, l.Write(&b))
	content, err := json.Marshal(l.Entries)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &entries))
	return b.String(), entries
}

// TestTasks: every task of a profile has its row and its entry in the table's order, one that the build lacks says so, and groups
// stand below.
func TestTasks(t *testing.T) {
	p := suite.Default()
	p.Missing = append(p.Missing, tasks.MissingTask{Name: "lost", Title: "Lost"})
	text, entries := shown(t, Tasks(p))
	require.Len(t, entries, len(p.Tasks)+len(p.Missing))
	at := 0
	for i, task := range p.Tasks {
		s := task.Spec()
		assert.Equal(t, s.Name, entries[i]["name"])
		assert.EqualValues(t, s.Shots, entries[i]["shots"])
		assert.Len(t, entries[i]["metrics"], len(s.Metrics), s.Name)
		assert.NotContains(t, entries[i], "missing")
		found := strings.Index(text, s.Name)
		assert.Greater(t, found, at, "%s stands below the task before it", s.Name)
		at = found
	}
	assert.Equal(t, true, entries[len(entries)-1]["missing"])
	assert.Regexp(t, `lost +\W+Lost\W+not in this build`, text)
	for _, g := range p.AllGroups() {
		assert.Contains(t, text[at:], "\n"+g.Name+" ")
	}
}

// TestModels: what is within the program comes first and says so, and of every alias there is the repository.
func TestModels(t *testing.T) {
	text, entries := shown(t, Models())
	require.Len(t, entries, len(smokemodel.Names())+len(locate.Aliases()))
	assert.Equal(t, smokemodel.Name, entries[0]["name"])
	assert.Equal(t, true, entries[0]["within_program"])
	for i, a := range locate.Aliases() {
		assert.Equal(t, a.Name, entries[len(smokemodel.Names())+i]["name"])
		assert.Contains(t, text, a.HubID)
	}
	assert.Contains(t, text, "not supported, mixtures of experts: "+locate.Mixtures()[0])
}

// TestProfiles have a line each.
func TestProfiles(t *testing.T) {
	text, entries := shown(t, Profiles([]tasks.Profile{{Name: "a", About: "of A"}, {Name: "b", About: "of B"}}))
	assert.Equal(t, "a  of A\nb  of B\n", text)
	assert.Equal(t, []map[string]any{{"name": "a", "about": "of A"}, {"name": "b", "about": "of B"}}, entries)
	content, err := json.Marshal(Profiles(nil).Entries)
	require.NoError(t, err)
	assert.Equal(t, "[]", string(content), "no list is null")
}

// TestPublished: every number stands in its model's row below its task's title, in a table of the task's language.
func TestPublished(t *testing.T) {
	text, _ := shown(t, Published([]published.Table{{
		Name: "p", Source: "where it was printed", Digits: 3,
		Tasks:  []published.Column{{Title: "English one", Language: "en"}, {Title: "Japanese one", Language: "ja"}},
		Models: []published.Row{{Alias: "7b", Title: "Model", Scores: []float64{0.25, 0.5}}, {Alias: "8b", Scores: []float64{math.NaN(), 0.125}}},
	}}))
	japanese, english, ok := strings.Cut(text, "English one")
	require.True(t, ok)
	assert.Contains(t, japanese, "Japanese one")
	assert.Contains(t, japanese, "0.500")
	assert.NotContains(t, japanese, "0.250")
	assert.Contains(t, english, "0.250")
	assert.Contains(t, english, "—")
	assert.True(t, strings.HasSuffix(english, "p: where it was printed\n"))
}

// TestDataSets: a row a file says whether it is there and what pins it; of a layout of many files there is one row.
func TestDataSets(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "set"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "set", "a.jsonl"), make([]byte, 1<<20), 0o600))
	files := func(names ...string) (list []datasets.File) {
		for _, n := range names {
			list = append(list, datasets.File{Path: "set/" + n})
		}
		return list
	}
	pinned := files("a.jsonl")
	pinned[0].Pins = []datasets.Pin{{State: datasets.Official}, {State: datasets.StandIn}}
	splits := []datasets.Split{{Dataset: "set", Name: "test", Licence: "free", Layouts: []datasets.Layout{
		{Format: datasets.JSONL, Files: pinned, Rows: 3},
		{Format: datasets.JSONL, Files: files("1.jsonl", "2.jsonl", "3.jsonl", "4.jsonl", "5.jsonl"), Rows: 4},
	}}}
	l, err := DataSets(splits, dir)
	require.NoError(t, err)
	text, entries := shown(t, l)
	require.Len(t, entries, 1)
	assert.Len(t, entries[0]["present"], 1)
	assert.Regexp(t, `set/a\.jsonl\W+3\W+official, stand-in\W+1\.0 MiB\W+free`, text)
	assert.Regexp(t, `set/1\.jsonl and 4 more\W+4\W+no\W+free`, text)
	assert.NotContains(t, text, "set/5.jsonl")
	assert.Contains(t, text, "(--data-dir smoke)")
	assert.Contains(t, text, "data folder: "+dir)
}
