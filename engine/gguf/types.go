package gguf

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// Type is how the elements of a tensor are stored, by ggml's number (enum ggml_type).
type Type uint32

// The types whose values can be read.
const (
	F32    Type = 0
	F16    Type = 1
	Q4_0   Type = 2
	Q4_1   Type = 3
	Q5_0   Type = 6
	Q5_1   Type = 7
	Q8_0   Type = 8
	Q2_K   Type = 10
	Q3_K   Type = 11
	Q4_K   Type = 12
	Q5_K   Type = 13
	Q6_K   Type = 14
	IQ4_NL Type = 20
	IQ4_XS Type = 23
	BF16   Type = 30
)

// String names the type as llama.cpp does.
func (t Type) String() string {
	names := [...]string{
		0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K",
		13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
		22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16", 34: "TQ1_0",
		35: "TQ2_0", 39: "MXFP4",
	}
	if int64(t) < int64(len(names)) && names[t] != "" {
		return names[t]
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// rowSize returns the bytes of a row of n elements.
func (t Type) rowSize(n uint64) (uint64, error) {
	switch t {
	case F32:
		return times(n, 4)
	case F16, BF16:
		return times(n, 2)
	}
	q := t.Blocks()
	if q == blocks.None {
		return 0, fmt.Errorf("stored as %s, which is not supported: of the types of llama.cpp F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K, IQ4_NL and IQ4_XS are", t)
	}
	if n%uint64(q.Elements()) != 0 {
		return 0, fmt.Errorf("rows of %d elements are not whole %s blocks of %d", n, t, q.Elements())
	}
	return times(n/uint64(q.Elements()), uint64(q.Bytes()))
}

// Blocks is the format of a type that stores blocks, None for the others.
func (t Type) Blocks() blocks.Format {
	switch t {
	case Q8_0:
		return blocks.Q8_0
	case Q4_0:
		return blocks.Q4_0
	case Q4_1:
		return blocks.Q4_1
	case Q5_0:
		return blocks.Q5_0
	case Q5_1:
		return blocks.Q5_1
	case IQ4_NL:
		return blocks.IQ4_NL
	case Q2_K:
		return blocks.Q2_K
	case Q3_K:
		return blocks.Q3_K
	case Q4_K:
		return blocks.Q4_K
	case Q5_K:
		return blocks.Q5_K
	case Q6_K:
		return blocks.Q6_K
	case IQ4_XS:
		return blocks.IQ4_XS
	}
	return blocks.None
}

// valueType is the type of a metadata value (enum gguf_type).
type valueType uint32

const (
	uint8Value valueType = iota
	int8Value
	uint16Value
	int16Value
	uint32Value
	int32Value
	float32Value
	boolValue
	stringValue
	arrayValue
	uint64Value
	int64Value
	float64Value
)

func (v valueType) String() string {
	names := [...]string{"uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array", "uint64", "int64", "float64"}
	if int64(v) < int64(len(names)) {
		return names[v]
	}
	return fmt.Sprintf("type %d", uint32(v))
}

// size is the bytes of one value, the least for strings, and 0 for what is no value of its own.
func (v valueType) size() uint64 {
	switch v {
	case uint8Value, int8Value, boolValue:
		return 1
	case uint16Value, int16Value:
		return 2
	case uint32Value, int32Value, float32Value:
		return 4
	case uint64Value, int64Value, float64Value, stringValue:
		return 8
	}
	return 0
}
