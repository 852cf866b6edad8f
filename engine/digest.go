package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest identifies what the model computes, by content: "sha256:" and the digest, in hexadecimal, of
//
//	swallow-eval model 1
//	<Config as JSON on one line, without StoredDType>
//	<what sha256sum prints for the weight files in the order of their names>
//
// Keys of config.json that the engine has no use for do not move it, and neither does the directory; a different name
// or sharding of the weight files does. All weights are read for it the first time, so it may take a while; nothing is
// stored. It must not be called after Close.
func (m *Model) Digest() string { return m.digest() }

func (m *Model) computeDigest() string {
	c := m.config
	c.StoredDType = ""
	config, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("engine: a configuration of plain numbers: %v", err)) // they were finite when parsed
	}
	sums, err := m.checkpoint.Sums(context.Background())
	if err != nil {
		panic(fmt.Sprintf("engine: sums without a deadline: %v", err))
	}
	sum := sha256.Sum256([]byte("swallow-eval model 1\n" + string(config) + "\n" + sums))
	return "sha256:" + hex.EncodeToString(sum[:])
}
