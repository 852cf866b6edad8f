package report

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// Trend is a line of runs of one model in order, such as its checkpoints. Runs are added one after the other, of which
// two at a time are kept.
type Trend struct {
	options Options
	steps   int
	last    compare.RunData
	facts   trendFacts
}

// trendFacts are what the page knows of a trend. Arrays have an element a run.
type trendFacts struct {
	Runs  []trendRun  `json:"runs"`
	Tasks []trendTask `json:"tasks"`
	// Alpha is the error that every step's tests are held to: the family's, shared among the steps.
	Alpha float64 `json:"alpha"`
}

type trendRun struct {
	Name  string `json:"name"`
	Model string `json:"model"`
	// Incomplete tells that the run's status is not complete.
	Incomplete bool `json:"incomplete,omitempty"`
}

// trendTask is one task's scores; a language's average has no Task.
type trendTask struct {
	Task     string  `json:"task"`
	Title    string  `json:"title"`
	Language string  `json:"language"`
	Cells    []*cell `json:"cells"`
	// Steps are the verdicts on the step from the run before, "" for none.
	Steps []string `json:"steps"`
}

// NewTrend begins a trend of so many runs, at least two.
func NewTrend(runs int, o Options) (*Trend, error) {
	switch {
	case runs < 2:
		return nil, errors.New("a trend takes at least two runs")
	case o.Metric == nil:
		return nil, errors.New("report: no metrics given")
	}
	return &Trend{options: o, steps: runs - 1, facts: trendFacts{Alpha: compare.Defaults(o.Metric).Alpha / float64(runs-1)}}, nil
}

// Add adds the next run. Runs of different profiles are refused with a *compare.Mismatch, as Write refuses them.
func (t *Trend) Add(r compare.RunData) error {
	verdicts, err := t.step(r)
	if err != nil {
		return err
	}
	at := len(t.facts.Runs)
	if at > t.steps {
		return fmt.Errorf("report: more than %d runs in a trend", t.steps+1)
	}
	t.facts.Runs = append(t.facts.Runs, trendRun{Name: lastPart(r.Name), Model: r.Run.Model.Name, Incomplete: r.Run.Status != "" && r.Run.Status != "complete"})
	tasks, err := collect([]compare.RunData{r}, nil)
	if err != nil {
		return err
	}
	for i, score := range scoreAll(tasks, 1, t.options) {
		row := t.row(*tasks[i].scores[0])
		row.Cells = append(row.Cells, make([]*cell, at-len(row.Cells))...)
		row.Steps = append(row.Steps, make([]string, at-len(row.Steps))...)
		row.Cells, row.Steps = append(row.Cells, score[0].cell), append(row.Steps, verdicts[row.Task])
	}
	t.last = r
	return nil
}

// row is the task's row, new where no run before had the task.
func (t *Trend) row(s results.Score) *trendTask {
	for i := range t.facts.Tasks {
		if t.facts.Tasks[i].Task == s.Task {
			return &t.facts.Tasks[i]
		}
	}
	title := s.Title
	if title == "" {
		title = s.Task
	}
	t.facts.Tasks = append(t.facts.Tasks, trendTask{Task: s.Task, Title: textsafe.Terminal(title), Language: s.Language})
	return &t.facts.Tasks[len(t.facts.Tasks)-1]
}

// step compares a run with the one before it, with Holm over its tasks at the step's share of the family's error.
func (t *Trend) step(r compare.RunData) (map[string]string, error) {
	if len(t.facts.Runs) == 0 {
		return nil, nil
	}
	p, err := compare.Pair(t.last, r)
	var mismatch *compare.Mismatch
	if err != nil && (!errors.As(err, &mismatch) || mismatch.Field == "profile") {
		return nil, err
	}
	o := compare.Defaults(t.options.Metric)
	o.Alpha = t.facts.Alpha
	c, err := compare.Compare(p, o)
	if err != nil {
		return nil, err
	}
	verdicts := map[string]string{}
	for _, row := range c.Tasks {
		verdicts[row.Task] = string(row.Verdict)
	}
	return verdicts, nil
}

// finish fills up the rows of tasks that the last runs lack and adds the mean of each language whose every task every
// run has.
func (t *Trend) finish() (*trendFacts, error) {
	n := len(t.facts.Runs)
	if n != t.steps+1 {
		return nil, fmt.Errorf("report: a trend of %d runs has %d", t.steps+1, n)
	}
	var codes []string
	for i := range t.facts.Tasks {
		row := &t.facts.Tasks[i]
		row.Cells = append(row.Cells, make([]*cell, n-len(row.Cells))...)
		row.Steps = append(row.Steps, make([]string, n-len(row.Steps))...)
		codes = append(codes, row.Language)
	}
	out := t.facts
	out.Tasks = append([]trendTask{}, t.facts.Tasks...)
	for _, language := range results.Languages(codes) {
		if mean, ok := t.mean(language); ok {
			out.Tasks = append(out.Tasks, mean)
		}
	}
	return &out, nil
}

func (t *Trend) mean(language string) (trendTask, bool) {
	n := len(t.facts.Runs)
	mean := trendTask{Language: language, Cells: make([]*cell, n), Steps: make([]string, n)}
	for k := range n {
		sum, count := 0.0, 0
		for _, row := range t.facts.Tasks {
			if row.Language != language {
				continue
			}
			if row.Cells[k] == nil {
				return mean, false
			}
			sum += row.Cells[k].Score
			count++
		}
		if count < 2 {
			return mean, false
		}
		mean.Cells[k] = &cell{Score: sum / float64(count)}
	}
	return mean, true
}
