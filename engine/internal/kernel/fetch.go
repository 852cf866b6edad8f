//go:build amd64 || arm64

package kernel

//go:noescape
func fetchLines(p *byte, lines int)

// Fetch asks for memory that will be read soon, so that reading does not wait for it: at most what a first-level cache
// holds should be on the way.
func (k *Kernel) Fetch(b []byte) {
	if lines := len(b) / line; lines > 0 {
		fetchLines(&b[0], lines)
	}
}
