package mgsm

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// foreign is the task by other names. lm-eval 0.4 has its documents under several prompts, none of them ours.
func foreign() tasks.Foreign {
	exact := []tasks.ExactRule{sameText}
	return tasks.Foreign{
		LMEval: []tasks.LMEvalTask{
			{Name: "mgsm"},
			{Name: "mgsm_direct_ja", Exact: exact},
			{Name: "mgsm_native_cot_ja", Exact: exact},
			{Name: "mgsm_en_cot_ja", Exact: exact},
			{Name: "ja_leaderboard_mgsm"},
		},
		JPHarness: tasks.JPHarness{Name: "mgsm", Score: fromDetail},
		Swallow:   []tasks.SwallowColumn{{Name: "MATH (mgsm_ja)"}},
	}
}

// sameText compares with the one target, case and ASCII punctuation ignored.
func sameText(answer, target string, _ tasks.Doc) (string, []string) {
	plain := func(s string) string { return pytext.DeleteASCIIPunctuation(pytext.Lower(s)) }
	return plain(answer), []string{plain(target)}
}

// fromDetail extracts the answer anew; the harness keeps its own beside the completion.
func fromDetail(d tasks.JPDetail) (outputs, targets []string, recorded map[string]string, err error) {
	if d.Completion == nil || d.Answer == nil || d.Extracted == nil || d.Correct == nil {
		return nil, nil, nil, errors.New("completion, extracted_answer, answer or acc is missing")
	}
	recorded = map[string]string{"extracted_answer": *d.Extracted, "acc": fmt.Sprint(*d.Correct)}
	return []string{metrics.MGSMAnswer(*d.Completion)}, []string{*d.Answer}, recorded, nil
}
