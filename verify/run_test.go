package verify

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestRun holds a run to what is on record, and says where nothing can be.
func TestRun(t *testing.T) {
	recorded := func(task string) (suite.Fingerprint, bool) {
		if task == "xwino" {
			return suite.Fingerprint{}, false
		}
		return suite.Fingerprint{Shots: 4, Docs: 2, Digest: "sha256:aa", Golds: "sha256:gg"}, true
	}
	train := results.DataFile{Path: "train", SHA256: "1", State: "official"}
	score := func(task, digest string, n, total int, files ...results.DataFile) results.Score {
		return results.Score{Task: task, PromptsDigest: digest, GoldsDigest: "sha256:gg", N: n, Total: total, Data: files}
	}
	whole := results.Run{Model: results.Model{Digest: "sha256:0123456789abcdef"}, Answers: &results.Answers{Asked: 3, Recalled: 1}, Scores: []results.Score{
		score("mgsm", "sha256:aa", 2, 2, train, results.DataFile{Path: "test", SHA256: "2", State: "rebuilt"}),
		score("gsm8k", "sha256:bb", 2, 2, train, results.DataFile{Path: "other", State: "unpinned"}),
		score("niilc", "sha256:aa", 3, 3),
		score("jsquad", "sha256:aa", 1, 2, results.DataFile{Path: "third", State: "stand-in"}),
		score("xwino", "sha256:aa", 2, 2),
		{Task: "wmt20-en-ja", PromptsDigest: "sha256:aa", GoldsDigest: "sha256:hh", N: 2, Total: 2},
		{Task: "xlsum", Hole: "no tokenizer"},
	}}
	v := run(whole, recorded)
	assert.Equal(t, map[string]results.PromptVerdict{
		"mgsm": results.PromptsIdentical, "gsm8k": results.PromptsDifferent, "niilc": results.PromptsDifferent, "jsquad": results.PromptsPartial, "xwino": results.PromptsUnrecorded, "wmt20-en-ja": results.GoldsDifferent,
	}, v.Prompts)
	assert.Equal(t, map[string]int{"official": 1, "rebuilt": 1, "stand-in": 1, "unpinned": 1}, v.Data)
	assert.Equal(t, "verified: 2 of 4 data files pinned (1 stand-in, 1 unpinned); prompts and golds of 1 of 6 tasks equal the reference's "+
		"(2 differ, 1 golds differ, 1 partial, 1 not on record); model sha256:0123456789ab; 1 of 4 answers remembered", v.String())

	four, two := 4, 2
	for name, change := range map[string]func(*results.Run){
		"samples": func(r *results.Run) { r.Samples = true },
		"shots":   func(r *results.Run) { r.ShotsOverride = &two },
	} {
		r := whole
		change(&r)
		assert.Equal(t, results.PromptsPartial, run(r, recorded).Prompts["mgsm"], name)
	}
	covered := whole
	covered.Limit = "1000"
	assert.Equal(t, v.Prompts, run(covered, recorded).Prompts, "a limit that no task reaches leaves nothing out")
	same := whole
	same.ShotsOverride, same.Answers = &four, nil
	assert.Equal(t, results.PromptsIdentical, run(same, recorded).Prompts["mgsm"], "the published number of examples, given")
	b, err := json.Marshal(run(same, recorded))
	require.NoError(t, err)
	assert.NotContains(t, string(b), "remembered")
	assert.Contains(t, string(b), `"mgsm":"identical"`)
	assert.NotContains(t, run(same, recorded).String(), "remembered")
}

// TestNothingIsOnRecordOfInventedQuestions: the digest of a published setting proves nothing about them.
func TestNothingIsOnRecordOfInventedQuestions(t *testing.T) {
	p := suite.Default()
	f := suite.Fingerprints()[0]
	known, ok := suite.FingerprintOf(p, f.Task)
	require.True(t, ok)
	r := results.Run{Scores: []results.Score{{Task: f.Task, PromptsDigest: known.Digest, GoldsDigest: known.Golds, N: known.Docs, Total: known.Docs}}}
	assert.Equal(t, results.PromptsIdentical, Run(r, p).Prompts[f.Task])
	r.InventedData = "smoke"
	assert.Equal(t, results.PromptsUnrecorded, Run(r, p).Prompts[f.Task])
}
