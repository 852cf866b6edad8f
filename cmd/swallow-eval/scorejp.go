package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// aggregate is a harness's result file and which of its tasks a series was compared with.
type aggregate struct {
	path  string
	tasks []results.HarnessResult
	used  map[string]bool
}

// dates end the names of lm-eval's files: those of one run have the same.
var dates = regexp.MustCompile(`_(\d{4}-\d{2}-\d{2}T[0-9.-]+)\.jsonl?$`)

func dateOf(path string) string {
	if m := dates.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1]
	}
	return ""
}

// recorded returns what the result files beside a file record of a task: the file's own run's, else one without a date.
func (s *scorer) recorded(path, task string) func(key string) results.Recorded {
	var best *results.HarnessResult
	for _, a := range s.aggregates {
		i := slices.IndexFunc(a.tasks, func(r results.HarnessResult) bool { return r.Name == task })
		if i < 0 || filepath.Dir(a.path) != filepath.Dir(path) {
			continue
		}
		if date := dateOf(a.path); date == dateOf(path) || date == "" && best == nil {
			a.used[task] = true
			best = &a.tasks[i]
		}
	}
	return func(key string) results.Recorded {
		if best != nil {
			if r, ok := best.Metrics[key]; ok {
				return r
			}
		}
		return results.ParseRecorded(nil)
	}
}

// withoutOutputs lists the recorded tasks that no file holds outputs of.
func (s *scorer) withoutOutputs() []scored {
	const why = "the file holds no outputs to score"
	var list []scored
	for _, a := range s.aggregates {
		for _, t := range a.tasks {
			if !a.used[t.Name] {
				list = append(list, s.series(a.path, results.KindHarness, t.Name, "", why))
			}
		}
	}
	for _, f := range s.llmjp {
		for _, dataset := range f.scores.Datasets() {
			if !f.used {
				list = append(list, s.series(f.path, results.KindLLMJPScores, dataset, tasks.LLMJPEval, why))
			}
		}
	}
	return list
}

// series begins the series of a foreign task. It is one of ours where its name and the harness are.
func (s *scorer) series(path string, kind results.Kind, source string, harness tasks.Protocol, why string) scored {
	out := scored{File: path, Format: kind, Protocol: string(harness), Source: source, Values: []scoredValue{}, Hole: why}
	if t, ok := s.task(results.HarnessResult{Name: source}.Task(), harness); ok {
		out.Task, out.Title = t.Spec().Name, t.Spec().Title
	}
	return out
}

// jpTask is a task of the JP harness with details.
type jpTask struct {
	*tally
	score func(d results.JPDetail) (outputs, targets []string, recorded map[string]string, err error)
}

// harness scores the details of a result file and keeps what it records of other tasks. Details are scored as they are
// read, before the values that the file records of them.
func (s *scorer) harness(path string) ([]scored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	byName := map[string]jpTask{}
	var order []string
	list, err := results.ReadHarnessResult(path, f, func(name string, i int, d results.JPDetail, problem error) error {
		t, ok := byName[name]
		if !ok {
			t = s.jpTask(path, name)
			byName[name] = t
			order = append(order, name)
		}
		t.take(i, d, problem)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	var out []scored
	rest := &aggregate{path: path, used: map[string]bool{}}
	for _, r := range list {
		if r.Details == 0 {
			rest.tasks = append(rest.tasks, r)
		}
	}
	s.aggregates = append(s.aggregates, rest)
	for _, name := range order {
		i := slices.IndexFunc(list, func(r results.HarnessResult) bool { return r.Name == name })
		out = append(out, byName[name].finish(func(key string) results.Recorded {
			if r, ok := list[i].Metrics[key]; ok {
				return r
			}
			return results.ParseRecorded(nil)
		}))
	}
	return out, nil
}

// jpHoles are the tasks of the JP harness whose details are known not to hold what a score needs.
var jpHoles = map[string]string{
	"jcommonsenseqa": "its details list only the documents answered wrong, without likelihoods",
	"jsquad":         "its exact_match and f1 are of the harness's own jasquad metric, which is none of this program's",
	"jaqket_v2":      "its exact_match and f1 are of the harness's own jasquad metric, which is none of this program's",
}

// jpTask begins a task's series.
func (s *scorer) jpTask(path, name string) jpTask {
	task := results.HarnessResult{Name: name}.Task()
	t := jpTask{tally: newTally(s.series(path, results.KindHarness, name, tasks.HarnessJP, ""), nil)}
	switch task {
	case "mgsm":
		t.scoreBy([]metrics.Metric{metrics.Accuracy("acc")})
		t.score = scoreMGSM
	case "xlsum_ja":
		ours, _ := s.task(task, tasks.HarnessJP)
		spec := ours.Spec()
		t.scoreBy(spec.Metrics)
		t.score, t.Hole = scoreXLSum, holeOf(spec)
	default:
		t.Hole = jpHoles[task]
		if t.Hole == "" {
			t.Hole = "it is not known what its details hold; those of mgsm and xlsum_ja can be scored"
		}
	}
	return t
}

// take scores one document.
func (t jpTask) take(i int, d results.JPDetail, problem error) {
	at := results.Place{Record: i}
	if t.Hole != "" {
		t.Total++
		return
	}
	if problem != nil {
		t.refuse(at, nil, problem)
		return
	}
	outputs, targets, recorded, err := t.score(d)
	if err != nil {
		t.refuse(at, nil, err)
		return
	}
	if text, ok := recorded["extracted_answer"]; ok && text != outputs[0] {
		t.change(at, nil, "extracted_answer", text, outputs[0])
	}
	answer := d.Completion
	if answer == nil {
		answer = d.Response
	}
	t.add(at, nil, outputs, targets, recorded, results.Sample{
		DocHash: contentHash(append([]string{"jp-harness", d.Question}, targets...)...), Exchanges: askedOnce(d.Context, answer),
	})
}

// scoreMGSM extracts the answer anew; the harness keeps its own beside the completion.
func scoreMGSM(d results.JPDetail) (outputs, targets []string, recorded map[string]string, err error) {
	if d.Completion == nil || d.Answer == nil || d.Extracted == nil || d.Correct == nil {
		return nil, nil, nil, errors.New("completion, extracted_answer, answer or acc is missing")
	}
	recorded = map[string]string{"extracted_answer": *d.Extracted, "acc": fmt.Sprint(*d.Correct)}
	return []string{metrics.MGSMAnswer(*d.Completion)}, []string{*d.Answer}, recorded, nil
}

// scoreXLSum takes the summary as it stands.
func scoreXLSum(d results.JPDetail) (outputs, targets []string, recorded map[string]string, err error) {
	var gold string
	if d.Response == nil || json.Unmarshal(d.Gold, &gold) != nil {
		return nil, nil, nil, errors.New("response or gold is missing or no text")
	}
	return []string{*d.Response}, []string{gold}, nil, nil
}
