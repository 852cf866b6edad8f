package xwino

import (
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
)

// foreign is the task by other names: lm_eval/tasks/xwinograd at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval: []tasks.LMEvalTask{{Name: "xwinograd_en"}},
		LMEvalRow: func(row python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
			doc, whole := tasks.TextColumns(row, "sentence", "option1", "option2", "answer")
			return tasks.LMEvalRow{Doc: doc, Target: strings.TrimPrefix(d.Target, " "), Whole: whole}, nil
		},
		WriteOut: tasks.WriteOut{Scored: harness.WrittenChoice},
		Swallow:  []tasks.SwallowColumn{{Name: "xwinograd_en"}},
	}
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut = tasks.WriteOut{}
	return f
}
