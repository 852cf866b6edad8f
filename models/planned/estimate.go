package planned

import (
	"fmt"
	"math"
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
)

// Estimate is what a task, or all, would cost.
type Estimate struct {
	Least time.Duration // if generations end at their first token
	Most  time.Duration // if they all go to their limits
}

// Machine is what estimates depend on besides the tasks.
type Machine struct {
	Rates bench.Rates
	Use   engine.Use
	Read  float64 // bytes of weight files a second, for those that are read for every batch; 0 where that is not known
}

// Estimate is the time of a task on a machine.
func (t Task) Estimate(m Machine) Estimate {
	one := machine{Rates: m.Rates, Use: m.Use}
	if m.Read > 0 {
		one.least = float64(m.Use.StreamedBytes) / m.Read
	}
	least, most := 0.0, 0.0
	for _, p := range t.parts {
		least += one.seconds(p, false)
		most += one.seconds(p, true)
	}
	return Estimate{Least: seconds(least), Most: seconds(most)}
}

func seconds(s float64) time.Duration {
	return time.Duration(min(s, math.MaxInt64/1e10) * float64(time.Second))
}

// Add sums two estimates.
func (e Estimate) Add(o Estimate) Estimate { return Estimate{e.Least + o.Least, e.Most + o.Most} }

// On is the time on so many threads of one kind rather than others, if work divides among all of them, which is the least
// that it can be.
func (e Estimate) On(threads, rather int) Estimate {
	share := float64(threads) / float64(rather)
	return Estimate{time.Duration(float64(e.Least) * share), time.Duration(float64(e.Most) * share)}
}

// And adds what takes its time on any number of threads.
func (e Estimate) And(d time.Duration) Estimate { return Estimate{e.Least + d, e.Most + d} }

// String is the time in words: one where generating hardly counts, two where it does.
func (e Estimate) String() string {
	switch {
	case e.Most < time.Second:
		return Words(e.Most)
	case e.Most-e.Least <= e.Most/10:
		return "about " + Words(e.Most)
	}
	return fmt.Sprintf("%s to %s", Words(e.Least), Words(e.Most))
}

// Words writes a time as people say it, in two figures.
func Words(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < 100*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 100*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 100*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// WeightBytes is the size of a model's weights at so many bytes each.
func WeightBytes(c engine.Config, each float64) int64 {
	n := float64(c.VocabSize) * float64(c.HiddenSize)
	if !c.TieEmbeddings {
		n *= 2
	}
	for layer := range c.Layers {
		for _, w := range c.BlockWeights(layer) {
			size := 1.0
			for _, d := range w.Shape {
				size *= float64(d)
			}
			n += size
		}
	}
	return int64(each * (n + float64(c.HiddenSize)))
}
