package engine

import "fmt"

// digests are those of a model and of the adapter in it.
type digests struct{ whole, adapter string }

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
// digests, so it may take a while. It must not be called after Close. It panics where Identify returns an error.
func (m *Model) Digest() string { return m.identified().whole }

// Identify computes Digest and AdapterDigest, unless that has been done. An error is one line, and names a weight file that has
// changed since Load. It must not be called after Close.
func (m *Model) Identify() error {
	_, err := m.digest()
	return err
}

func (m *Model) identified() digests {
	d, err := m.digest()
	if err != nil {
		panic(fmt.Sprintf("engine: %v", err))
	}
	return d
}

func (m *Model) computeDigests() (d digests, err error) {
	if d.whole, err = m.checkpoint.Identify(m.net.Config(), m.sum); err != nil || m.checkpoint.AdapterDigest == nil {
		return d, err
	}
	d.adapter, err = m.checkpoint.AdapterDigest(m.sum)
	return d, err
}

// AdapterDigest identifies the adapter that is merged into the weights, by content: it is "sha256:" and the digest of the
// numbers of its configuration and of what sha256sum prints for its weights, computed with Digest. It is "" without an adapter.
func (m *Model) AdapterDigest() string { return m.identified().adapter }
