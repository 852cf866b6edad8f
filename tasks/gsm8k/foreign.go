package gsm8k

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// foreign is the task by other names: lm_eval/tasks/gsm8k at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval: []tasks.LMEvalTask{{Name: "gsm8k", Holds: isRow, Exact: []tasks.ExactRule{exact(true), exact(false)}}},
		LMEvalRow: func(row python.Object, _ tasks.Doc) (tasks.LMEvalRow, error) {
			doc, whole := tasks.TextColumns(row, "question", "answer")
			return tasks.LMEvalRow{Doc: doc, Target: doc.Text("answer"), Whole: whole}, nil
		},
		WriteOut: tasks.WriteOut{
			Holds: func(d tasks.WriteOutDoc) bool {
				var truth string
				return d.Metrics["acc"] != "" && json.Unmarshal(d.Truth, &truth) == nil && strings.Contains(truth, "#### ")
			},
			Scored: carried,
		},
		Swallow: []tasks.SwallowColumn{{Name: "gsm8k"}},
	}
}

// isRow finds a solution that ends in its figure.
func isRow(row map[string]json.RawMessage) bool {
	var answer string
	return json.Unmarshal(row["answer"], &answer) == nil && strings.Contains(answer, "#### ") && row["question"] != nil
}

// exact deletes commas, dollar signs, everything up to the last "#### " and, since 0.4.1, a final point, and folds case.
func exact(point bool) tasks.ExactRule {
	clean := func(s string) string {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ",", ""), "$", "")
		if i := strings.LastIndex(s, "#### "); i >= 0 {
			s = s[i+len("#### "):]
		}
		if point {
			s = finalPoint.ReplaceAllString(s, "$1")
		}
		return pytext.Lower(s)
	}
	return func(answer, target string, _ tasks.Doc) (string, []string) {
		return clean(answer), []string{clean(target)}
	}
}

// finalPoint is what Python's \.$ matches: a point at the end or before a final line feed.
var finalPoint = regexp.MustCompile(`\.(\n?)\z`)

// carried compares the figures of the answer and of the whole solution that the file has as the truth.
func carried(_ tasks.Task, d tasks.WriteOutDoc) (outputs, targets []string, err error) {
	text, err := tasks.OnlyText(d.Answers)
	if err != nil {
		return nil, nil, err
	}
	var truth string
	if json.Unmarshal(d.Truth, &truth) != nil || metrics.GSM8KAnswer(truth) == metrics.Invalid {
		return nil, nil, errors.New(`truth holds no "#### " with a number`)
	}
	return []string{metrics.GSM8KAnswer(text)}, []string{metrics.GSM8KAnswer(truth)}, nil
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote; what a file of lm-eval 0.4 records is our own metric.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut, f.LMEval[0].Exact = tasks.WriteOut{}, nil
	return f
}
