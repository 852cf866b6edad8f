package planned

import "github.com/swallow-eval/swallow-eval/engine/bench"

// Plan is what a run would ask here, and what that would take.
type Plan struct {
	Model       string         `json:"model"`
	Tasks       []PlannedTask  `json:"tasks"`
	WeightBytes int64          `json:"weight_bytes"` // at two bytes each, as models are published
	MemoryBytes int64          `json:"memory_bytes"` // that may be taken here; 0 where the system does not say
	Rates       *bench.Rates   `json:"rates,omitempty"`
	Sum         map[string]any `json:"seconds,omitempty"`
}

// PlannedTask is a task with its estimate.
type PlannedTask struct {
	Task
	LeastSeconds float64 `json:"least_seconds,omitempty"`
	MostSeconds  float64 `json:"most_seconds,omitempty"`
}

// Fill takes over the tasks and their estimates, and returns the sum of these.
func (p *Plan) Fill(list []Task) (sum Estimate) {
	for _, t := range list {
		row := PlannedTask{Task: t}
		if p.Rates != nil {
			e := t.Estimate(*p.Rates)
			sum = sum.Add(e)
			row.LeastSeconds, row.MostSeconds = e.Least.Seconds(), e.Most.Seconds()
		}
		p.Tasks = append(p.Tasks, row)
	}
	if p.Rates != nil {
		p.Sum = map[string]any{"least": sum.Least.Seconds(), "most": sum.Most.Seconds()}
	}
	return sum
}
