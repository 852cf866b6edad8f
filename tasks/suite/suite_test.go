package suite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

func TestTableOrder(t *testing.T) {
	p := Swallow2023(Options{})
	var titles []string
	for _, task := range p.Tasks {
		titles = append(titles, task.Spec().Title)
	}
	assert.Equal(t, []string{
		"JCommonsenseQA", "JEMHopQA", "NIILC", "JSQuAD", "XL-Sum", "MGSM", "WMT20-en-ja", "WMT20-ja-en",
		"OpenBookQA", "TriviaQA", "HellaSwag", "SQuAD2.0", "XWINO", "GSM8K",
	}, titles)
	assert.Equal(t, names(p.Tasks), p.Groups["all"])
	assert.Equal(t, p.Groups["all"], append(append([]string{}, p.Groups["ja-all"]...), p.Groups["en-all"]...))
	assert.Empty(t, p.Missing)
}

func TestSpecsAreComplete(t *testing.T) {
	segmented := Options{Pieces: strings.Fields, Segment: strings.ToLower, Segmenter: "lower"}
	published := map[string]int{"xlsum": 1}
	seen := map[string]bool{}
	for i, task := range Swallow2023(segmented).Tasks {
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
		bare := Swallow2023(Options{}).Tasks[i].Spec()
		assert.Equal(t, len(bare.Metrics) == 0, bare.Hole != "", s.Name)
		assert.Equal(t, s.Name == "xlsum" || s.Name == "wmt20-en-ja", bare.Hole != "", s.Name)
	}
}

func TestSelect(t *testing.T) {
	p := Swallow2023(Options{})
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
	p := Swallow2023(Options{})
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

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"mgms", "mgsm", 2}} {
		assert.Equal(t, c.want, edits(c.a, c.b), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, edits(c.b, c.a), "%s %s", c.b, c.a)
	}
}

// BenchmarkBuildAll builds every request of every task at the published number of shots.
func BenchmarkBuildAll(b *testing.B) {
	for b.Loop() {
		dir, n := data(b), 0
		for _, t := range Swallow2023(Options{}).Tasks {
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
	for _, task := range Swallow2023(Options{}).Tasks {
		name := task.Spec().Name
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, name)
		assert.NotContains(t, []string{"con", "prn", "aux", "nul"}, name)
		assert.False(t, seen[name], name)
		seen[name] = true
	}
}
