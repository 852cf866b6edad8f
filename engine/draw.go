package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// Draw chooses a token at random: among the smallest set of most probable tokens whose probability at this temperature
// reaches topP (Holtzman et al. 2020; equal ones by their ids), the one at which the running sum of probabilities passes u, which
// is at least 0 and less than 1. topP of 1 keeps all tokens, in the order of their ids.
//
// The same arguments give the same token on every machine: exponentials and sums are of the engine's own arithmetic.
func Draw(logits []float32, temperature, topP, u float64) int32 {
	top := math.Inf(-1)
	for _, l := range logits {
		top = max(top, float64(l))
	}
	weights := make([]float64, len(logits))
	sum := 0.0
	for i, l := range logits {
		weights[i] = num.Exp64((float64(l) - top) / temperature)
		sum += weights[i]
	}
	ids := make([]int32, 0, 64)
	least := 0.0
	if topP < 1 {
		// All tokens below this have less together than the set may leave out, so that none of them is in it.
		least = float64((1-topP)*sum) / float64(len(logits))
	}
	for i, w := range weights {
		if w >= least {
			ids = append(ids, int32(i))
		}
	}
	if topP < 1 {
		ids, sum = nucleus(ids, weights, float64(topP*sum))
	}
	left := float64(u * sum)
	for _, id := range ids {
		if left -= weights[id]; left < 0 {
			return id
		}
	}
	return ids[len(ids)-1]
}

// Picker returns the choice of tokens of one answer, for Prompt.Pick; nil, which is the most probable ones, at temperature 0. The random number of a
// step is the first 53 bits of the sha256 of the seed and the step's number, from 0, as text with a space between: it
// depends on nothing else, so that a draw can be had again anywhere.
func Picker(temperature, topP float64, seed uint32) func(step int, logits []float32) int32 {
	if temperature <= 0 {
		return nil
	}
	return func(step int, logits []float32) int32 {
		sum := sha256.Sum256(strconv.AppendInt(append(strconv.AppendUint(nil, uint64(seed), 10), ' '), int64(step), 10))
		return Draw(logits, temperature, topP, float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53))
	}
}

// nucleus returns the most probable ids, ties by id, whose weights first reach mass, and the weight they have.
func nucleus(ids []int32, weights []float64, mass float64) ([]int32, float64) {
	slices.SortStableFunc(ids, func(a, b int32) int {
		switch {
		case weights[a] > weights[b]:
			return -1
		case weights[a] < weights[b]:
			return 1
		}
		return 0
	})
	sum := 0.0
	for i, id := range ids {
		sum += weights[id]
		if sum >= mass {
			return ids[:i+1], sum
		}
	}
	return ids, sum
}
