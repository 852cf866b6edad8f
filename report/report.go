// Package report writes runs as one HTML page that people can send to each other: the two tables with intervals, the
// published models beside them, what a comparison of two runs says, every task's evidence, and every document with its
// prompt, answers and statistics.
//
// The page is self-contained: it opens from a file, asks the network for nothing and holds the documents as compressed
// chunks that are unpacked when they are looked at. It is the same byte for byte for the same runs and program; the only
// clocks in it are those of run.json. Model output is hostile until shown to be harmless: the page's policy admits the
// program's own script and style and nothing else, and no text of a model, a data set or a manifest becomes markup.
package report

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// Options say what goes beside the runs.
type Options struct {
	// Metric finds the metric of a task's published column by the name that the samples' first mark gives. A task whose
	// metric is unknown has neither intervals from its documents nor scores a document.
	Metric func(task, metric string) (metrics.Metric, bool)
	// Published are the published numbers of the runs' profile, nil for none. Rows are the published models that the runs
	// are held against, one a run, nil for none.
	Published *published.Table
	Rows      []*published.Row
	// Whole returns the whole sample of run k for a condensed one, whose requests it lacks; nil where the samples are whole.
	// It is called by several at once.
	Whole func(k int, s results.Sample) (results.Sample, error)
	// ChangedOnly leaves out the documents that no comparison finds changed: a page to send.
	ChangedOnly bool
	// Tokens shows prompts as tokens; nil where no tokenizer is at hand.
	Tokens Tokens
	// Trend, where it is not nil, is a line of runs that the page shows beside the runs of which it has the documents.
	Trend *Trend
	// Tool is the program's name and version.
	Tool string
}

// MaxRuns is how many runs a page can show.
const MaxRuns = 6

// Write writes the page of runs, the first of which the others are compared with. Runs of different profiles are
// refused with a *compare.Mismatch: their numbers do not belong beside each other. A run that does not say its profile,
// as other programs' do not, is taken.
func Write(w io.Writer, runs []compare.RunData, o Options) error {
	switch {
	case len(runs) == 0:
		return errors.New("report: no runs given")
	case len(runs) > MaxRuns:
		return fmt.Errorf("%d runs: a report shows at most %d", len(runs), MaxRuns)
	case o.Metric == nil:
		return errors.New("report: no metrics given")
	case o.Rows != nil && len(o.Rows) != len(runs):
		return fmt.Errorf("report: %d published rows for %d runs", len(o.Rows), len(runs))
	}
	if p := ProfileOf(runs); o.Published != nil && p != "" && !o.Published.Serves(p) {
		return fmt.Errorf("report: published numbers of %s beside a run of %s", o.Published.Name, p)
	}
	comparisons, err := compareAll(runs, o)
	if err != nil {
		return err
	}
	tasks, err := collect(runs, comparisons)
	if err != nil {
		return err
	}
	scores := scoreAll(tasks, len(runs), o)
	f := describe(runs, tasks, scores, comparisons, o)
	if o.ChangedOnly {
		if len(runs) < 2 {
			return errors.New("report: changed documents alone take two runs")
		}
		f.keepChanged(tasks, scores)
	}
	manifests := make([]results.Run, len(runs))
	for i, r := range runs {
		manifests[i] = r.Run
	}
	data, err := pack(tasks, manifests, scores, o)
	if err != nil {
		return err
	}
	f.Chunks, f.Pieces = placesOf(data), data.First
	if o.Trend != nil {
		if f.Trend, err = o.Trend.finish(); err != nil {
			return err
		}
	}
	return render(w, f, data)
}

// keepChanged leaves in the tasks' documents, and in the scores of each, what changed in any comparison.
func (f *facts) keepChanged(tasks []task, scores []taskScores) {
	f.ChangedOnly = true
	for t := range tasks {
		changed := func(i int) bool {
			return slices.ContainsFunc(tasks[t].docs[i].outcomes, func(outcome string) bool { return outcome != "" })
		}
		for k, r := range scores[t] {
			var each []float64
			for i, v := range r.each {
				if changed(i) {
					each = append(each, v)
				}
			}
			scores[t][k].each = each
		}
		var docs []document
		for i, d := range tasks[t].docs {
			if changed(i) {
				docs = append(docs, d)
			}
		}
		tasks[t].docs = docs
		f.Tasks[t].Documents = len(docs)
	}
}

// ProfileOf is the profile of the first run that says one, else "".
func ProfileOf(runs []compare.RunData) string {
	for _, r := range runs {
		if r.Run.Profile != "" {
			return r.Run.Profile
		}
	}
	return ""
}

// compareAll compares every further run with the first. What cannot be compared stays in the comparison with its
// reason; only runs of different profiles are refused.
func compareAll(runs []compare.RunData, o Options) ([]compare.Comparison, error) {
	var out []compare.Comparison
	for _, b := range runs[1:] {
		p, err := compare.Pair(runs[0], b)
		var mismatch *compare.Mismatch
		if err != nil && (!errors.As(err, &mismatch) || mismatch.Field == "profile") {
			return nil, err
		}
		c, err := compare.Compare(p, compare.Defaults(o.Metric))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// task is one task of the page: the runs' scores of it and its documents.
type task struct {
	name   string
	scores []*results.Score // one a run, nil where the run lacks the task
	docs   []document
}

// document is one document with what each run has of it.
type document struct {
	samples []*results.Sample // one a run, nil where the run lacks the document
	// outcomes are how further runs did beside the first: "lost", "won", "changed", "" for the same or not comparable.
	outcomes []string
}

// any is a run's sample of the document; the first that has it speaks for what is the document's own.
func (d document) any() *results.Sample {
	i := slices.IndexFunc(d.samples, func(s *results.Sample) bool { return s != nil })
	return d.samples[i]
}
