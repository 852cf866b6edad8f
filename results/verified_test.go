package results

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerify(t *testing.T) {
	recorded := func(task string) (RecordedPrompts, bool) {
		if task == "xwino" {
			return RecordedPrompts{}, false
		}
		return RecordedPrompts{Shots: 4, Docs: 2, Digest: "sha256:aa", Golds: "sha256:gg"}, true
	}
	train := DataFile{Path: "train", SHA256: "1", State: "official"}
	score := func(task, digest string, n, total int, files ...DataFile) Score {
		return Score{Task: task, PromptsDigest: digest, GoldsDigest: "sha256:gg", N: n, Total: total, Data: files}
	}
	whole := Run{Model: Model{Digest: "sha256:0123456789abcdef"}, Answers: &Answers{Asked: 3, Recalled: 1}, Scores: []Score{
		score("mgsm", "sha256:aa", 2, 2, train, DataFile{Path: "test", SHA256: "2", State: "rebuilt"}),
		score("gsm8k", "sha256:bb", 2, 2, train, DataFile{Path: "other", State: "unpinned"}),
		score("niilc", "sha256:aa", 3, 3),
		score("jsquad", "sha256:aa", 1, 2, DataFile{Path: "third", State: "stand-in"}),
		score("xwino", "sha256:aa", 2, 2),
		{Task: "wmt20-en-ja", PromptsDigest: "sha256:aa", GoldsDigest: "sha256:hh", N: 2, Total: 2},
		{Task: "xlsum", Hole: "no tokenizer"},
	}}
	v := Verify(whole, recorded)
	assert.Equal(t, map[string]PromptVerdict{
		"mgsm": PromptsIdentical, "gsm8k": PromptsDifferent, "niilc": PromptsDifferent, "jsquad": PromptsPartial, "xwino": PromptsUnrecorded, "wmt20-en-ja": GoldsDifferent,
	}, v.Prompts)
	assert.Equal(t, map[string]int{"official": 1, "rebuilt": 1, "stand-in": 1, "unpinned": 1}, v.Data)
	assert.Equal(t, "verified: 2 of 4 data files pinned (1 stand-in, 1 unpinned); prompts and golds of 1 of 6 tasks equal the reference's "+
		"(2 differ, 1 golds differ, 1 partial, 1 not on record); model sha256:0123456789ab; 1 of 4 answers remembered", v.String())

	four, two := 4, 2
	for name, change := range map[string]func(*Run){
		"limit":   func(r *Run) { r.Limit = "2" },
		"samples": func(r *Run) { r.Samples = true },
		"shots":   func(r *Run) { r.ShotsOverride = &two },
	} {
		r := whole
		change(&r)
		assert.Equal(t, PromptsPartial, Verify(r, recorded).Prompts["mgsm"], name)
	}
	same := whole
	same.ShotsOverride, same.Answers = &four, nil
	assert.Equal(t, PromptsIdentical, Verify(same, recorded).Prompts["mgsm"], "the published number of examples, given")
	b, err := json.Marshal(Verify(same, recorded))
	require.NoError(t, err)
	assert.NotContains(t, string(b), "remembered")
	assert.Contains(t, string(b), `"mgsm":"identical"`)
	assert.NotContains(t, Verify(same, recorded).String(), "remembered")
}
