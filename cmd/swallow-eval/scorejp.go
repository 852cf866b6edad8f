package main

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// scoreJP scores the outputs in a JP harness result again and compares each step with what the file records: the
// extracted answer and the verdict of every document, the accuracy and its standard error to the last bit.
func scoreJP(r results.JPResult) (jpScore, error) {
	if r.Task() != "mgsm" {
		return jpScore{}, fmt.Errorf("%s: details of this task cannot be scored: mgsm's can", r.Name)
	}
	m := metrics.Accuracy("acc")
	s := jpScore{Task: "mgsm", Source: r.Name, N: len(r.Details), Identical: true}
	var stats []metrics.Stat
	for i, d := range r.Details {
		extracted := metrics.MGSMAnswer(d.Completion)
		stat := m.Each(extracted, []string{d.Answer})
		stats = append(stats, stat)
		record := jpRecord{Position: i, Extracted: extracted, Answer: d.Answer, Correct: stat[0] == 1}
		record.Identical = extracted == d.Extracted && record.Correct == d.Correct
		s.Identical = s.Identical && record.Identical
		s.Records = append(s.Records, record)
	}
	s.Value = eval.Score(m, stats)
	s.Recorded.Acc, s.Recorded.StdErr = r.Acc, r.StdErr
	same := s.Value.Value == r.Acc && s.Value.StdErr != nil && *s.Value.StdErr == r.StdErr
	s.Identical = s.Identical && same
	return s, nil
}
