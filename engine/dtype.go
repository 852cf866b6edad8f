package engine

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// DType is an arithmetic mode.
type DType string

// The arithmetics of the package comment.
const (
	F32  DType = "f32"  // the reference
	BF16 DType = "bf16" // faster; products of bfloat16 operands
	Q8   DType = "q8"   // products with 8-bit integers: loses accuracy, never a default
)

// Numerics names the arithmetic F32 that the package comment defines. It is part of every result's identity and changes
// whenever a bit of any answer may change.
const Numerics = "f32-2"

// NumericsOf is Numerics for any DType, or "" for one that does not exist.
func NumericsOf(d DType) string {
	switch d {
	case F32:
		return Numerics
	case BF16:
		return "bf16-3"
	case Q8:
		return "q8-3"
	}
	return ""
}

// mode returns the kernel's name for d.
func (d DType) mode() (kernel.Mode, error) {
	for _, m := range []kernel.Mode{kernel.ModeF32, kernel.ModeBF16, kernel.ModeQ8} {
		if m.String() == string(d) {
			return m, nil
		}
	}
	return 0, fmt.Errorf("dtype %q is not supported, only %q, %q and %q", d, F32, BF16, Q8)
}

// Numerics names the arithmetic in use: NumericsOf(m.DType()).
func (m *Model) Numerics() string { return NumericsOf(m.DType()) }

// DType returns the arithmetic in use.
func (m *Model) DType() DType { return DType(m.net.Mode().String()) }
