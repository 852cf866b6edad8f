package lmeval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// aboutSample is what a sample of lm-eval 0.4 holds of its document.
func aboutSample(r Sample) results.Sample {
	about := results.Sample{DocHash: series.RowHash(r.Doc)}
	for i, a := range r.Answers {
		if r.Prompts != nil {
			about.Exchanges = append(about.Exchanges, series.Answered(r.Prompts[i], r.Continuations[i], a))
		}
	}
	return about
}

// addOrigin adds what an exported sample tells beyond lm-eval's.
func addOrigin(about *results.Sample, o Origin) {
	about.Cluster, about.Fault = o.Cluster, o.Fault
	for i, seen := range o.Seen[:min(len(o.Seen), len(about.Exchanges))] {
		x := &about.Exchanges[i]
		x.Finish, x.PromptTokens, x.OutputTokens, x.Dropped, x.Lost, x.Verdict = seen.Finish, seen.PromptTokens, seen.OutputTokens, seen.Dropped, seen.Lost, seen.Verdict
	}
}

// asRecorded are the documents of a task that is none of ours under the metrics, by name, that the file records of every
// document as a number from 0 to 1. What marks a missing number ("N/A", -1) is none; lacks says which of a
// document's values is none where no metric is left.
func (s *filtered) asRecorded() (samples []results.Sample, by []metrics.Metric, lacks string) {
	all := map[string]bool{}
	for _, r := range s.records {
		for name := range r.values {
			all[name] = true
		}
	}
	if len(all) == 0 {
		return nil, nil, "no metric is recorded of a document"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		problem := ""
		for _, r := range s.records {
			v := series.ParseRecorded(r.values[name])
			if v.Hole == "" && v.Value <= 1 {
				continue
			}
			if problem = v.Text; problem == "" {
				problem = "missing"
			}
			if lacks == "" {
				lacks = fmt.Sprintf("%s is %.40s of document %.40s", name, problem, r.id)
			}
			break
		}
		if problem == "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil, lacks
	}
	for _, name := range names {
		by = append(by, series.RecordedMean(name))
	}
	slices.SortStableFunc(s.records, func(a, b record) int { return compareIDs(a.id, b.id) })
	for i, r := range s.records {
		about := r.about
		about.DocID, about.Position = r.id, i
		for _, m := range by {
			about.Marks = append(about.Marks, results.Mark{Metric: m.Name, Output: string(r.values[m.Name]), Stat: metrics.Stat{series.ParseRecorded(r.values[m.Name]).Value}})
		}
		samples = append(samples, about)
	}
	return samples, by, ""
}
