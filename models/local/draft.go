package local

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/memory"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// SameTokens is an error where a model that guesses does not number the same tokens as the one that it guesses for, whatever files
// say so: a vocabulary in GGUF may be that of a tokenizer.model. It names what differs first, and the flag --model.
func SameTokens(guesses, target embedded.Location) error {
	own, err := guesses.Tokenizer()
	if err != nil {
		return err
	}
	other, err := target.Tokenizer()
	if err != nil {
		return err
	}
	if difference := own.Difference(other); difference != "" {
		return fmt.Errorf("its vocabulary is another than that of --model: %s", difference)
	}
	return nil
}

// OpenDraft opens the model that guesses, which may take half of the memory that o or the machine allows: the rest is for the model
// that answers. given is its name. Errors name the flag --draft.
func OpenDraft(place embedded.Location, given string, o engine.Options) (*engine.Model, error) {
	if bound, ok := memory.Least(memory.Bounds()); ok && o.ProcessLimit == 0 {
		o.ProcessLimit = bound.Limit
	}
	o.ProcessLimit /= 2
	m, err := place.Engine(o)
	if err != nil {
		return nil, draftMemory(given, err)
	}
	if m.StreamedBytes() > 0 {
		err := fmt.Errorf("--draft %s: its weights do not fit half of the memory, and one that is read from the disk itself guesses too late", given)
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
