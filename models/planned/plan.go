package planned

import (
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
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
	StartSeconds float64      `json:"start_seconds"`
	LoadSeconds  float64      `json:"load_seconds,omitempty"`
	MemoryBytes  int64        `json:"memory_bytes"` // that may be taken here; 0 where the system does not say
	Use          engine.Use   `json:"use"`          // of it
	Rates        *bench.Costs `json:"rates,omitempty"`
	Sum          *Range       `json:"seconds,omitempty"`
	// Processor is the same in seconds of all threads on processors, which other work on the machine does not change; nil where the
	// system does not say.
	Processor *Range `json:"processor_seconds,omitempty"`

	startProcessor float64
}

// Range is a time by where generations end.
type Range struct {
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// PlannedTask is a task with its estimate.
type PlannedTask struct {
	Task
	Estimate     Estimate `json:"-"`
	LeastSeconds float64  `json:"least_seconds,omitempty"`
	MostSeconds  float64  `json:"most_seconds,omitempty"`
}

// Fill takes over the tasks and their estimates, and returns the sum of these.
func (p *Plan) Fill(list []Task) (sum Estimate) {
	var processor Estimate
	for _, t := range list {
		row := PlannedTask{Task: t}
		if p.Rates != nil {
			row.Estimate = t.Estimate(Machine{p.Rates.Rates, p.Use, p.Read.Rate})
			sum = sum.Add(row.Estimate)
			row.LeastSeconds, row.MostSeconds = row.Estimate.Least.Seconds(), row.Estimate.Most.Seconds()
			if p.Rates.Processor != nil {
				processor = processor.Add(t.Estimate(Machine{Rates: *p.Rates.Processor, Use: p.Use}))
			}
		}
		p.Tasks = append(p.Tasks, row)
	}
	if p.Rates == nil {
		return sum
	}
	all := sum.And(p.Fixed())
	p.Sum = &Range{all.Least.Seconds(), all.Most.Seconds()}
	if r := p.Rates.Processor; r != nil {
		fixed := p.startProcessor + p.packing(r.Pack)
		p.Processor = &Range{processor.Least.Seconds() + fixed, processor.Most.Seconds() + fixed}
	}
	return sum
}

// Started notes what building the requests took, by the clock and of the processors.
func (p *Plan) Started(took, processor time.Duration) {
	p.StartSeconds, p.startProcessor = took.Seconds(), processor.Seconds()
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
	return seconds + p.packing(p.Rates.Pack)
}

func (p *Plan) packing(rate float64) float64 {
	if rate <= 0 {
		return 0
	}
	return float64(max(p.Read.Bytes, p.FetchBytes)-p.Use.StreamedBytes) / rate
}

// Fixed is the time before the first answer, which more threads hardly shorten.
func (p *Plan) Fixed() time.Duration {
	return time.Duration((p.StartSeconds + p.LoadSeconds) * float64(time.Second))
}

// Busy tells whether other work has so much of the processors that the run would take much less time alone, and how long it
// would then take, at most.
func (p *Plan) Busy() (alone time.Duration, busy bool) {
	if p.Processor == nil {
		return 0, false
	}
	least := p.Processor.Most / float64(p.Rates.Threads)
	return seconds(least), p.Sum.Most > 1.25*least+1
}
