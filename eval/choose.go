package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ParseSamples reads which positions of which tasks are evaluated: a JSON object, or the name of a file that holds one. A task goes by
// its own name or its reference's and must be among the chosen. "" is all positions of all tasks, nil. Errors name the flag --samples.
func ParseSamples(s string, chosen []tasks.Task) (map[string][]int, error) {
	if s == "" {
		return nil, nil
	}
	b := []byte(s)
	if !bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		var err error
		if b, err = os.ReadFile(s); err != nil {
			return nil, fmt.Errorf("--samples: %w", err)
		}
	}
	var given map[string][]int
	if err := json.Unmarshal(b, &given); err != nil {
		return nil, fmt.Errorf(`--samples is not of the form {"task":[positions]}: %w`, err)
	}
	samples := map[string][]int{}
	for name, positions := range given {
		known := false
		for _, t := range chosen {
			if s := t.Spec(); s.Name == name || s.Reference == name {
				samples[s.Name], known = positions, true
			}
		}
		if !known {
			return nil, fmt.Errorf("--samples: task %q is not among the --tasks", name)
		}
	}
	return samples, nil
}

// Sampled are the tasks that samples choose positions of; none is an empty list, for nil would be all.
func Sampled(chosen []tasks.Task, samples map[string][]int) []tasks.Task {
	kept := []tasks.Task{}
	for _, t := range chosen {
		if _, ok := samples[t.Spec().Name]; ok {
			kept = append(kept, t)
		}
	}
	return kept
}

// Planned is what is known of a run before it, of its model what identity holds: what a folder of results is asked about.
func (o Options) Planned(identity results.Model) results.Run {
	r := results.Run{Profile: o.Profile.Name, Model: identity, Limit: o.Limit.String(), Samples: o.Samples != nil, ShotsOverride: o.Shots}
	for _, t := range o.Tasks {
		spec := tasks.Bind(t, o.Env).Spec()
		score := results.Score{Task: spec.Name}
		for _, m := range spec.Metrics {
			score.Values = append(score.Values, results.Value{Metric: m.Name, Signature: m.Signature})
		}
		r.Scores = append(r.Scores, score)
	}
	return r
}

// DataInBoth reads the data files that held's scores rest on and the tasks read too, and returns them as they are now: equal scores need
// equal data. A file that cannot be read is left to its task. Where nothing but pinned files is permitted, those are equal already.
func (o Options) DataInBoth(held results.Run, unpinned bool) []results.DataFile {
	used, source := tasks.Datasets(o.Tasks), o.Source()
	for _, s := range held.Scores {
		for _, file := range s.Data {
			pinned := file.State == "official" || file.State == "rebuilt"
			if used[file.Dataset] && (unpinned || !pinned) {
				_, _, _ = source.Rows(file.Dataset, file.Split)
			}
		}
	}
	return source.Files()
}
