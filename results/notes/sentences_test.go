package notes

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

// TestSentences: every sentence is one of the notes of some run, with as many arguments as it has places in either language.
func TestSentences(t *testing.T) {
	shots := 3
	cuts := results.Cuts{FaultDocs: 1, Fault: "f", FewerShotsDocs: 2, DroppedDocs: 3, DroppedTokens: 4, LostDocs: 5, PastWindowDocs: 6, TiedDocs: 7}
	data := []results.DataFile{{Path: "a", State: "unpinned"}, {Path: "b", State: "unpinned", Rows: 1, ExpectedRows: 2}, {Path: "c", State: "stand-in"}, {Path: "d", State: "stand-in", Rows: 1}}
	run := results.Run{
		Status: "interrupted", InventedData: "i", Limit: "9", Samples: true, ShotsOverride: &shots, AllowUnpinnedData: true, Chat: &results.ChatTemplate{Source: "s", Digest: "d"},
		Model: results.Model{
			StoredDType: "q4_0", DType: "q8", Adapter: &results.Adapter{Name: "l"}, Vocabulary: 100, Pieces: 10, IgnoredConfig: []string{"k"}, Server: &results.Server{Dialect: "vllm"}, TokenizerDigest: results.AnswersDigest + "x",
			Generation: []results.GenerationSetting{{File: "g.json", Key: "k", Value: "1"}},
		},
		Scores: []results.Score{
			{Task: "hole", Hole: "why"},
			{Task: "some", Values: []results.Value{{Max: 1}}, Unmeasured: []results.Unmeasured{{Metric: "acc_stem", Hole: "why"}, {Metric: "acc_other", Hole: "why"}}},
			{Task: "words", Values: []results.Value{{Max: 1, Signature: "tok:char+13a"}}, Cuts: cuts, Data: data, Precision: "bf16"},
			{Task: "pieces", Values: []results.Value{{Max: 1, Signature: "tok:lm-0123456789ab|version:1"}}, Cuts: cuts, Protocol: "lm-eval-0.4.2"},
			{Task: "mine", N: 2, Values: []results.Value{{Max: 1}}, Drawn: &results.Drawn{Temperature: 0.2, TopP: 0.95, Answers: 10}, Data: []results.DataFile{{Dataset: "own:mine", State: "official"}, {Dataset: "own:mine", State: "unpinned"}}},
			{Task: "open", N: 2, Values: []results.Value{{Metric: "undecided", Value: 0.5, Max: 1}}, Drawn: &results.Drawn{Temperature: 0.2, TopP: 0.95, Answers: 10}, Judge: &results.Judge{By: "b", Python: "3", Seconds: 3, MemoryBytes: 1 << 30}},
		},
	}
	said := map[string]bool{}
	place := regexp.MustCompile(`\{(\d)\}`)
	places := func(text string) []string {
		all := place.FindAllString(text, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	alone := results.Run{InventedData: "i"} // without a task of the user's beside it
	for _, n := range append(ByTask(run), ByTask(alone)...) {
		said[n.Key] = true
		s, ok := Sentences()[n.Key]
		require.True(t, ok, n.Key)
		assert.Len(t, places(s.English), len(n.Args), n.Key)
		assert.Equal(t, places(s.English), places(s.Japanese), n.Key)
		assert.NotRegexp(t, place, n.Text)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(Sentences())), slices.Collect(maps.Keys(said)))
}
