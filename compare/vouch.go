package compare

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Vouched returns the run with a hole in place of every score that its samples contradict: another number of documents
// than recorded, or another score. Scores without samples stay as they are recorded, and their tasks are named.
func (d RunData) Vouched(find func(task, metric string) (metrics.Metric, bool)) (RunData, []string) {
	var alone []string
	scores := d.Run.Scores
	d.Run.Scores = nil
	for _, s := range scores {
		samples := d.Samples[s.Task]
		switch {
		case s.Hole != "":
		case len(samples) == 0 && s.SamplesFile != "":
			s.Hole = "its samples, " + s.SamplesFile + ", hold no document"
		case len(samples) == 0:
			alone = append(alone, s.Task)
		case s.N != 0 && s.N != len(samples):
			s.Hole = fmt.Sprintf("%d documents are recorded, its samples hold %d", s.N, len(samples))
		default:
			docs := make([]DocPair, len(samples))
			for i := range samples {
				docs[i] = DocPair{&samples[i], &samples[i]}
			}
			if _, mismatch := newEvidence(TaskPair{A: s, B: s, Docs: docs}, Options{Metric: find}); mismatch != nil {
				s.Hole = fmt.Sprintf("its samples contradict it: %s: %s", mismatch.Field, mismatch.A)
			}
		}
		if s.Hole != "" {
			s.Values = nil
		}
		d.Run.Scores = append(d.Run.Scores, s)
	}
	return d, alone
}
