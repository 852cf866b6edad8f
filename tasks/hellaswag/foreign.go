package hellaswag

import (
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
)

// foreign is the task by other names: lm_eval/tasks/hellaswag at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval:    []tasks.LMEvalTask{{Name: "hellaswag", Holds: tasks.Columns("ctx_a", "endings")}},
		LMEvalRow: lmevalRow,
		WriteOut:  tasks.WriteOut{Scored: harness.WrittenChoice},
		Swallow:   []tasks.SwallowColumn{{Name: "hellaswag"}},
	}
}

// lmevalRow is a row with what the task's process_docs adds. A label is a text on the hub.
func lmevalRow(row python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	doc, whole := row.Pick("ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "source_id", "split", "split_type", "label")
	label := d.Targets[0]
	doc[len(doc)-1].Value = label
	choices := make([]any, len(d.Choices))
	for i, c := range d.Choices {
		choices[i] = c
	}
	doc = append(doc, python.Member{Name: "query", Value: d.Input}, python.Member{Name: "choices", Value: choices},
		python.Member{Name: "gold", Value: python.Number(label)})
	return tasks.LMEvalRow{Doc: doc, Target: label, Whole: whole}, nil
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut = tasks.WriteOut{}
	return f
}
