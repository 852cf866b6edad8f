package engine

import "fmt"

// Digest identifies what the model computes, by content. For a GGUF file it is "sha256:" and the digest of the file, for a
// directory "sha256:" and the digest, in hexadecimal, of
//
//	swallow-eval model 1
//	<Config as JSON on one line, without StoredDType>
//	<what sha256sum prints for the weight files in the order of their names>
//
// With an adapter merged into it, it is "sha256:" and the digest of
//
//	swallow-eval adapted model 1
//	<the digest above>
//	<AdapterDigest>
//
// Keys of config.json that the engine has no use for do not move it, and neither does the directory; a different name
// or sharding of the weight files does. All weights are read for it the first time, unless Options.Sum knows their
// digests, so it may take a while. It must not be called after Close.
func (m *Model) Digest() string { return m.digest() }

func (m *Model) computeDigest() string {
	digest, err := m.checkpoint.Identify(m.net.Config(), m.sum)
	if err != nil {
		panic(fmt.Sprintf("engine: %v", err))
	}
	return digest
}

// AdapterDigest identifies the adapter that is merged into the weights, by content: it is "sha256:" and the digest of the
// numbers of its configuration and of what sha256sum prints for its weights. It is "" without an adapter, and must not be called
// after Close.
func (m *Model) AdapterDigest() string {
	if m.checkpoint.AdapterDigest == nil {
		return ""
	}
	digest, err := m.checkpoint.AdapterDigest(m.sum)
	if err != nil {
		panic(fmt.Sprintf("engine: %v", err))
	}
	return digest
}
