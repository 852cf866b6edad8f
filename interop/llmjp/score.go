package llmjp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Scorer scores outputs of llm-jp-eval beside the files of scores that it was shown.
type Scorer struct {
	*series.Scorer
	scores []*scoresFile
}

// scoresFile is a file of scores that llm-jp-eval 1.1 writes beside its outputs.
type scoresFile struct {
	path   string
	scores Scores
	used   bool
}

// Scores remembers a file of scores.
func (s *Scorer) Scores(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	scores, err := ReadScores(path, f)
	s.scores = append(s.scores, &scoresFile{path: path, scores: scores})
	return errors.Join(err, f.Close())
}

// scoresBeside returns the scores of output_X.json, which are in score_X.json of its folder, or in the only file of
// scores there.
func (s *Scorer) scoresBeside(path string) Scores {
	var beside []*scoresFile
	for _, f := range s.scores {
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
		return Scores{}
	}
	beside[0].used = true
	return beside[0].scores
}

// output is a scored output of llm-jp-eval whose metric is known only at the file's end.
type output struct {
	record  Record
	problem error
}

// Outputs scores the outputs of llm-jp-eval data set by data set, under every metric that is recorded for the set,
// or under our task's own where none is.
func (s *Scorer) Outputs(path string) ([]series.Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	outputs := map[string][]output{}
	var order []string
	file, err := Read(path, f, func(dataset string, i int, r Record, problem error) error {
		if i == 0 {
			if _, twice := outputs[dataset]; twice {
				return fmt.Errorf("the outputs of %q occur twice", dataset)
			}
			order = append(order, dataset)
		}
		outputs[dataset] = append(outputs[dataset], output{r, problem})
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	scores := file.Scores
	if len(scores) == 0 {
		scores = s.scoresBeside(path)
	}
	var list []series.Series
	seen := map[string]bool{}
	for _, dataset := range order {
		name := dataset
		if name == "" {
			name = file.Target
		}
		seen[name] = true
		list = append(list, s.dataset(path, name, outputs[dataset], scores))
	}
	for _, dataset := range scores.Datasets() {
		if !seen[dataset] {
			list = append(list, s.Begin(path, series.KindLLMJP, dataset, tasks.LLMJPEval, "a score is recorded, and the file holds no outputs"))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it holds no outputs", path)
	}
	return list, nil
}

// dataset scores one data set.
func (s *Scorer) dataset(path, dataset string, outputs []output, scores Scores) series.Series {
	base := s.Begin(path, series.KindLLMJP, dataset, tasks.LLMJPEval, "")
	names := scores.Metrics(dataset)
	if t, ok := s.Task(dataset, tasks.LLMJPEval); ok && len(t.Spec().Metrics) > 0 {
		if own := t.Spec().Metrics[0].Name; !slices.Contains(names, own) {
			names = append([]string{own}, names...)
		}
	}
	known, holes := metricsOf(dataset, names, scores)
	t := series.NewTally(base, known)
	switch {
	case dataset == "":
		t.Hole, t.Total = "the file does not say of which data set its outputs are", len(outputs)
	case len(names) == 0:
		t.Hole, t.Total = "no score is recorded for it and it is no task of "+s.Profile+", so its metric is not known", len(outputs)
	case len(known) == 0:
		t.Hole, t.Total = strings.Join(names, ", ")+": none of this program's metrics", len(outputs)
	default:
		for i, o := range outputs {
			take(t, series.Place{Record: i}, o)
		}
	}
	out := t.Finish(func(key string) series.Recorded {
		if r, ok := scores[dataset+"_"+key]; ok {
			return r
		}
		return series.ParseRecorded(nil)
	})
	if out.Hole == "" {
		out.Values = append(out.Values, holes...)
	}
	return out
}

// WithoutOutputs lists the recorded data sets that no file holds outputs of.
func (s *Scorer) WithoutOutputs() []series.Series {
	var list []series.Series
	for _, f := range s.scores {
		for _, dataset := range f.scores.Datasets() {
			if !f.used {
				out := s.Begin(f.path, series.KindLLMJPScores, dataset, tasks.LLMJPEval, series.Without)
				out.Totals = map[string]series.Recorded{}
				for _, metric := range f.scores.Metrics(dataset) {
					out.Totals[metric] = f.scores[dataset+"_"+metric]
				}
				list = append(list, out)
			}
		}
	}
	return list
}

// metricsOf finds the metrics of the names, with a hole for each that is none of this program's.
func metricsOf(dataset string, names []string, scores Scores) (known []metrics.Metric, holes []series.Value) {
	for _, name := range names {
		switch name {
		case "exact_match":
			known = append(known, metrics.ExactMatch())
		case "char_f1":
			known = append(known, metrics.CharF1())
		default:
			holes = append(holes, series.Hole(name, scores[dataset+"_"+name], "the metric is none of this program's"))
		}
	}
	return known, holes
}

// take scores one output under all metrics.
func take(t *series.Tally, at series.Place, o output) {
	if o.problem != nil {
		t.Refuse(at, nil, o.problem)
		return
	}
	same := make([]string, len(t.Metrics))
	for k := range same {
		same[k] = o.record.Pred
	}
	t.Add(at, nil, same, []string{o.record.Gold}, nil, results.Sample{
		DocHash: series.ContentHash("llm-jp-eval", o.record.Input, o.record.Gold), Exchanges: series.AskedOnce(o.record.Prompt, nil),
	})
}
