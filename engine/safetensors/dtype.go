package safetensors

// DType is an element type by the name that the format gives it.
type DType string

// The element types whose values the engine can compute with.
const (
	F32  DType = "F32"  // IEEE 754 binary32
	F16  DType = "F16"  // IEEE 754 binary16
	BF16 DType = "BF16" // the upper half of a binary32
)

// bits returns the size of one element, or 0 for a name that the format does not have. The list is enum Dtype of
// safetensors/src/tensor.rs; a name missing here cannot be checked for size and is therefore refused.
func (d DType) bits() uint64 {
	switch d {
	case "F4":
		return 4
	case "F6_E2M3", "F6_E3M2":
		return 6
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ":
		return 8
	case "I16", "U16", F16, BF16:
		return 16
	case "I32", "U32", F32:
		return 32
	case "I64", "U64", "F64", "C64":
		return 64
	}
	return 0
}

// usable tells whether Tensor.Data hands the elements out.
func (d DType) usable() bool { return d == F32 || d == F16 || d == BF16 }
