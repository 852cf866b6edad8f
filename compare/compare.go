package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// SchemaVersion is the version of Comparison's JSON. Version 2 has intervals and detectable losses of the deciding test, left out where runs are identical, and
// averages that may be gated; files of version 1 are read.
const SchemaVersion = 2

// Options say how to compare. The zero value lacks a Metric; Defaults has every field in force.
type Options struct {
	// Metric finds the metric of a task's published column by the name that the samples' first mark gives.
	Metric func(task, metric string) (metrics.Metric, bool)
	// Tasks are the gate set, fixed in advance; nil is every task of either run. Others are left out of the comparison.
	Tasks []string
	// Margin is the accepted loss as a share, 0.01 for a point; nil is 0 for different models and, for one model in other
	// arithmetic, 0.005 or, of a small task, what not one flipped document leaves open.
	Margin *float64
	// GateAverage makes the averages further hypotheses of the gate.
	GateAverage bool
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
	SchemaVersion int    `json:"schema_version"`
	Tier          Tier   `json:"tier"`
	Profile       string `json:"profile"`
	// Across names the two profiles where the runs are of different ones.
	Across string  `json:"across_profiles,omitempty"`
	A      Side    `json:"a"`
	B      Side    `json:"b"`
	Alpha  float64 `json:"alpha"`
	Seed   uint64  `json:"seed"`
	// Adjustment is "holm" or "benjamini-hochberg".
	Adjustment string `json:"adjustment"`
	// Family is how many tests were adjusted together: tasks, averages that are gated, and those of other runs compared
	// with the same first.
	Family int              `json:"family,omitempty"`
	Tasks  []TaskComparison `json:"tasks"`
	// Chosen tells that the gate set was named, so that a run which lacks other tasks is whole for it.
	Chosen bool `json:"tasks_chosen,omitempty"`
	// OnlyA and OnlyB are tasks of the gate set that the other run lacks.
	OnlyA []string `json:"only_a,omitempty"`
	OnlyB []string `json:"only_b,omitempty"`
	// Refused is why no task at all could be compared.
	Refused *Mismatch `json:"refused,omitempty"`
	// Averages are gated where that was asked for: an average finds a loss that every task has a little of, and hides one
	// that another task makes up for.
	Averages []Average `json:"averages,omitempty"`
	// Untested says of averages that task files ask for why they are not among them.
	Untested []string `json:"untested,omitempty"`

	groups []results.Group // the averages that task files ask for, of both runs
}

// Refuse makes the report of a pairing that Pair refused, so that a refusal reaches every format: err is what it returned.
func Refuse(p Pairing, o Options, err error) Comparison {
	c := newComparison(p, o)
	if !errors.As(err, &c.Refused) {
		c.Refused = &Mismatch{Field: jsonwords.Text(err)}
	}
	c.OnlyA, c.OnlyB = p.OnlyA, p.OnlyB
	for _, t := range p.Tasks {
		c.Tasks = append(c.Tasks, newTaskTest(t, o).row)
	}
	return c
}

func newComparison(p Pairing, o Options) Comparison {
	return Comparison{
		SchemaVersion: SchemaVersion, Tier: p.Tier, Profile: p.A.Run.Profile, Across: p.Across, Alpha: o.Alpha, Seed: o.Seed, Adjustment: "holm",
		Tasks: []TaskComparison{},
		A:     sideOf(p.A), B: sideOf(p.B), groups: askedGroups(p.A.Run, p.B.Run),
	}
}

// ReadSeveral reads comparisons that were stored as JSON, of one run or of several.
func ReadSeveral(path string) (Several, error) {
	c, err := ReadComparison(path)
	if err == nil {
		return Several{SchemaVersion, []Comparison{c}}, nil
	}
	b, other := os.ReadFile(path)
	var s Several
	if other != nil || json.Unmarshal(b, &s) != nil || len(s.Comparisons) == 0 {
		return s, err
	}
	if s.SchemaVersion > SchemaVersion {
		return s, fmt.Errorf("%s: schema version %d: %w", path, s.SchemaVersion, results.ErrNewer)
	}
	for _, c := range s.Comparisons {
		if err := c.check(path); err != nil {
			return s, err
		}
	}
	return s, nil
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
	return c, c.check(path)
}

// check finds what no comparison stores.
func (c Comparison) check(path string) error {
	switch {
	case c.SchemaVersion > SchemaVersion:
		return fmt.Errorf("%s: schema version %d: %w", path, c.SchemaVersion, results.ErrNewer)
	case c.SchemaVersion < 1 || !slices.Contains([]Tier{TierIdentical, TierEquivalent, TierDifferent}, c.Tier):
		return fmt.Errorf("%s: not a comparison as --format json stores it", path)
	}
	for _, t := range c.Tasks {
		if t.Verdict == Incomparable && t.Mismatch == nil {
			return fmt.Errorf("%s: %s is incomparable without a reason", path, t.Task)
		}
	}
	return nil
}

// Side identifies a run.
type Side struct {
	Name  string        `json:"name"`
	Model results.Model `json:"model"`
	Limit string        `json:"limit,omitempty"`
	// Status is the run's, "" or "complete" where nothing is missing.
	Status string `json:"status,omitempty"`
	// InventedData is the run's.
	InventedData string `json:"invented_data,omitempty"`
}

func sideOf(r RunData) Side {
	return Side{r.Name, r.Run.Model, r.Run.Limit, r.Run.Status, r.Run.InventedData}
}

// Compare tests every task of the pairing and adjusts for their number. Its numbers depend on what the runs hold, the
// options and nothing else: not on the order of tasks or documents, nor on how many are compared at a time.
func Compare(p Pairing, o Options) (Comparison, error) {
	c := newComparison(p, o)
	if err := o.check(); err != nil {
		return c, err
	}
	pairs, err := c.choose(p, o.Tasks)
	if err != nil {
		return c, err
	}
	family{[]*Comparison{&c}, [][]taskTest{testAll(pairs, o)}}.conclude(o)
	return c, nil
}

// testAll runs every task's test.
func testAll(pairs []TaskPair, o Options) []taskTest {
	tests := make([]taskTest, len(pairs))
	var group errgroup.Group
	group.SetLimit(workers(o.Workers))
	for i := range pairs {
		group.Go(func() error {
			tests[i] = newTaskTest(pairs[i], o)
			return nil
		})
	}
	_ = group.Wait() // no test returns an error
	return tests
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// choose keeps the gate set.
func (c *Comparison) choose(p Pairing, gate []string) ([]TaskPair, error) {
	c.Chosen = gate != nil
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
