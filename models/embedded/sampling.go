package embedded

import (
	"math"
	"math/rand/v2"
	"sort"
)

// Sampling chooses tokens at random. The zero value, as any with Temperature 0, is greedy. It is for trying models
// out: nothing that is scored samples.
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
	var ids []int32
	var probs []float64
	return func(_ int, logits []float32) int32 {
		ids, probs = ids[:0], probs[:0]
		top := math.Inf(-1)
		for _, l := range logits {
			top = max(top, float64(l))
		}
		sum := 0.0
		for i, l := range logits {
			p := math.Exp((float64(l) - top) / s.Temperature)
			ids, probs = append(ids, int32(i)), append(probs, p)
			sum += p
		}
		if s.TopP < 1 {
			ids, sum = nucleus(ids, probs, s.TopP*sum)
		}
		left := rng.Float64() * sum
		for _, id := range ids {
			if left -= probs[id]; left < 0 {
				return id
			}
		}
		return ids[len(ids)-1]
	}
}

// nucleus returns the most probable ids, ties by id, whose weights first reach mass, and the weight they have.
func nucleus(ids []int32, weights []float64, mass float64) ([]int32, float64) {
	sort.SliceStable(ids, func(a, b int) bool { return weights[ids[a]] > weights[ids[b]] })
	sum := 0.0
	for i, id := range ids {
		sum += weights[id]
		if sum >= mass {
			return ids[:i+1], sum
		}
	}
	return ids, sum
}
