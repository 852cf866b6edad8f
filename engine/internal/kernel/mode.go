package kernel

import "fmt"

// Mode is an arithmetic of matrix products.
type Mode uint8

// The arithmetics, by the names that users give them.
const (
	ModeF32  Mode = iota // "f32": float32 operands, fused multiply-adds
	ModeBF16             // "bf16": bfloat16 operands, float32 sums; see GemmBF16
	ModeQ8               // "q8": 8-bit integers with a scale to a group, float32 sums; see GemmQ8

	modes = iota
)

// String is the mode's name.
func (m Mode) String() string {
	switch m {
	case ModeF32:
		return "f32"
	case ModeBF16:
		return "bf16"
	case ModeQ8:
		return "q8"
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// Columns is the number of columns of a panel: that of outputs whose weights lie side by side in it.
func (m Mode) Columns() int {
	switch m {
	case ModeF32:
		return NR
	case ModeBF16:
		return columnsBF16
	case ModeQ8:
		return columnsQ8
	}
	panic("kernel: no such " + m.String())
}

// PanelSize is the number of bytes of one panel of k rows. Panels of a matrix follow each other without gaps, and each is
// a multiple of 64 bytes.
func (m Mode) PanelSize(k int) int {
	switch m {
	case ModeF32:
		return k * NR * 4
	case ModeBF16:
		return (k + 1) / 2 * pairSize
	case ModeQ8:
		return groupsQ8(k) * groupSizeQ8
	}
	panic("kernel: no such " + m.String())
}

// Panels is the number of panels of n columns.
func (m Mode) Panels(n int) int { return (n + m.Columns() - 1) / m.Columns() }

// PackedSize is the number of bytes of a packed matrix with n outputs of k inputs each.
func (m Mode) PackedSize(k, n int) int { return m.Panels(n) * m.PanelSize(k) }
