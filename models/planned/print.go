package planned

import (
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Print shows a plan to people: a row a task, what the machine has and does, and last how long all takes. sum is what Fill returned.
// Without rates there are no times.
func (p *Plan) Print(w io.Writer, sum Estimate) error {
	head := []string{"task", "documents", "requests", "remembered", "tokens", "distinct", "generated", "PFLOP", "time here"}
	if err := terminal.Table(w, head, p.rows()); err != nil {
		return err
	}
	here := terminal.MiB(p.FetchBytes) + " to fetch"
	if p.Read.Bytes > 0 {
		here = fmt.Sprintf("%s to read, at %s a second as it was just now", terminal.MiB(p.Read.Bytes), terminal.MiB(int64(p.Read.Rate)))
	}
	_, err := fmt.Fprintf(w, "weights   %s at two bytes each, %s; %s of memory may be taken here\n", terminal.MiB(p.WeightBytes), here, terminal.MiB(p.MemoryBytes))
	if err != nil || p.Rates == nil {
		return err
	}
	return p.printTimes(w, sum)
}

// rows are the table's.
func (p *Plan) rows() [][]string {
	rows := [][]string{}
	for _, t := range p.Tasks {
		if t.Hole != "" {
			rows = append(rows, []string{t.Name, textsafe.Terminal(t.Hole), "", "", "", "", "", "", ""})
			continue
		}
		took := "-"
		if p.Rates != nil {
			took = t.Estimate.String()
		}
		rows = append(rows, []string{t.Name, fmt.Sprint(t.Documents), fmt.Sprint(t.Requests), fmt.Sprint(t.Remembered), fmt.Sprint(t.Tokens),
			fmt.Sprint(t.Distinct), fmt.Sprintf("at most %d", t.Generated), fmt.Sprintf("%.4g", (t.Read+t.Generate)/1e15), took})
	}
	return rows
}

// printTimes tells of the machine's rates and of the whole run's time.
func (p *Plan) printTimes(w io.Writer, sum Estimate) error {
	if _, err := fmt.Fprintf(w, "start     %.1f s building requests, %.1f s reading and packing weights, both in the sum\n", p.StartSeconds, p.LoadSeconds); err != nil {
		return err
	}
	first, last := p.Rates.Products[0], p.Rates.Products[len(p.Rates.Products)-1]
	if _, err := fmt.Fprintf(w, "machine   %.0f GFLOP/s reading, %.0f continuing one text, %.0f %d together, measured now on made-up layers of this size\n",
		last.Rate/1e9, first.Rate/1e9, p.Rates.At(float64(p.Use.Together))/1e9, p.Use.Together); err != nil {
		return err
	}
	if alone, busy := p.Busy(); busy {
		if _, err := fmt.Fprintf(w, "busy      other work had much of the processors just now; alone the run would take %s at most\n", Words(alone)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %s on %d threads; %s on 64 of their kind\n",
		textsafe.Terminal(p.Model), sum.And(p.Fixed()), p.Rates.Threads, sum.On(p.Rates.Threads, 64).And(p.Fixed()))
	return err
}
