package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// llmjpScores is a file of scores that llm-jp-eval 1.1 writes beside its outputs.
type llmjpScores struct {
	path   string
	scores results.LLMJPScores
	used   bool
}

func (s *scorer) llmjpScores(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	scores, err := results.ReadLLMJPScores(path, f)
	s.llmjp = append(s.llmjp, &llmjpScores{path: path, scores: scores})
	return errors.Join(err, f.Close())
}

// scoresBeside returns the scores of output_X.json, which are in score_X.json of its folder, or in the only file of
// scores there.
func (s *scorer) scoresBeside(path string) results.LLMJPScores {
	var beside []*llmjpScores
	for _, f := range s.llmjp {
		if filepath.Dir(f.path) != filepath.Dir(path) {
			continue
		}
		beside = append(beside, f)
		if strings.TrimPrefix(filepath.Base(f.path), "score_") == strings.TrimPrefix(filepath.Base(path), "output_") {
			f.used = true
			return f.scores
		}
	}
	if len(beside) != 1 {
		return results.LLMJPScores{}
	}
	beside[0].used = true
	return beside[0].scores
}

// llmjpOutput is a scored output of llm-jp-eval whose metric is known only at the file's end.
type llmjpOutput struct {
	record  results.LLMJPRecord
	problem error
}

// llmjpOutputs scores the outputs of llm-jp-eval data set by data set, under every metric that is recorded for the set,
// or under our task's own where none is.
func (s *scorer) llmjpOutputs(path string) ([]scored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	outputs := map[string][]llmjpOutput{}
	var order []string
	file, err := results.ReadLLMJPEval(path, f, func(dataset string, i int, r results.LLMJPRecord, problem error) error {
		if i == 0 {
			if _, twice := outputs[dataset]; twice {
				return fmt.Errorf("the outputs of %q occur twice", dataset)
			}
			order = append(order, dataset)
		}
		outputs[dataset] = append(outputs[dataset], llmjpOutput{r, problem})
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	scores := file.Scores
	if len(scores) == 0 {
		scores = s.scoresBeside(path)
	}
	var list []scored
	seen := map[string]bool{}
	for _, dataset := range order {
		name := dataset
		if name == "" {
			name = file.Target
		}
		seen[name] = true
		list = append(list, s.llmjpDataset(path, name, outputs[dataset], scores))
	}
	for _, dataset := range scores.Datasets() {
		if !seen[dataset] {
			list = append(list, s.series(path, results.KindLLMJP, dataset, tasks.LLMJPEval, "a score is recorded, and the file holds no outputs"))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it holds no outputs", path)
	}
	return list, nil
}

// llmjpDataset scores one data set.
func (s *scorer) llmjpDataset(path, dataset string, outputs []llmjpOutput, scores results.LLMJPScores) scored {
	base := s.series(path, results.KindLLMJP, dataset, tasks.LLMJPEval, "")
	names := scores.Metrics(dataset)
	if t, ok := s.task(dataset, tasks.LLMJPEval); ok {
		if own := t.Spec().Metrics[0].Name; !slices.Contains(names, own) {
			names = append([]string{own}, names...)
		}
	}
	var known []metrics.Metric
	var holes []scoredValue
	for _, name := range names {
		switch name {
		case "exact_match":
			known = append(known, metrics.ExactMatch())
		case "char_f1":
			known = append(known, metrics.CharF1())
		default:
			holes = append(holes, hole(name, scores[dataset+"_"+name], "the metric is none of this program's"))
		}
	}
	t := newTally(base, known)
	switch {
	case dataset == "":
		t.Hole, t.Total = "the file does not say of which data set its outputs are", len(outputs)
	case len(names) == 0:
		t.Hole, t.Total = "no score is recorded for it and it is no task of "+s.profile.Name+", so its metric is not known", len(outputs)
	case len(known) == 0:
		t.Hole, t.Total = strings.Join(names, ", ")+": none of this program's metrics", len(outputs)
	default:
		for i, o := range outputs {
			at := results.Place{Record: i}
			if o.problem != nil {
				t.refuse(at, nil, o.problem)
				continue
			}
			same := make([]string, len(known))
			for k := range same {
				same[k] = o.record.Pred
			}
			t.add(at, nil, same, []string{o.record.Gold}, nil, results.Sample{
				DocHash: contentHash("llm-jp-eval", o.record.Input, o.record.Gold), Exchanges: askedOnce(o.record.Prompt, nil),
			})
		}
	}
	out := t.finish(func(key string) results.Recorded {
		if r, ok := scores[dataset+"_"+key]; ok {
			return r
		}
		return results.ParseRecorded(nil)
	})
	if out.Hole == "" {
		out.Values = append(out.Values, holes...)
	}
	return out
}
