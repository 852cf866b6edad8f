package squad2

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// foreign is the task by other names: lm_eval/tasks/squadv2 at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval:    []tasks.LMEvalTask{{Name: "squadv2", Holds: tasks.Columns("title", "context", "answers")}},
		LMEvalRow: lmevalRow,
		WriteOut: tasks.WriteOut{
			Holds:  func(d tasks.WriteOutDoc) bool { return d.Metrics["HasAns_exact"] != "" },
			Scored: carried,
		},
		Swallow: []tasks.SwallowColumn{{Name: "squad2"}, {Name: "squad2_best_exact", Metric: "best_exact"}},
		Pair:    &tasks.Pair{Metric: "exact", Read: readPair, Write: writePair},
	}
}

// lmevalRow is a row of SQuAD 2.0. Rebuilt files know no positions of the answers.
func lmevalRow(row python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	doc, whole := row.Pick("id", "title", "context", "question")
	answers, answered := row.Object("answers").Pick("text", "answer_start")
	texts, _ := answers[0].Value.([]any)
	starts, _ := answers[1].Value.([]any)
	doc = append(doc, python.Member{Name: "answers", Value: answers})
	return tasks.LMEvalRow{Doc: doc, Target: d.Target, Whole: whole && answered && len(texts) == len(starts)}, nil
}

// carried finds the gold answers in what the harness prints of its metric, which it aggregates later.
func carried(t tasks.Task, d tasks.WriteOutDoc) (outputs, targets []string, err error) {
	text, ok := d.Metrics["exact"]
	if !ok {
		return nil, nil, errors.New("exact, which carries the gold answers, is missing")
	}
	v, err := python.Literal(text)
	var pair tasks.PairOf
	if err == nil {
		pair, err = readPair(v)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the gold answers are not in exact: %w", err)
	}
	doc := tasks.Doc{Targets: pair.References}
	if len(doc.Targets) == 0 {
		doc.Targets = []string{""}
	}
	responses, err := tasks.Answered(t.Requests(doc, tasks.Unlimited{}), d.Answers)
	if err != nil {
		return nil, nil, err
	}
	return t.Outputs(doc, responses), doc.Targets, nil
}

// readPair reads ({'id', 'prediction_text', 'no_answer_probability'}, {'id', 'answers': {'text', 'answer_start'}}).
func readPair(v any) (tasks.PairOf, error) {
	var p tasks.PairOf
	wrong := errors.New("not a pair of a prediction and its answers")
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return p, wrong
	}
	prediction, ok1 := pair[0].(map[string]any)
	reference, ok2 := pair[1].(map[string]any)
	if !ok1 || !ok2 {
		return p, wrong
	}
	answers, ok3 := reference["answers"].(map[string]any)
	texts, ok4 := answers["text"].([]any)
	text, ok1 := prediction["prediction_text"].(string)
	probability, ok2 := python.Float64(prediction["no_answer_probability"])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return p, wrong
	}
	for _, t := range texts {
		reference, ok := t.(string)
		if !ok {
			return p, wrong
		}
		p.References = append(p.References, reference)
	}
	p.Recorded = map[string]string{"prediction_text": text, "no_answer_probability": number(probability)}
	p.Differences = func(answers []tasks.Answer) []tasks.Difference {
		var list []tasks.Difference
		if now := *answers[0].Text; now != text {
			list = append(list, tasks.Difference{What: "prediction_text", Recorded: text, Now: now})
		}
		// exp is another C library's: the last bit may differ.
		if now := math.Exp(*answers[1].Log); math.Abs(now-probability) > 1e-12 {
			list = append(list, tasks.Difference{What: "no_answer_probability", Recorded: number(probability), Now: number(now)})
		}
		return list
	}
	return p, nil
}

// number prints a double in full.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// writePair is the pair of a prediction and its references.
func writePair(row python.Object, outputs map[string]string) (any, error) {
	output, ok := outputs["best_exact"]
	if !ok {
		return nil, errors.New("no best_exact among the metrics")
	}
	p, err := metrics.ParseSQuADPrediction(output)
	if err != nil {
		return nil, err
	}
	id, _ := row.Get("id")
	answers, _ := row.Get("answers")
	return []any{
		python.Object{{Name: "id", Value: id}, {Name: "prediction_text", Value: p.Text}, {Name: "no_answer_probability", Value: p.NoAnswer}},
		python.Object{{Name: "id", Value: id}, {Name: "answers", Value: answers}},
	}, nil
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut = tasks.WriteOut{}
	f.Swallow = []tasks.SwallowColumn{{Name: "squad2", Metric: "exact"}, {Name: "squad2_best_exact", Metric: "best_exact"}}
	return f
}
