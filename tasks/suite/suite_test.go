package suite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func TestTableOrder(t *testing.T) {
	p := Default()
	var titles []string
	for _, task := range p.Tasks {
		titles = append(titles, task.Spec().Title)
	}
	assert.Equal(t, []string{
		"JCommonsenseQA", "JEMHopQA", "NIILC", "JSQuAD", "XL-Sum", "MGSM", "WMT20-en-ja", "WMT20-ja-en",
		"OpenBookQA", "TriviaQA", "HellaSwag", "SQuAD2.0", "XWINO", "GSM8K",
	}, titles)
	groups := p.AllGroups()
	require.Len(t, groups, 3)
	assert.Equal(t, []string{"ja-all", "en-all", "all"}, []string{groups[0].Name, groups[1].Name, groups[2].Name})
	assert.Len(t, groups[0].Tasks, 8)
	assert.Equal(t, groups[2].Tasks, append(append([]string{}, groups[0].Tasks...), groups[1].Tasks...))
	assert.Equal(t, names(p.Tasks), groups[2].Tasks)
	assert.Empty(t, p.Missing)
}

func TestSpecsAreComplete(t *testing.T) {
	env := metrics.Env{Pieces: strings.Fields, Segment: strings.ToLower, Segmenter: "lower"}
	published := map[string]int{"xlsum": 1}
	seen := map[string]bool{}
	for i, task := range Default().Bind(env).Tasks {
		s := task.Spec()
		for _, name := range aliases(s) {
			assert.False(t, seen[name] && name != strings.ToLower(s.Name) && name != strings.ToLower(s.Reference), name)
			seen[name] = true
		}
		want := 4
		if s.Language == "en" {
			want = 8
		}
		if n, ok := published[s.Name]; ok {
			want = n
		}
		assert.Equal(t, want, s.Shots, s.Name)
		for _, field := range []string{s.Name, s.Reference, s.Title, s.Dataset, s.Version, s.Source, string(s.Protocol)} {
			assert.NotEmpty(t, field, s.Name)
		}
		assert.Empty(t, s.Hole, s.Name)
		require.NotEmpty(t, s.Metrics, s.Name)
		for _, m := range s.Metrics {
			assert.NotEmpty(t, m.Signature, s.Name)
		}
		unbound, hole := Default().Tasks[i].Spec(), Default().Bind(metrics.Env{}).Tasks[i].Spec()
		late := s.Name == "xlsum" || s.Name == "wmt20-en-ja"
		require.Len(t, unbound.Metrics, len(s.Metrics), s.Name)
		for k, m := range s.Metrics {
			shape := unbound.Metrics[k]
			assert.NotNil(t, m.Each)
			assert.Equal(t, late, shape.Each == nil, s.Name)
			assert.Equal(t, late, shape.Needs != "", s.Name)
			assert.Equal(t, []any{m.Name, m.Width, m.Max, m.LowerIsBetter}, []any{shape.Name, shape.Width, shape.Max, shape.LowerIsBetter}, "the shape is known at once")
			assert.Equal(t, m.Signature, strings.Replace(shape.Signature, "segmenter", "lower", 1), "and so is the signature but for the segmenter")
		}
		assert.Empty(t, unbound.Hole)
		assert.Equal(t, late, hole.Hole != "", s.Name)
		assert.Equal(t, late, len(hole.Metrics) == 0, s.Name)
	}
}

// TestProfiles holds what a literal must not get wrong.
func TestProfiles(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Profiles() {
		assert.NotEmpty(t, p.About)
		assert.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		used := map[tasks.Protocol]bool{}
		for _, task := range p.Tasks {
			s := task.Spec()
			_, ok := s.Protocol.Rules()
			assert.True(t, ok, "%s: %s", p.Name, s.Protocol)
			used[s.Protocol] = true
		}
		for _, shared := range p.SharedFraction {
			assert.True(t, used[shared], "%s: %s", p.Name, shared)
		}
		for _, g := range p.Groups {
			for _, name := range g.Tasks {
				_, ok := p.Task(name)
				assert.True(t, ok, "%s: %s", g.Name, name)
			}
		}
		found, err := Find(Profiles(), p.Name)
		require.NoError(t, err)
		assert.Equal(t, p.Name, found.Name)
	}
	_, err := Find(Profiles(), "swallow-2032")
	require.ErrorIs(t, err, ErrUnknownProfile)
	require.EqualError(t, err, `unknown profile "swallow-2032", did you mean swallow-2023?`)
	_, err = Find(Profiles(), "x")
	require.EqualError(t, err, `unknown profile "x": this build has swallow-2023, swallow-202407, swallow-202411`)
}

func TestSelect(t *testing.T) {
	p := Default()
	for name, c := range map[string]struct {
		ask  []string
		want string
	}{
		"one":               {[]string{"mgsm"}, "mgsm"},
		"list, twice":       {[]string{"gsm8k,mgsm , mgsm", "gsm8k,"}, "mgsm gsm8k"},
		"the table's order": {[]string{"gsm8k", "jcommonsenseqa"}, "jcommonsenseqa gsm8k"},
		"group":             {[]string{"en-all"}, "openbookqa triviaqa hellaswag squad2 xwino gsm8k"},
		"group and member":  {[]string{"ja-all,niilc"}, "jcommonsenseqa jemhopqa niilc jsquad xlsum mgsm wmt20-en-ja wmt20-ja-en"},
		"pattern":           {[]string{"wmt20-*"}, "wmt20-en-ja wmt20-ja-en"},
		"pattern of class":  {[]string{"[jm]*"}, "jcommonsenseqa jemhopqa jsquad mgsm"},
		"reference's name":  {[]string{"xwinograd_en", "xlsum_ja"}, "xlsum xwino"},
		"title":             {[]string{"SQuAD2.0,jCommonsenseQA"}, "jcommonsenseqa squad2"},
	} {
		t.Run(name, func(t *testing.T) {
			ts, err := Select(p, c.ask)
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Join(names(ts), " "))
		})
	}
}

func TestSelectErrors(t *testing.T) {
	p := Default()
	p.Missing = []tasks.MissingTask{{Name: "jamp", Title: "JAMP", Group: "ja-all"}}
	for name, c := range map[string]struct {
		ask  []string
		want string
	}{
		"none":         {nil, "unknown task: no task is named; there are en-all, ja-all, all, jcommonsenseqa,"},
		"only commas":  {[]string{" , "}, "no task is named"},
		"typo":         {[]string{"jcomonsenseqa"}, `unknown task: "jcomonsenseqa", did you mean jcommonsenseqa?`},
		"two typos":    {[]string{"mgms,gms8k"}, `"mgms", did you mean mgsm?; "gms8k", did you mean gsm8k?`},
		"beginning":    {[]string{"wmt20"}, `"wmt20", did you mean wmt20-en-ja or wmt20-ja-en?`},
		"alias typo":   {[]string{"xwinograd-en"}, `did you mean xwino?`},
		"nothing like": {[]string{"quux"}, `"quux"; there are en-all`},
		"no match":     {[]string{"z*"}, `no task matches "z*"; there are`},
		"bad pattern":  {[]string{"[a"}, `"[a" is not a pattern`},
		"missing":      {[]string{"JAMP"}, "jamp is a column of swallow-2023 that this build does not have"},
		"one of two":   {[]string{"mgsm,quux"}, `"quux"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Select(p, c.ask)
			require.ErrorIs(t, err, ErrUnknown)
			assert.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// BenchmarkBuildAll builds every request of every task at the published number of shots.
func BenchmarkBuildAll(b *testing.B) {
	for b.Loop() {
		dir, n := data(b), 0
		for _, t := range Default().Tasks {
			docs, err := t.Docs(dir, t.Spec().Shots, tasks.Unlimited{})
			require.NoError(b, err)
			for _, d := range docs {
				n += len(t.Requests(d, tasks.Unlimited{}))
			}
		}
		b.ReportMetric(float64(n), "requests/op")
	}
}

// TestFaultD8NamesOfFiles: the names of tasks become names of files; they differ on file systems that know no upper case,
// and their letters have one spelling.
func TestFaultD8NamesOfFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, task := range Default().Tasks {
		name := task.Spec().Name
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, name)
		assert.NotContains(t, []string{"con", "prn", "aux", "nul"}, name)
		assert.False(t, seen[name], name)
		seen[name] = true
	}
}

// TestSubjectsStandInIdentifiers: stored outputs hold identifiers and no subjects, and are scored by them.
func TestSubjectsStandInIdentifiers(t *testing.T) {
	p, err := Find(Profiles(), laterTexts)
	require.NoError(t, err)
	dir := data(t)
	parted := 0
	for _, task := range p.Tasks {
		spec := task.Spec()
		if !spec.Parted {
			assert.Empty(t, spec.SubjectOf(tasks.TextID("anatomy-3")), spec.Name)
			continue
		}
		parted++
		docs, err := task.Docs(dir, spec.Shots, tasks.Unlimited{})
		require.NoError(t, err)
		for _, d := range docs {
			require.NotEmpty(t, d.Subject)
			require.Equal(t, d.Subject, spec.SubjectOf(d.ID))
		}
	}
	assert.Equal(t, 3, parted)
}

// TestExportedNamesAreAccepted selects every task by the names under which it is exported.
func TestExportedNamesAreAccepted(t *testing.T) {
	for _, p := range Profiles() {
		for _, task := range p.Tasks {
			spec := task.Spec()
			for _, name := range aliases(spec) {
				ts, err := Select(p, []string{name})
				require.NoError(t, err, name)
				require.NotEmpty(t, ts, name)
				assert.Contains(t, names(ts), spec.Name, name)
			}
			if known := spec.Known(); len(known.LMEval) > 0 {
				assert.Contains(t, aliases(spec), strings.ToLower(known.LMEval[0].Name))
			}
		}
	}
}
