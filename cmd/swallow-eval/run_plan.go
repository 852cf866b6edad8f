package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
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
	p, err := planned.Count(ctx, m, opt)
	if err != nil {
		return err
	}
	if err := f.measure(ctx, &p, place, config, o); err != nil {
		return err
	}
	sum := p.Fill(m.Tasks())
	if f.format.json() {
		return writeJSON(c.out, p)
	}
	return p.Print(c.out, sum)
}

// measure adds what this machine has and can do.
func (f *runFlags) measure(ctx context.Context, p *planned.Plan, place embedded.Location, config engine.Config, o engine.Options) error {
	if place.Files == nil {
		if err := p.Look(place.Path); err != nil {
			return err
		}
	}
	if err := p.Room(place.Path, config, o); err != nil {
		return f.flagged(err)
	}
	if f.calibration == 0 {
		return nil
	}
	return p.Calibrate(ctx, config, o, f.calibration)
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
