package lmeval

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/mmlu"
)

// TestFilesOfOneSubject: lm-eval 0.4 has a file for each subject of MMLU; its number is the accuracy alone, since the groups are
// over files that it does not have.
func TestFilesOfOneSubject(t *testing.T) {
	var lines strings.Builder
	for i, gold := range []int{0, 2} {
		id, right := strconv.Itoa(i), "0.0"
		if gold == 0 {
			right = "1.0"
		}
		lines.WriteString(`{"doc_id":` + id + `,"doc":{"question":"q` + id + `","subject":"anatomy","choices":["a","b","c","d"],"answer":` + strconv.Itoa(gold) + `},"target":` + strconv.Itoa(gold) +
			`,"resps":[[["-1.0","False"]],[["-2.0","False"]],[["-3.0","False"]],[["-4.0","False"]]],"filtered_resps":[["-1.0","False"],["-2.0","False"],["-3.0","False"],["-4.0","False"]],"filter":"none","acc":` + right + "}\n")
	}
	s := &series.Scorer{Profile: "swallow-202411", Tasks: []tasks.Task{mmlu.New()}, Missing: func(tasks.Spec) string { return "" }}
	path := filepath.Join(t.TempDir(), "samples_mmlu_anatomy_2025-01-02T03-04-05.678901.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	list, err := Score(s, path)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Len(t, list[0].Values, 1)
	v := list[0].Values[0]
	assert.Equal(t, []any{"mmlu", "mmlu_anatomy", 2, "acc", 0.5, series.VerdictEach}, []any{list[0].Task, list[0].Source, list[0].N, v.Metric, v.Value.Value, v.Verdict})
	assert.Empty(t, list[0].Changed)
	assert.Empty(t, list[0].Unscored)
	assert.Len(t, mmlu.New().Spec().Known().LMEval, 58, "its own name and 57 subjects")
}
