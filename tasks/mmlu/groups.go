package mmlu

import (
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// groups are the harness's four, in the order of its table.
func groups() []string { return []string{"humanities", "other", "social_sciences", "stem"} }

// groupOf is the group of a subject, "" where there is no such subject. Source: lm_eval/tasks/mmlu/_generate_configs.py at 4600d6b.
func groupOf(subject string) string {
	for group, subjects := range subjectsByGroup() {
		for name := range strings.FieldsSeq(subjects) {
			if name == subject {
				return group
			}
		}
	}
	return ""
}

// subjectsByGroup are the 57 subjects, which are the names of lm-eval's tasks behind "mmlu_".
func subjectsByGroup() map[string]string {
	return map[string]string{
		"humanities": "formal_logic high_school_european_history high_school_us_history high_school_world_history international_law jurisprudence " +
			"logical_fallacies moral_disputes moral_scenarios philosophy prehistory professional_law world_religions",
		"other": "business_ethics clinical_knowledge college_medicine global_facts human_aging management marketing medical_genetics miscellaneous " +
			"nutrition professional_accounting professional_medicine virology",
		"social_sciences": "econometrics high_school_geography high_school_government_and_politics high_school_macroeconomics " +
			"high_school_microeconomics high_school_psychology human_sexuality professional_psychology public_relations security_studies sociology us_foreign_policy",
		"stem": "abstract_algebra anatomy astronomy college_biology college_chemistry college_computer_science college_mathematics college_physics " +
			"computer_security conceptual_physics electrical_engineering elementary_mathematics high_school_biology high_school_chemistry " +
			"high_school_computer_science high_school_mathematics high_school_physics high_school_statistics machine_learning",
	}
}

// foreign is the task by other names. lm-eval 0.4 has a task and a file for each subject (lm_eval/tasks/mmlu/default at 4600d6b).
func foreign() tasks.Foreign {
	columns := []tasks.SwallowColumn{{Name: "mmlu"}}
	for _, g := range groups() {
		columns = append(columns, tasks.SwallowColumn{Name: "mmlu_" + g, Metric: "acc_" + g})
	}
	known := []tasks.LMEvalTask{{Name: "mmlu"}}
	for _, g := range groups() {
		for subject := range strings.FieldsSeq(subjectsByGroup()[g]) {
			known = append(known, tasks.LMEvalTask{Name: "mmlu_" + subject, Part: true})
		}
	}
	return tasks.Foreign{LMEval: known, LMEvalRow: row, Swallow: columns}
}

// row is a row of cais/mmlu. The harness's target is the index of the choice.
func row(r python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	columns, whole := r.Pick("question", "subject", "choices", "answer")
	return tasks.LMEvalRow{Doc: columns, Target: d.Targets[0], Whole: whole}, nil
}
