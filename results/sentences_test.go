package results

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSentences: every sentence is one of the notes of some run, with as many arguments as it has places in either language.
func TestSentences(t *testing.T) {
	shots := 3
	cuts := Cuts{FaultDocs: 1, Fault: "f", FewerShotsDocs: 2, DroppedDocs: 3, DroppedTokens: 4, LostDocs: 5, PastWindowDocs: 6, TiedDocs: 7}
	data := []DataFile{{Path: "a", State: "unpinned"}, {Path: "b", State: "unpinned", Rows: 1, ExpectedRows: 2}, {Path: "c", State: "stand-in"}, {Path: "d", State: "stand-in", Rows: 1}}
	run := Run{
		Status: "interrupted", InventedData: "i", Limit: "9", Samples: true, ShotsOverride: &shots, AllowUnpinnedData: true, Chat: &ChatTemplate{Source: "s", Digest: "d"},
		Model: Model{
			StoredDType: "q4_0", DType: "q8", Adapter: &Adapter{Name: "l"}, Vocabulary: 100, Pieces: 10, IgnoredConfig: []string{"k"}, Server: &Server{Dialect: "vllm"}, TokenizerDigest: AnswersDigest + "x",
			Generation: []GenerationSetting{{File: "g.json", Key: "k", Value: "1"}},
		},
		Scores: []Score{
			{Task: "hole", Hole: "why"},
			{Task: "some", Values: []Value{{Max: 1}}, Unmeasured: []Unmeasured{{"acc_stem", "why"}, {"acc_other", "why"}}},
			{Task: "words", Values: []Value{{Max: 1, Signature: "tok:char+13a"}}, Cuts: cuts, Data: data, Precision: "bf16"},
			{Task: "pieces", Values: []Value{{Max: 1, Signature: "tok:lm-0123456789ab|version:1"}}, Cuts: cuts, Protocol: "lm-eval-0.4.2"},
			{Task: "mine", N: 2, Values: []Value{{Max: 1}}, Drawn: &Drawn{0.2, 0.95, 10}, Data: []DataFile{{Dataset: "own:mine", State: "official"}, {Dataset: "own:mine", State: "unpinned"}}},
			{Task: "open", N: 2, Values: []Value{{Metric: "undecided", Value: 0.5, Max: 1}}, Drawn: &Drawn{0.2, 0.95, 10}, Judge: &Judge{By: "b", Python: "3", Seconds: 3, MemoryBytes: 1 << 30}},
		},
	}
	said := map[string]bool{}
	place := regexp.MustCompile(`\{(\d)\}`)
	places := func(text string) []string {
		all := place.FindAllString(text, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	for _, n := range NotesByTask(run) {
		said[n.Key] = true
		s, ok := Sentences()[n.Key]
		require.True(t, ok, n.Key)
		assert.Len(t, places(s.English), len(n.Args), n.Key)
		assert.Equal(t, places(s.English), places(s.Japanese), n.Key)
		assert.NotRegexp(t, place, n.Text)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(Sentences())), slices.Collect(maps.Keys(said)))
}
