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

//go:noescape
func claimLines(p *byte, lines int)

// Claim asks for the lines of memory that will be written soon, so that writing does not wait until other cores have given up
// theirs: at most what a first-level cache holds.
func (k *Kernel) Claim(x []float32) {
	if b := bytesOf(x); len(b) > 0 {
		claimLines(&b[0], (len(b)+line-1)/line)
	}
}
