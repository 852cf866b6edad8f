//go:build !amd64 && !arm64

package kernel

// native lists no kernels: this architecture has none of its own yet.
func native() []*Kernel { return nil }

// Fetch asks for memory that will be read soon, where there is an instruction for that.
func (k *Kernel) Fetch([]byte) {}

func (vector) pack(dst []float32, w []byte, f Format, row, k, n int) {
	packPortable(dst, w, f, row, k, n)
}

func (vector) interleave(dst []byte, w []byte, row, k, n int) {
	interleavePortable(dst, w, row, k, n)
}

func (vector) pairRows(dst []byte, src *[chunkRows * NR]float32, pairs int) {
	pairRowsPortable(dst, src, pairs)
}

func (vector) quantizeColumns(dst []byte, src *[groupQ8 * NR]float32) {
	quantizeColumnsPortable(dst, src)
}

// Claim asks for memory that will be written soon, where there is an instruction for that.
func (k *Kernel) Claim([]float32) {}
