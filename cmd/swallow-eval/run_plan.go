package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/internal/memory"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/models/planned"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// timeFlags bound a run's time, or tell it before.
type timeFlags struct {
	dryRun      bool
	calibration time.Duration
	most        time.Duration
}

func (f *timeFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.dryRun, "dry-run", false, "load no weights and write nothing: print what every task would ask, and how long that takes here")
	fl.DurationVar(&f.calibration, "calibration", 5*time.Second, "how long --dry-run measures this machine; 0 leaves times out")
	fl.DurationVar(&f.most, "max-time", 0, "stop cleanly after this time, such as 8h; the same command goes on")
}

func (f *timeFlags) check(model string) error {
	if f.dryRun && isServer(model) {
		return errors.New("--dry-run says how long this machine takes; how fast a server is, is not known here")
	}
	if f.most < 0 || f.calibration < 0 {
		return errors.New("--max-time and --calibration are not negative")
	}
	return nil
}

// timeUpError is the cause of a context that --max-time ended.
type timeUpError struct{ most time.Duration }

func (e *timeUpError) Error() string {
	return fmt.Sprintf("stopped by --max-time %s: the same command goes on", e.most)
}

// limited returns a context that --max-time ends.
func (f *timeFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.most == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.most, &timeUpError{f.most})
}

// evaluate runs tasks until they are done or the time is up.
func (f *timeFlags) evaluate(ctx context.Context, m eval.Model, opt eval.Options) (results.Run, error) {
	ctx, cancel := f.limited(ctx)
	defer cancel()
	run, err := eval.Run(ctx, m, opt)
	var up *timeUpError
	if errors.Is(err, context.DeadlineExceeded) && errors.As(context.Cause(ctx), &up) {
		err = &codedError{exitcode.Incomplete, up}
	}
	return run, err
}

// plan counts what a run would ask and prints it.
func (f *runFlags) plan(cmd *cobra.Command, c console, opt eval.Options) (err error) {
	ctx := cmd.Context()
	place, name, err := f.local(ctx, c, local.Encoder)
	if err != nil {
		return err
	}
	e, err := f.encoderAt(place)
	if err != nil {
		return err
	}
	config, err := place.Config()
	if err != nil {
		return err
	}
	o, err := f.modelFlags.options()
	if err != nil {
		return err
	}
	id := results.Model{
		Name: name, TokenizerDigest: e.Tokenizer().Digest(), DType: string(o.DType), Numerics: engine.NumericsOf(o.DType), Window: e.Window(),
	}
	known, done, err := f.stored(place, &id, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	m := planned.New(e, config, id, known)
	opt.Env.Pieces, opt.Env.PiecesDigest, opt.Progress, opt.Open, opt.AskOnly = e.Pieces, id.TokenizerDigest, m, nil, true
	begin, processor := time.Now(), bench.ProcessorTime()
	if _, err := eval.Run(ctx, m, opt); err != nil && !errors.As(err, new(eval.TaskErrors)) {
		return err
	}
	p := planned.Plan{Model: name, WeightBytes: planned.WeightBytes(config, 2)}
	p.Started(time.Since(begin), bench.ProcessorTime()-processor)
	if err := f.measure(ctx, &p, place, config, o); err != nil {
		return err
	}
	sum := p.Fill(m.Tasks())
	if f.format.json() {
		return writeJSON(c.out, p)
	}
	return writePlan(c, p, sum)
}

// measure adds what this machine has and can do.
func (f *runFlags) measure(ctx context.Context, p *planned.Plan, place embedded.Location, config engine.Config, o engine.Options) (err error) {
	if place.Files == nil {
		if err := p.Look(place.Path); err != nil {
			return err
		}
	}
	if b, ok := memory.Least(memory.Bounds()); ok {
		p.MemoryBytes = b.Room
	}
	if o.ProcessLimit > 0 {
		p.MemoryBytes = min(o.ProcessLimit, max(p.MemoryBytes, 1))
	}
	if p.Use, err = engine.UseOf(place.Path, config, o); err != nil {
		return f.flagged(err)
	}
	if f.calibration == 0 {
		return nil
	}
	costs, err := bench.Calibrate(ctx, config, o, f.calibration)
	if err != nil {
		return err
	}
	p.Rates = &costs
	p.LoadSeconds = p.Loading()
	return nil
}

// stored completes a model's identity where its weights are here, and tells which requests have answers in the store.
func (f *runFlags) stored(place embedded.Location, id *results.Model, o engine.Options) (known func(q tasks.Request) bool, done func() error, err error) {
	done = func() error { return nil }
	// The digest of a model with an adapter is that of both, known when they are loaded.
	if place.Files == nil && place.Adapter == "" {
		id.Digest, err = engine.DigestOf(place.Path, f.ignored, o.Sum)
	}
	if err != nil || id.Digest == "" {
		return nil, done, nil // weights that are not here, or not whole, have no digest, and no answers
	}
	store, err := f.answerFlags.open(func() results.Model { return *id })
	if err != nil || store == nil {
		return nil, done, err
	}
	if store.Stats().Answers == 0 {
		return nil, store.Close, nil // no request needs a digest to be looked for
	}
	return func(q tasks.Request) bool { _, ok := store.Get(q); return ok }, store.Close, nil
}

// writePlan prints the plan for people.
func writePlan(c console, p planned.Plan, sum planned.Estimate) error {
	head := []string{"task", "documents", "requests", "remembered", "tokens", "distinct", "generated", "PFLOP", "time here"}
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
	if err := terminal.Table(c.out, head, rows); err != nil {
		return err
	}
	here := terminal.MiB(p.FetchBytes) + " to fetch"
	if p.Read.Bytes > 0 {
		here = fmt.Sprintf("%s to read, at %s a second as it was just now", terminal.MiB(p.Read.Bytes), terminal.MiB(int64(p.Read.Rate)))
	}
	if _, err := fmt.Fprintf(c.out, "weights   %s at two bytes each, %s; %s of memory may be taken here\n", terminal.MiB(p.WeightBytes), here, terminal.MiB(p.MemoryBytes)); err != nil {
		return err
	}
	if p.Rates == nil {
		return nil
	}
	if _, err := fmt.Fprintf(c.out, "start     %.1f s building requests, %.1f s reading and packing weights, both in the sum\n", p.StartSeconds, p.LoadSeconds); err != nil {
		return err
	}
	first, last := p.Rates.Products[0], p.Rates.Products[len(p.Rates.Products)-1]
	if _, err := fmt.Fprintf(c.out, "machine   %.0f GFLOP/s reading, %.0f continuing one text, %.0f %d together, measured now on made-up layers of this size\n",
		last.Rate/1e9, first.Rate/1e9, p.Rates.At(float64(p.Use.Together))/1e9, p.Use.Together); err != nil {
		return err
	}
	if alone, busy := p.Busy(); busy {
		if _, err := fmt.Fprintf(c.out, "busy      other work had much of the processors just now; alone the run would take %s at most\n", planned.Words(alone)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(c.out, "%s: %s on %d threads; %s on 64 of their kind\n",
		textsafe.Terminal(p.Model), sum.And(p.Fixed()), p.Rates.Threads, sum.On(p.Rates.Threads, 64).And(p.Fixed()))
	return err
}
