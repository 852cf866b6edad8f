package bbh

import (
	"encoding/json"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// name is lm-eval's for all tasks together. It has a task and a file for each (lm_eval/tasks/bbh/cot_fewshot at 4600d6b).
const name = "bbh_cot_fewshot"

// subjects are the 27 tasks of BIG-Bench Hard.
const subjects = `boolean_expressions causal_judgement date_understanding disambiguation_qa dyck_languages formal_fallacies geometric_shapes
	hyperbaton logical_deduction_five_objects logical_deduction_seven_objects logical_deduction_three_objects movie_recommendation
	multistep_arithmetic_two navigate object_counting penguins_in_a_table reasoning_about_colored_objects ruin_names
	salient_translation_error_detection snarks sports_understanding temporal_sequences tracking_shuffled_objects_five_objects
	tracking_shuffled_objects_seven_objects tracking_shuffled_objects_three_objects web_of_lies word_sorting`

// foreign is the task by other names.
func foreign() tasks.Foreign {
	// lm-eval compares what its filter found with the target, as texts.
	same := []tasks.ExactRule{func(answer, target string, _ tasks.Doc) (string, []string) { return answer, []string{target} }}
	known := []tasks.LMEvalTask{{Name: name, Exact: same}}
	for subject := range strings.FieldsSeq(subjects) {
		known = append(known, tasks.LMEvalTask{Name: name + "_" + subject, Part: true, Exact: same})
	}
	return tasks.Foreign{LMEval: known, LMEvalRow: row, LMEvalDoc: document, Swallow: []tasks.SwallowColumn{{Name: "bbh_cot"}}}
}

// row is a row of lukaemon/bbh, whose configurations are the tasks.
func row(r python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	columns, whole := tasks.TextColumns(r, "input", "target")
	return tasks.LMEvalRow{Doc: columns, Target: d.Target, Whole: whole}, nil
}

// document takes the text of the examples from the prompt.
func document(raw json.RawMessage, prompt string) (tasks.Doc, error) {
	r := record.Read("doc", 0, raw)
	d := tasks.Doc{ID: tasks.RowID(0), Input: r.Filled("input"), Target: r.Filled("target")}
	d.Context, _ = strings.CutSuffix(prompt, question(d.Input))
	d.Targets = []string{d.Target}
	return d, r.Err()
}
