package planned

import (
	"time"

	"github.com/swallow-eval/swallow-eval/engine/bench"
)

// Plan is what a run would ask here, and what that would take.
type Plan struct {
	Model       string        `json:"model"`
	Tasks       []PlannedTask `json:"tasks"`
	WeightBytes int64         `json:"weight_bytes"` // at two bytes each, as models are published
	FetchBytes  int64         `json:"fetch_bytes"`  // of weights that are not here, the same
	// Read are the weight files that are here.
	Read Weights `json:"read"`
	// StartSeconds is what building the requests took just now, LoadSeconds what reading and packing the weights would.
	StartSeconds float64        `json:"start_seconds"`
	LoadSeconds  float64        `json:"load_seconds,omitempty"`
	MemoryBytes  int64          `json:"memory_bytes"` // that may be taken here; 0 where the system does not say
	Rates        *bench.Rates   `json:"rates,omitempty"`
	Sum          map[string]any `json:"seconds,omitempty"`
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
		all := sum.And(p.Fixed())
		p.Sum = map[string]any{"least": all.Least.Seconds(), "most": all.Most.Seconds()}
	}
	return sum
}

// Look finds the weights at a path, or else has them fetched.
func (p *Plan) Look(path string) (err error) {
	if p.Read, err = WeightsAt(path); err == nil && p.Read.Bytes == 0 {
		p.FetchBytes = p.WeightBytes
	}
	return err
}

// Loading is the seconds to read and pack the weights that are here, at the plan's rates.
func (p *Plan) Loading() (seconds float64) {
	if p.Read.Rate > 0 {
		seconds = float64(p.Read.Bytes) / p.Read.Rate
	}
	if p.Rates.Pack > 0 {
		seconds += float64(max(p.Read.Bytes, p.FetchBytes)) / p.Rates.Pack
	}
	return seconds
}

// Fixed is the time before the first answer, which more threads hardly shorten.
func (p *Plan) Fixed() time.Duration {
	return time.Duration((p.StartSeconds + p.LoadSeconds) * float64(time.Second))
}
