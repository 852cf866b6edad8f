package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// SchemaVersion is the version of Comparison's JSON.
const SchemaVersion = 1

// Options say how to compare. The zero value lacks a Metric; Defaults has every field in force.
type Options struct {
	// Metric finds the metric of a task's published column by the name that the samples' first mark gives.
	Metric func(task, metric string) (metrics.Metric, bool)
	// Tasks are the gate set, fixed in advance; nil is every task of either run. Others are left out of the comparison.
	Tasks []string
	// Margin is the accepted loss as a share, 0.01 for a point; nil is 0 for different models and, for one model in other
	// arithmetic, 0.005, or 0.01 below 500 documents.
	Margin *float64
	// Alpha is the family-wise error rate, Seed what resampling draws from.
	Alpha float64
	Seed  uint64
	// Exact takes the conservative McNemar test in place of mid-p.
	Exact bool
	// FDR adjusts by Benjamini and Hochberg in place of Holm: for exploring, not for a gate.
	FDR bool
	// Cluster names the documents that share material; nil takes the samples' own clusters. "" is a cluster of its own.
	Cluster func(s results.Sample) string
	// Workers is how many tasks are compared at a time, 0 for as many as there are processors. No number depends on it.
	Workers int
}

// Defaults are the documented defaults: alpha 0.05, sacreBLEU's seed, Holm, mid-p, every task.
func Defaults(find func(task, metric string) (metrics.Metric, bool)) Options {
	return Options{Metric: find, Alpha: 0.05, Seed: DefaultSeed}
}

// Comparison is the complete evidence of one comparison. It holds no NaN and no infinity, so it can always be stored as
// JSON and read back.
type Comparison struct {
	SchemaVersion int     `json:"schema_version"`
	Tier          Tier    `json:"tier"`
	Profile       string  `json:"profile"`
	A             Side    `json:"a"`
	B             Side    `json:"b"`
	Alpha         float64 `json:"alpha"`
	Seed          uint64  `json:"seed"`
	// Adjustment is "holm" or "benjamini-hochberg".
	Adjustment string           `json:"adjustment"`
	Tasks      []TaskComparison `json:"tasks"`
	// OnlyA and OnlyB are tasks of the gate set that the other run lacks.
	OnlyA []string `json:"only_a,omitempty"`
	OnlyB []string `json:"only_b,omitempty"`
	// Refused is why no task at all could be compared.
	Refused *Mismatch `json:"refused,omitempty"`
	// Averages are reported and never gated: an average hides compensation.
	Averages []Average `json:"averages,omitempty"`
}

// Refuse makes the report of a pairing that Pair refused, so that a refusal reaches every format: err is what it returned.
func Refuse(p Pairing, o Options, err error) Comparison {
	c := newComparison(p, o)
	if !errors.As(err, &c.Refused) {
		c.Refused = &Mismatch{Field: err.Error()}
	}
	c.OnlyA, c.OnlyB = p.OnlyA, p.OnlyB
	for _, t := range p.Tasks {
		c.Tasks = append(c.Tasks, newTrial(t, o).row)
	}
	return c
}

func newComparison(p Pairing, o Options) Comparison {
	return Comparison{
		SchemaVersion: SchemaVersion, Tier: p.Tier, Profile: p.A.Run.Profile, Alpha: o.Alpha, Seed: o.Seed, Adjustment: "holm",
		Tasks: []TaskComparison{},
		A:     sideOf(p.A), B: sideOf(p.B),
	}
}

// ReadComparison reads a comparison that was stored as JSON.
func ReadComparison(path string) (Comparison, error) {
	var c Comparison
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return c, fmt.Errorf("%s is a directory", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case c.SchemaVersion > SchemaVersion:
		return c, fmt.Errorf("%s: schema version %d: %w", path, c.SchemaVersion, results.ErrNewer)
	case c.SchemaVersion < 1 || !slices.Contains([]Tier{TierIdentical, TierEquivalent, TierDifferent}, c.Tier):
		return c, fmt.Errorf("%s: not a comparison as --format json stores it", path)
	}
	for _, t := range c.Tasks {
		if t.Verdict == Incomparable && t.Mismatch == nil {
			return c, fmt.Errorf("%s: %s is incomparable without a reason", path, t.Task)
		}
	}
	return c, nil
}

// Side identifies a run.
type Side struct {
	Name  string        `json:"name"`
	Model results.Model `json:"model"`
	Limit string        `json:"limit,omitempty"`
	// InventedData is the run's.
	InventedData string `json:"invented_data,omitempty"`
}

func sideOf(r RunData) Side { return Side{r.Name, r.Run.Model, r.Run.Limit, r.Run.InventedData} }

// Compare tests every task of the pairing and adjusts for their number. Its numbers depend on what the runs hold, the
// options and nothing else: not on the order of tasks or documents, nor on how many are compared at a time.
func Compare(p Pairing, o Options) (Comparison, error) {
	c := newComparison(p, o)
	if o.Metric == nil {
		return c, errors.New("compare: no metrics given")
	}
	if !(o.Alpha > 0 && o.Alpha < 1) {
		return c, fmt.Errorf("alpha %v is not between 0 and 1", o.Alpha)
	}
	if o.Margin != nil && !(*o.Margin >= 0 && *o.Margin <= 1) {
		return c, fmt.Errorf("margin %v is not between 0 and 1", *o.Margin)
	}
	pairs, err := c.choose(p, o.Tasks)
	if err != nil {
		return c, err
	}
	trials := make([]trial, len(pairs))
	work := make(chan int)
	var group sync.WaitGroup
	for range min(len(pairs), workers(o.Workers)) {
		group.Go(func() {
			for i := range work {
				trials[i] = newTrial(pairs[i], o)
			}
		})
	}
	for i := range pairs {
		work <- i
	}
	close(work)
	group.Wait()
	c.conclude(trials, o)
	return c, nil
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// choose keeps the gate set.
func (c *Comparison) choose(p Pairing, gate []string) ([]TaskPair, error) {
	if gate == nil {
		c.OnlyA, c.OnlyB = p.OnlyA, p.OnlyB
		return p.Tasks, nil
	}
	var pairs []TaskPair
	for i, task := range gate {
		if slices.Contains(gate[:i], task) {
			return nil, fmt.Errorf("task %s is chosen twice", task)
		}
		at := slices.IndexFunc(p.Tasks, func(t TaskPair) bool { return t.A.Task == task })
		switch {
		case at >= 0:
			pairs = append(pairs, p.Tasks[at])
		case slices.Contains(p.OnlyA, task):
			c.OnlyA = append(c.OnlyA, task)
		case slices.Contains(p.OnlyB, task):
			c.OnlyB = append(c.OnlyB, task)
		default:
			return nil, fmt.Errorf("task %s is in neither run", task)
		}
	}
	return pairs, nil
}

// conclude adjusts the p-values, which fixes each task's level, and with it intervals, detectable drops and verdicts.
func (c *Comparison) conclude(trials []trial, o Options) {
	var ps []float64
	for _, t := range trials {
		if t.row.Verdict != Incomparable {
			ps = append(ps, t.row.P)
		}
	}
	adjust := holm
	if o.FDR {
		adjust, c.Adjustment = benjaminiHochberg, "benjamini-hochberg"
	}
	adjusted, levels := adjust(ps, o.Alpha)
	next := 0
	for _, t := range trials {
		row := t.row
		if row.Verdict != Incomparable {
			row.PAdjusted, row.Alpha = adjusted[next], levels[next]
			next++
			level := 1 - row.Alpha
			if c.Tier == TierEquivalent {
				level = 1 - o.Alpha // every task must pass, which needs no correction
			}
			row.Interval, row.DetectableDrop = t.interval(level), t.detectable(row.Alpha)
			if t.bca != nil {
				b := t.bca.interval(level)
				row.BCa = &b
			}
			row.Margin = margin(o.Margin, c.Tier, row.N)
			row.Underpowered = row.DetectableDrop > row.Margin
			row.judge(c.Tier, o.Alpha)
			if row.LowerIsBetter { // what was tested are gains; what is shown is B minus A
				row.Difference, row.Interval = 0-row.Difference, Interval{-row.Interval.High, -row.Interval.Low, row.Interval.Level}
				if row.BCa != nil {
					row.BCa = &Interval{-row.BCa.High, -row.BCa.Low, row.BCa.Level}
				}
			}
		}
		c.Tasks = append(c.Tasks, row)
	}
	c.Averages = averages(trials, o.Alpha)
}

// Average is the mean of several tasks' scores with the error that the tasks' errors give it.
type Average struct {
	// Name is a language as the scores name it, or "all".
	Name       string   `json:"name"`
	Tasks      []string `json:"tasks"`
	A          float64  `json:"a"`
	B          float64  `json:"b"`
	Difference float64  `json:"difference"`
	StdErr     float64  `json:"stderr"`
	Interval   Interval `json:"interval"`
	P          float64  `json:"p"`
}

// averages are one average a language, in order of appearance, and that of all tasks, over what could be compared.
func averages(trials []trial, alpha float64) []Average {
	var out []Average
	all := Average{Name: "all"}
	variances := map[string]float64{}
	for _, t := range trials {
		if t.row.Verdict == Incomparable || t.row.LowerIsBetter { // an error rate has no place in a mean of shares
			continue
		}
		if l := t.row.Language; l != "" {
			at := slices.IndexFunc(out, func(a Average) bool { return a.Name == l })
			if at < 0 {
				at, out = len(out), append(out, Average{Name: l})
			}
			out[at].add(t.row)
			variances[l] += t.spread * t.spread
		}
		all.add(t.row)
		variances["all"] += t.spread * t.spread
	}
	if len(all.Tasks) > 0 {
		out = append(out, all)
	}
	for i := range out {
		a := &out[i]
		n := float64(len(a.Tasks))
		a.A, a.B, a.Difference = a.A/n, a.B/n, a.Difference/n
		a.StdErr = math.Sqrt(variances[a.Name]) / n
		a.P = positive(math.Erfc(math.Abs(a.Difference) / a.StdErr / math.Sqrt2))
		a.Interval = around(a.Difference, normalQuantile(1-alpha/2)*a.StdErr, 1-alpha)
	}
	return out
}

func (a *Average) add(t TaskComparison) {
	a.Tasks = append(a.Tasks, t.Task)
	a.A += t.A
	a.B += t.B
	a.Difference += t.Difference
}
