package engine

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// DistinctTokens is how many tokens go through the network for sequences of tokens that share their beginnings.
func DistinctTokens(inputs [][]int32) int { return schedule.DistinctTokens(inputs) }

// DigestOf is Model.Digest of a model that is not loaded.
func DigestOf(path string, ignore []string, sum Summer) (digest string, err error) {
	c, err := checkpoint.Open(path, ignore)
	if err != nil {
		return "", fmt.Errorf("load model %s: %w", path, err)
	}
	digest, err = c.Identify(c.Config, sum)
	if closing := c.Files.Close(); err == nil {
		err = closing
	}
	return digest, err
}
