// Package gguftest writes GGUF files for tests: any pairs and tensors, well-formed or not, and whole Llama models made from
// a directory in Hugging Face layout by the rules of llama.cpp's conversion (conversion/llama.py and base.py): names, keys,
// permuted rows of queries and keys, vectors in F32, and matrices whose rows are no whole blocks in F16 instead of Q8_0.
package gguftest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// Pair is one key with its value: uint32, int32, uint64, float32, bool, string, []string, []float32, []int32, or Raw.
type Pair struct {
	Key   string
	Value any
}

// Raw is a value's type and bytes as they are.
type Raw struct {
	Type  uint32
	Bytes []byte
}

// Tensor is one array. Dims are as the file has them, the fastest first.
type Tensor struct {
	Name string
	Dims []uint64
	Type uint32
	Data []byte
	// Offset is set by Bytes unless Placed.
	Offset uint64
	Placed bool
}

// File is what a GGUF file says.
type File struct {
	Version   uint32 // 0 means 3
	Alignment int    // 0 means 32, which is not written
	Pairs     []Pair
	Tensors   []Tensor
}

// Set gives a key another value, or adds it; nil removes it.
func (f *File) Set(key string, v any) {
	for i := range f.Pairs {
		if f.Pairs[i].Key == key {
			if f.Pairs[i].Value = v; v == nil {
				f.Pairs = append(f.Pairs[:i:i], f.Pairs[i+1:]...)
			}
			return
		}
	}
	if v != nil {
		f.Pairs = append(f.Pairs, Pair{key, v})
	}
}

// Tensor returns the tensor of that name, or nil.
func (f *File) Tensor(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	return nil
}

// Bytes is the file.
func (f *File) Bytes() []byte {
	b, begin := f.head()
	for _, t := range f.Tensors {
		b = append(b, t.Data...)
		b = f.pad(b, begin)
	}
	return b
}

// head is everything before the data, and where these begin.
func (f *File) head() (b []byte, begin int) {
	version := f.Version
	if version == 0 {
		version = 3
	}
	pairs := f.Pairs
	if f.Alignment != 0 {
		pairs = append([]Pair{{"general.alignment", uint32(f.Alignment)}}, pairs...)
	}
	b = append(b, "GGUF"...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(f.Tensors)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(pairs)))
	for _, p := range pairs {
		b = Text(b, p.Key)
		b = value(b, p.Value)
	}
	offset := uint64(0)
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if !t.Placed {
			t.Offset = offset
		}
		b = Text(b, t.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(t.Dims)))
		for _, d := range t.Dims {
			b = binary.LittleEndian.AppendUint64(b, d)
		}
		b = binary.LittleEndian.AppendUint32(b, t.Type)
		b = binary.LittleEndian.AppendUint64(b, t.Offset)
		offset += uint64(f.padded(len(t.Data)))
	}
	if len(f.Tensors) > 0 {
		b = f.pad(b, 0)
	}
	return b, len(b)
}

func (f *File) padded(n int) int {
	a := f.Alignment
	if a == 0 {
		a = 32
	}
	return (n + a - 1) / a * a
}

func (f *File) pad(b []byte, from int) []byte {
	return append(b, bytes.Repeat([]byte{0}, f.padded(len(b)-from)-(len(b)-from))...)
}

// Text appends a length and a text.
func Text(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

func value(b []byte, v any) []byte {
	kind := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(b, n) }
	array := func(element uint32, n int) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(kind(9), element), uint64(n))
	}
	switch v := v.(type) {
	case uint32:
		return binary.LittleEndian.AppendUint32(kind(4), v)
	case int32:
		return binary.LittleEndian.AppendUint32(kind(5), uint32(v))
	case uint64:
		return binary.LittleEndian.AppendUint64(kind(10), v)
	case float32:
		return binary.LittleEndian.AppendUint32(kind(6), math.Float32bits(v))
	case bool:
		if v {
			return append(kind(7), 1)
		}
		return append(kind(7), 0)
	case string:
		return Text(kind(8), v)
	case []string:
		b = array(8, len(v))
		for _, s := range v {
			b = Text(b, s)
		}
		return b
	case []float32:
		b = array(6, len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		return b
	case []int32:
		b = array(5, len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(x))
		}
		return b
	case Raw:
		return append(kind(v.Type), v.Bytes...)
	}
	panic(fmt.Sprintf("gguftest: no value of type %T", v))
}
