package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/memory"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// noDraft as the value of --draft takes one token at a time.
const noDraft = "none"

// registerDraft is for commands that generate with the engine.
func (f *modelFlags) registerDraft(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.draft, "draft", "", "a smaller model with the same tokenizer that guesses what --model generates, or none (default: guesses from the prompt, where these cost little); never changes a result")
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
	place, _, err := own.local(ctx, c, encoderOnly)
	if err != nil {
		return nil, err
	}
	if err := sameTokenizer(place, target); err != nil {
		return nil, fmt.Errorf("--draft %s: %w", f.draft, err)
	}
	if place, _, err = own.local(ctx, c, wholeModel); err != nil {
		return nil, err
	}
	o, err := own.options()
	if err != nil {
		return nil, err
	}
	if o.ProcessLimit, err = memoryLimit(f.memory); err != nil {
		return nil, err
	}
	if bound, ok := memory.Least(memory.Bounds()); ok && o.ProcessLimit == 0 {
		o.ProcessLimit = bound.Limit
	}
	o.ProcessLimit /= 2 // the rest is for the model that answers
	m, err := place.Engine(o)
	if err != nil {
		return nil, draftMemory(f.draft, err)
	}
	if m.StreamedBytes() > 0 {
		err := fmt.Errorf("--draft %s: its weights do not fit half of the memory, and one that is read from the disk itself guesses too late", f.draft)
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// draftMemory says of a model that does not fit its half of the memory how much the whole would have to be.
func draftMemory(draft string, err error) error {
	var full *engine.MemoryError
	if !errors.As(err, &full) || full.Who == "" {
		return fmt.Errorf("--draft: %w", err)
	}
	return fmt.Errorf("--draft %s: a model that guesses may take half of the memory, and this one %s of it: it would take %.1f MiB of memory, or do without --draft",
		draft, full.Needs, float64(2*full.Enough)/(1<<20))
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

// sameTokenizer is an error where two models do not number the same tokens alike.
func sameTokenizer(a, b embedded.Location) error {
	var digests [2]string
	for i, place := range []embedded.Location{a, b} {
		tok, err := place.Tokenizer()
		if err != nil {
			return err
		}
		digests[i] = tok.Digest()
	}
	if digests[0] != digests[1] {
		return fmt.Errorf("its tokenizer (%.19s…) is another than that of --model (%.19s…)", digests[0], digests[1])
	}
	return nil
}
