package compare

import (
	"math"
	"slices"
)

// Average is the mean of several tasks' scores. Its test flips the signs of what every document, or cluster, adds to it:
// one that several tasks ask is flipped in all of them at once.
type Average struct {
	// Name is a language as the scores name it, "all", or the name of a task file's average.
	Name  string   `json:"name"`
	Tasks []string `json:"tasks"`
	// Group tells that it is a task file's, ByDocument that every document counts alike in it; else every task does.
	Group      bool     `json:"group,omitempty"`
	Metric     string   `json:"metric,omitempty"` // a group's
	ByDocument bool     `json:"by_document,omitempty"`
	A          float64  `json:"a"`
	B          float64  `json:"b"`
	Difference float64  `json:"difference"`
	StdErr     float64  `json:"stderr"`
	Interval   Interval `json:"interval,omitzero"`
	P          float64  `json:"p"`
	// Gated tells that the average was one of the gate's hypotheses. PBeyond, PAdjusted, LeastP, Alpha, Margin and Verdict
	// are then those of a task.
	Gated     bool    `json:"gated,omitempty"`
	PBeyond   float64 `json:"p_beyond_margin,omitempty"`
	PAdjusted float64 `json:"p_adjusted,omitempty"`
	LeastP    float64 `json:"least_p,omitempty"`
	Alpha     float64 `json:"alpha,omitempty"`
	Margin    float64 `json:"margin,omitempty"`
	Verdict   Verdict `json:"verdict,omitempty"`
	// Lost tells that the average, taken alone, fell by more than chance explains: a warning where it is not gated.
	Lost bool `json:"lost,omitempty"`

	law law
}

// averages are one average a language, in order of appearance, and that of all tasks, over what could be compared. Those
// of one task repeat its row, and that of all tasks repeats a language's where there is one language: they are no
// hypotheses of their own.
func averages(tests []taskTest, tier Tier, o Options) []Average {
	var groups [][]int
	var names []string
	add := func(name string, i int) {
		at := slices.Index(names, name)
		if at < 0 {
			at, names, groups = len(names), append(names, name), append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	for i, t := range tests {
		// An error rate has no place in a mean of shares.
		if t.row.Verdict != Incomparable && !t.row.LowerIsBetter && t.row.Language != "" {
			add(t.row.Language, i)
		}
	}
	for i, t := range tests {
		if t.row.Verdict != Incomparable && !t.row.LowerIsBetter {
			add("all", i)
		}
	}
	var out []Average
	for k, name := range names {
		whole := k > 0 && k == len(names)-1 && len(groups[k]) == len(groups[0])
		repeats := whole || len(groups[k]) < 2
		var a Average
		switch {
		case whole:
			a = out[0]
			a.Name = name
		case repeats:
			a = alone(name, tests[groups[k][0]].row)
		default:
			a = average(name, tests, groups[k], alike(len(groups[k])), o)
		}
		out = append(out, a.asked(!repeats && tier == TierDifferent, o))
	}
	return out
}

// asked is the average with what the gate is to do with it, where it is a hypothesis of its own.
func (a Average) asked(own bool, o Options) Average {
	a.Gated = own && o.GateAverage
	a.Lost = own && a.Difference < 0 && a.P <= o.Alpha
	return a
}

// alike are the parts of so many tasks that count alike.
func alike(n int) []float64 { return slices.Repeat([]float64{float64(n)}, n) }

// bySize are the parts of tasks whose documents count alike.
func bySize(tests []taskTest, group []int) (part []float64) {
	documents := 0
	for _, i := range group {
		documents += tests[i].row.N
	}
	for _, i := range group {
		part = append(part, float64(documents)/float64(tests[i].row.N))
	}
	return part
}

// alone is the average of one task.
func alone(name string, r TaskComparison) Average {
	return Average{Name: name, Tasks: []string{r.Task}, A: r.A, B: r.B, Difference: r.Difference, StdErr: r.StdErr, P: r.P}
}

// average is the mean of the tasks of a group, each counted as one of so many parts.
func average(name string, tests []taskTest, group []int, part []float64, o Options) Average {
	a := Average{Name: name}
	units, weights, documents := joinUnits(tests, group, part)
	for g, i := range group {
		r := tests[i].row
		a.Tasks = append(a.Tasks, r.Task)
		a.A += r.A / part[g]
		a.B += r.B / part[g]
		a.Difference += r.Difference / part[g]
	}
	sum, squares := 0.0, 0.0
	for _, x := range units {
		sum += x
	}
	for u, x := range units {
		d := x - float64(weights[u]*sum)
		squares += float64(d * d)
	}
	if n := float64(len(units)); n > 1 {
		a.StdErr = math.Sqrt(squares * n / (n - 1))
	}
	p, _ := SignFlip(units, o.Seed, "average "+name)
	a.P = min(1, p)
	a.law = newFlipLaw(units, weights, documents, a.P, o.Seed, "average "+name)
	a.LeastP = leastFlip(changedUnits(units))
	if o.Margin != nil {
		a.Margin = *o.Margin
	}
	a.PBeyond = max(a.P, beyond(a.law, a.Margin))
	if a.LeastP < 1 || a.P < 1 {
		a.Interval = Interval{lower(a.law, o.Alpha/2, a.Margin), upper(a.law, o.Alpha/2, a.Margin), 1 - o.Alpha}
	}
	return a
}

// joinUnits are the units of several tasks with what each adds to their average: units of different tasks that ask the
// same document are one. The number of documents is that of as many of equal weight.
func joinUnits(tests []taskTest, group []int, part []float64) (units, weights []float64, documents int) {
	total, inverse := 0, 0.0
	offsets := make([]int, len(group))
	for g, i := range group {
		offsets[g] = total
		total += len(tests[i].units)
	}
	joined, contents := newJoins(total), map[string]int{}
	for g, i := range group {
		for d, hash := range tests[i].hashes {
			if hash != "" {
				joined.same(contents, hash, offsets[g]+tests[i].unit[d])
			}
		}
		inverse += 1 / (part[g] * part[g] * float64(tests[i].row.N))
	}
	documents = int(math.Round(1 / inverse))
	numbers := map[int]int{}
	for g, i := range group {
		for u, x := range tests[i].units {
			root := joined.root(offsets[g] + u)
			at, ok := numbers[root]
			if !ok {
				at, units, weights = len(units), append(units, 0), append(weights, 0)
				numbers[root] = at
			}
			units[at] += x / part[g]
			weights[at] += tests[i].weights[u] / part[g]
		}
	}
	return units, weights, documents
}

// judge decides a gated average as a task is decided.
func (a *Average) judge(alpha float64) {
	m, side := a.Margin, a.Alpha/2
	a.Verdict = NoEvidence
	switch significant := a.PAdjusted <= alpha; {
	case significant && a.law.below(-m) <= a.law.above(m):
		a.Verdict = Regressed
	case significant:
		a.Verdict = Improved
	case m > 0 && a.law.above(-m) <= alpha:
		a.Verdict, side = OK, alpha
	}
	a.Interval = Interval{lower(a.law, side, m), upper(a.law, side, m), 1 - 2*side}
}
