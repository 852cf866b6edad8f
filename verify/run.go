package verify

import (
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// Run says what a run's numbers were checked against: its data by their pins, and its requests and golds by what is on record of the
// profile's published setting. Nothing is on record of questions that were invented.
func Run(r results.Run, p tasks.Profile) results.Verified {
	return run(r, func(task string) (suite.Fingerprint, bool) {
		if r.InventedData != "" {
			return suite.Fingerprint{}, false
		}
		return suite.FingerprintOf(p, task)
	})
}

func run(r results.Run, recorded func(task string) (suite.Fingerprint, bool)) results.Verified {
	v := results.Verified{Data: map[string]int{}, Prompts: map[string]results.PromptVerdict{}, Model: r.Model.Digest}
	seen := map[string]bool{}
	for _, s := range r.Scores {
		for _, f := range s.Data {
			if key := f.Path + "\x00" + f.SHA256; !seen[key] {
				seen[key] = true
				v.Data[f.State]++
			}
		}
		if s.PromptsDigest != "" {
			known, ok := recorded(s.Task)
			v.Prompts[s.Task] = promptsOf(r, s, known, ok)
		}
	}
	if r.Answers != nil {
		all := r.Answers.Asked + r.Answers.Recalled
		v.Remembered, v.Answers = &r.Answers.Recalled, &all
	}
	return v
}

// promptsOf compares a task's requests with what is on record of them, if anything.
func promptsOf(r results.Run, s results.Score, known suite.Fingerprint, ok bool) results.PromptVerdict {
	switch {
	case r.Samples || s.N != s.Total || r.ShotsOverride != nil && (!ok || *r.ShotsOverride != known.Shots):
		return results.PromptsPartial
	case !ok:
		return results.PromptsUnrecorded
	case s.PromptsDigest != known.Digest || s.N != known.Docs:
		return results.PromptsDifferent
	case s.GoldsDigest != known.Golds:
		return results.GoldsDifferent
	}
	return results.PromptsIdentical
}
