package gguf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// uint reads any integer type that is not negative.
func (v value) uint() (uint64, error) {
	n, err := v.int()
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is negative", n)
	}
	return uint64(n), err
}

// int reads any integer type.
func (v value) int() (int64, error) {
	if v.kind == arrayValue {
		return 0, errors.New("want one number, found an array")
	}
	return integer(v.kind, v.raw)
}

func integer(kind valueType, raw []byte) (int64, error) {
	switch kind {
	case uint8Value:
		return int64(raw[0]), nil
	case int8Value:
		return int64(int8(raw[0])), nil
	case uint16Value:
		return int64(binary.LittleEndian.Uint16(raw)), nil
	case int16Value:
		return int64(int16(binary.LittleEndian.Uint16(raw))), nil
	case uint32Value:
		return int64(binary.LittleEndian.Uint32(raw)), nil
	case int32Value:
		return int64(int32(binary.LittleEndian.Uint32(raw))), nil
	case uint64Value:
		if n := binary.LittleEndian.Uint64(raw); n <= math.MaxInt64 {
			return int64(n), nil
		}
		return 0, errors.New("above 2^63-1")
	case int64Value:
		return int64(binary.LittleEndian.Uint64(raw)), nil
	}
	return 0, fmt.Errorf("want an integer, found %v", kind)
}

// float reads a finite number of any type.
func (v value) float() (float64, error) {
	var x float64
	switch v.kind {
	case float32Value:
		x = float64(math.Float32frombits(binary.LittleEndian.Uint32(v.raw)))
	case float64Value:
		x = math.Float64frombits(binary.LittleEndian.Uint64(v.raw))
	default:
		n, err := v.int()
		return float64(n), err
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%v is not a number", x)
	}
	return x, nil
}

func (v value) bool() (bool, error) {
	if v.kind != boolValue {
		return false, fmt.Errorf("want a truth value, found %v", v.kind)
	}
	return v.raw[0] == 1, nil
}

func (v value) text() (string, error) {
	if v.kind != stringValue {
		return "", fmt.Errorf("want a text, found %v", v.kind)
	}
	return string(v.raw), nil
}

// arrayOf checks that v is an array of those elements.
func (v value) arrayOf(kinds ...valueType) error {
	if v.kind != arrayValue {
		return fmt.Errorf("want an array, found %v", v.kind)
	}
	for _, k := range kinds {
		if v.element == k {
			return nil
		}
	}
	return fmt.Errorf("want an array of %v, found one of %v", kinds[0], v.element)
}

func (v value) texts() ([]string, error) {
	if err := v.arrayOf(stringValue); err != nil {
		return nil, err
	}
	list, rest := make([]string, v.count), v.raw
	for i := range list {
		n := binary.LittleEndian.Uint64(rest) // checked when the file was parsed
		list[i], rest = string(rest[8:8+n]), rest[8+n:]
	}
	return list, nil
}

func (v value) floats() ([]float32, error) {
	if err := v.arrayOf(float32Value); err != nil {
		return nil, err
	}
	list := make([]float32, v.count)
	for i := range list {
		list[i] = math.Float32frombits(binary.LittleEndian.Uint32(v.raw[4*i:]))
	}
	return list, nil
}

func (v value) ints() ([]int64, error) {
	if err := v.arrayOf(int32Value, uint32Value, uint8Value, int8Value, uint16Value, int16Value, uint64Value, int64Value); err != nil {
		return nil, err
	}
	list, size := make([]int64, v.count), int(v.element.size())
	for i := range list {
		var err error
		if list[i], err = integer(v.element, v.raw[size*i:][:size]); err != nil {
			return nil, err
		}
	}
	return list, nil
}
