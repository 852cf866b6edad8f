package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
)

// noDraft as the value of --draft takes one token at a time.
const noDraft = "none"

// registerDraft is for commands that generate with the engine.
func (f *modelFlags) registerDraft(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.draft, "draft", "", "a smaller model with the same vocabulary that guesses what --model generates, or none (default: guesses from the prompt, where these cost little); never changes a result")
}

// checkDraft finds what is wrong with --draft without a look at any file.
func (f *modelFlags) checkDraft() error {
	switch {
	case f.draft == "" || f.draft == noDraft:
		return nil
	case isServer(f.model):
		return errors.New("--draft is for a model of the engine in this program, not for servers")
	}
	_, err := f.ofDraft().find()
	return err
}

// ofDraft are the flags of the model that guesses.
func (f *modelFlags) ofDraft() *modelFlags {
	return &modelFlags{model: f.draft, flag: "--draft", dtype: f.dtype, threads: f.threads, kernel: f.kernel, batch: f.batch, network: f.network}
}

// openDraft opens what --draft names, nil where that is no model. target is where the model lies that it guesses for.
func (f *modelFlags) openDraft(ctx context.Context, c console, target embedded.Location) (*engine.Model, error) {
	if f.draft == "" || f.draft == noDraft {
		return nil, nil
	}
	own := f.ofDraft()
	place, _, err := own.local(ctx, c, local.Encoder)
	if err != nil {
		return nil, err
	}
	if err := local.SameTokens(place, target); err != nil {
		return nil, fmt.Errorf("--draft %s: %w", f.draft, err)
	}
	if place, _, err = own.local(ctx, c, local.Whole); err != nil {
		return nil, err
	}
	o, err := own.options()
	if err != nil {
		return nil, err
	}
	if o.ProcessLimit, err = memoryLimit(f.memory); err != nil {
		return nil, err
	}
	return local.OpenDraft(place, f.draft, o)
}

// closeDraft closes a model that guesses for one that could not be opened, if that has not closed it.
func closeDraft(m *engine.Model) error {
	if m == nil {
		return nil
	}
	if err := m.Close(); !errors.Is(err, engine.ErrClosed) {
		return err
	}
	return nil
}
