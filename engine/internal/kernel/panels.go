package kernel

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// PackPanels packs panels from..to-1 of a weight matrix into their places in dst, which holds the whole packed matrix,
// m.PackedSize(kk, n) bytes: other panels are not touched, so several goroutines can pack a matrix together. w is the
// matrix as stored, n rows (outputs) of kk columns (inputs); row j becomes column j modulo m.Columns() of panel j divided
// by m.Columns(). Columns beyond n are zero.
//
//   - ModeF32: float32, [k][32]. dst must be aligned to 4 bytes.
//   - ModeBF16: bfloat16, [k/2][64][2], rounded to nearest even from wider formats; the second half of an odd k's last
//     pair is zero.
//   - ModeQ8: for each group of 128 inputs bytes [32][32][4], each a quantised weight plus 128, and float32 scales [32].
//     Quantising is that of QuantizeQ8; inputs beyond k are zero.
func (k *Kernel) PackPanels(dst []byte, m Mode, w []byte, f Format, kk, n, from, to int) {
	if f > F16 || kk < 0 || n < 0 || from < 0 || from > to || to > m.Panels(n) {
		panic(fmt.Sprintf("kernel: PackPanels %d to %d of %d rows by %d, %v to %v", from, to, n, kk, f, m))
	}
	row := kk * f.Size()
	dst, w = first(dst, m.PackedSize(kk, n)), first(w, n*row)
	if kk == 0 {
		return
	}
	size := m.PanelSize(kk)
	for p := from; p < to; p++ {
		n0 := p * m.Columns()
		panel, rows, cols := dst[p*size:(p+1)*size], w[n0*row:], min(m.Columns(), n-n0)
		switch m {
		case ModeF32:
			k.packing.pack(floats(panel), rows, f, row, kk, cols)
		case ModeBF16:
			k.packPanelBF16(panel, rows, f, kk, cols)
		case ModeQ8:
			k.packPanelQ8(panel, rows, f, kk, cols)
		}
	}
}

const (
	// PartRows is how many rows of a panel of float32 are made and multiplied by at a time for many rows of A: 96 KiB, which stay in
	// the second-level cache until all have used them. Fewer would stay nearer, but rows of C are read and written again for each part.
	PartRows = 768
	// ScratchBytes is the most memory that a Scratch takes of its own.
	ScratchBytes = PartRows * NR * 4
)

// Scratch is what one goroutine's products have beside their operands. Its zero value is ready.
type Scratch struct {
	// Next is what is read after a product of many rows, or nothing: processors fetch little ahead of where they are, so a
	// product that has the time asks for it meanwhile, towards the second-level cache. Nothing depends on it but time.
	Next []byte

	wide []float32 // half a panel, widened
}

// GemmF32 is Gemm for any number of columns: B is a run of ModeF32 panels, aligned to 4 bytes.
func (k *Kernel) GemmF32(m, n, kk int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch) {
	b = first(b, ModeF32.PackedSize(kk, n))
	panels, size := floats(b), kk*NR
	for j := 0; j < n; j += NR {
		next := s.Next
		if j+NR < n {
			next = b[(j/NR+1)*size*4:][:size*4]
		}
		k.gemmNext(m, min(NR, n-j), kk, a, lda, panels[j/NR*size:][:size], NR, c[j:], ldc, acc, next)
	}
}

// floats views bytes as the float32 they hold in the machine's order of bytes.
func floats(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%4 != 0 {
		panic("kernel: float32 panels are not aligned")
	}
	return unsafe.Slice((*float32)(p), len(b)/4)
}

// bytesOf views float32 as the bytes that hold them.
func bytesOf(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

// chunkRows is how many rows of a panel pass through float32 at a time on their way to another format.
const chunkRows = groupQ8

// packPanelBF16 packs up to 64 rows of weights: stored pairs move as they are, wider formats go by way of float32.
func (k *Kernel) packPanelBF16(dst []byte, w []byte, f Format, kk, n int) {
	row := kk * f.Size()
	if f == BF16 {
		k.packing.interleave(dst, w, row, kk, n)
		return
	}
	var chunk [chunkRows * NR]float32
	for c0 := 0; c0 < columnsBF16; c0 += NR {
		cols := max(0, min(NR, n-c0))
		for k0 := 0; k0 < kk; k0 += chunkRows {
			rows := min(chunkRows, kk-k0)
			k.packChunk(chunk[:], w, f, row, c0, cols, k0, rows)
			k.packing.pairRows(dst[k0/2*pairSize+c0*4:], &chunk, (rows+1)/2)
		}
	}
}

// packPanelQ8 packs up to 32 rows of weights.
func (k *Kernel) packPanelQ8(dst []byte, w []byte, f Format, kk, n int) {
	var chunk [groupQ8 * NR]float32
	for k0 := 0; k0 < kk; k0 += groupQ8 {
		k.packChunk(chunk[:], w, f, kk*f.Size(), 0, n, k0, min(groupQ8, kk-k0))
		k.packing.quantizeColumns(dst[k0/groupQ8*groupSizeQ8:][:groupSizeQ8], &chunk)
	}
}

// packChunk widens rows inputs from k0 on of n rows of w from n0 on, and fills the chunk up with zeros.
func (k *Kernel) packChunk(chunk []float32, w []byte, f Format, row, n0, n, k0, rows int) {
	if n > 0 {
		w = w[n0*row+k0*f.Size():]
	}
	k.packing.pack(chunk[:rows*NR], w, f, row, rows, n)
	clear(chunk[rows*NR:])
}

func interleavePortable(dst []byte, w []byte, row, k, n int) {
	interleaveColumns(dst, w, row, k, n, 0)
}

// interleaveColumns packs n rows of bfloat16, row bytes apart, from column k0 (even) on: everything, or what vector code
// leaves over.
func interleaveColumns(dst []byte, w []byte, row, k, n, k0 int) {
	for kk := k0; kk < k; kk += 2 {
		out := dst[kk/2*pairSize:][:pairSize]
		for r := range n {
			var pair uint32
			if kk+1 < k {
				pair = binary.LittleEndian.Uint32(w[r*row+2*kk:])
			} else {
				pair = uint32(binary.LittleEndian.Uint16(w[r*row+2*kk:]))
			}
			binary.LittleEndian.PutUint32(out[4*r:], pair)
		}
		clear(out[4*n:])
	}
}

// pairRowsPortable rounds pairs of rows of float32 to bfloat16 and writes them side by side into half the columns of a
// panel.
func pairRowsPortable(dst []byte, src *[chunkRows * NR]float32, pairs int) {
	var even, odd [NR]uint16
	for p := range pairs {
		roundBF16Portable(even[:], src[2*p*NR:][:NR])
		roundBF16Portable(odd[:], src[(2*p+1)*NR:][:NR])
		for j := range NR {
			binary.LittleEndian.PutUint32(dst[p*pairSize+4*j:], uint32(even[j])|uint32(odd[j])<<16)
		}
	}
}
