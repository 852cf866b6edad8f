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
	"github.com/swallow-eval/swallow-eval/tasks/bbh"
	"github.com/swallow-eval/swallow-eval/tasks/math"
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

// scoredFile scores the lines as a file of lm-eval's of that name.
func scoredFile(t *testing.T, name, lines string, known ...tasks.Task) []series.Series {
	path := filepath.Join(t.TempDir(), "samples_"+name+"_2025-01-02T03-04-05.678901.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	list, err := Score(&series.Scorer{Profile: "swallow-202411", Tasks: known, Missing: func(tasks.Spec) string { return "" }}, path)
	require.NoError(t, err)
	return list
}

// TestFilesOfOneTaskOfBBH: lm-eval has a file for each, whose filter found the answer; ours is found in the whole answer.
func TestFilesOfOneTaskOfBBH(t *testing.T) {
	const asked = `"arguments":{"gen_args_0":{"arg_0":"text\n\nQ: Left or right?\nA: Let's think step by step.","arg_1":{}}},`
	line := func(id, target, answer, found, right string) string {
		return `{"doc_id":` + id + `,"doc":{"input":"Left or right?","target":"` + target + `"},"target":"` + target + `",` + asked +
			`"resps":[["` + answer + `"]],"filtered_resps":["` + found + `"],"filter":"get-answer","exact_match":` + right + "}\n"
	}
	list := scoredFile(t, "bbh_cot_fewshot_navigate",
		line("0", "Yes", " So the answer is Yes.", "Yes", "1.0")+line("1", "No", " So the answer is No", "N", "0.0")+line("2", "No", " I do not know", "[invalid]", "0.0"), bbh.New())
	require.Len(t, list, 2)
	for _, s := range list {
		require.Len(t, s.Values, 1, s.Filter)
		assert.Equal(t, []any{"bbh", "bbh_cot_fewshot_navigate", 3, 1.0 / 3}, []any{s.Task, s.Source, s.N, s.Values[0].Value.Value}, s.Filter)
		assert.Empty(t, s.Changed)
		assert.Empty(t, s.Unscored)
	}
	assert.Equal(t, series.VerdictEach, list[0].Values[0].Verdict)
	assert.Len(t, bbh.New().Spec().Known().LMEval, 28, "its own name and 27 tasks")
}

// TestFilesOfMATH: what sympy finds equal and nothing here decides is told as a document that scores differently.
func TestFilesOfMATH(t *testing.T) {
	line := func(id, answer, right string) string {
		return `{"doc_id":` + id + `,"doc":{"problem":"p` + id + `","solution":"It is $\\boxed{x^2}$.","answer":"x^2","subject":"Algebra","level":1,"unique_id":"u"},"target":"x^2",` +
			`"resps":[["` + answer + `"]],"filtered_resps":["` + answer + `"],"filter":"none","exact_match":` + right + "}\n"
	}
	for _, name := range []string{"math_500", "minerva_math500"} {
		list := scoredFile(t, name, line("0", `$\\boxed{x^2}$`, "1")+line("1", `$\\boxed{\\sin x}$`, "0")+line("2", `$\\boxed{\\operatorname{sq}(x)}$`, "1"), math.New())
		require.Len(t, list, 1)
		assert.Equal(t, 1.0/3, list[0].Values[0].Value.Value)
		require.Len(t, list[0].Changed, 1)
		assert.Equal(t, "2", string(list[0].Changed[0].DocID))
	}
}
