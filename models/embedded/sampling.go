package embedded

import (
	"math/rand/v2"

	"github.com/swallow-eval/swallow-eval/engine"
)

// Sampling chooses tokens at random. The zero value, as any with Temperature 0, is greedy. It is for trying models
// out: what is scored is drawn by engine.Picker.
type Sampling struct {
	// Temperature divides the logits.
	Temperature float64
	// TopP keeps the smallest set of most probable tokens whose probability reaches it (Holtzman et al. 2020).
	TopP float64
	// Seed and Stream choose the random numbers; prompts of one call differ in Stream.
	Seed, Stream uint64
}

// picker returns the choice of a token from logits, nil for greedy.
func (s Sampling) picker() func(step int, logits []float32) int32 {
	if s.Temperature <= 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(s.Seed, s.Stream))
	return func(_ int, logits []float32) int32 { return engine.Draw(logits, s.Temperature, s.TopP, rng.Float64()) }
}
