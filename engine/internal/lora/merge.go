package lora

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// Merge shows base with the adapter merged into it. Rows are merged when they are asked for: what a product or a packing
// needs exists, and the merged model never does as a whole.
func (a *Adapter) Merge(base graph.Tensors) graph.Tensors { return merging{base, a} }

type merging struct {
	graph.Tensors
	adapter *Adapter
}

func (m merging) Tensor(name string) (graph.Stored, bool, error) {
	base, ok, err := m.Tensors.Tensor(name)
	if !ok || err != nil {
		return base, ok, err
	}
	if t, ok := m.adapter.whole[name]; ok {
		whole, err := Stored(t)
		return whole, true, err
	}
	p, ok := m.adapter.pairs[name]
	if !ok {
		return base, true, nil
	}
	a, err := values(p.a)
	if err != nil {
		return base, true, err
	}
	b, err := values(p.b)
	if err != nil {
		return base, true, err
	}
	merged := base
	merged.Format, merged.Blocks = kernel.F32, blocks.None
	merged.Rows = &mergedRows{base: base, cols: p.a.Shape[1], rank: p.a.Shape[0], a: a, b: b, scale: m.adapter.Config.scale(p.module), spare: new(sync.Pool)}
	return merged, true, nil
}

// mergedRows are the rows of a matrix with its part of the adapter. See the package comment.
type mergedRows struct {
	base       graph.Stored
	cols, rank int
	a, b       []float64 // (rank, cols), (rows, rank)
	scale      float64
	spare      *sync.Pool // *room
}

type room struct {
	sums   []float64
	values []float32
}

// Values writes one row.
func (m *mergedRows) Values(dst []float32, row int) {
	r, ok := m.spare.Get().(*room)
	if !ok {
		r = &room{sums: make([]float64, m.cols), values: make([]float32, m.cols)}
	}
	sums := r.sums
	clear(sums)
	b, a := m.b[row*m.rank:][:m.rank], m.a
	for ; len(b) >= 4; b, a = b[4:], a[4*m.cols:] { // four at once, so that sums are read and written less often
		a0, a1, a2, a3 := a[:len(sums)], a[m.cols:][:len(sums)], a[2*m.cols:][:len(sums)], a[3*m.cols:][:len(sums)]
		for j, sum := range sums {
			// Products are exact, so that fusing one with its sum changes nothing.
			sums[j] = sum + b[0]*a0[j] + b[1]*a1[j] + b[2]*a2[j] + b[3]*a3[j]
		}
	}
	for k, x := range b {
		for j, y := range a[k*m.cols:][:len(sums)] {
			sums[j] += x * y
		}
	}
	dst = dst[:m.cols]
	m.base.Values(dst, row)
	for j, w := range dst {
		dst[j] = float32(float64(w) + float64(m.scale*sums[j]))
	}
	m.spare.Put(r)
}

// Rows writes n rows as little-endian float32.
func (m *mergedRows) Rows(dst []byte, first, n int) {
	r, ok := m.spare.Get().(*room)
	if !ok {
		r = &room{sums: make([]float64, m.cols), values: make([]float32, m.cols)}
	}
	for i := range n {
		m.Values(r.values, first+i)
		for j, x := range r.values {
			binary.LittleEndian.PutUint32(dst[4*(i*m.cols+j):], math.Float32bits(x))
		}
	}
	m.spare.Put(r)
}

// Row returns one row.
func (m *mergedRows) Row(row int) []byte {
	dst := make([]byte, 4*m.cols)
	m.Rows(dst, row, 1)
	return dst
}

// Cut is the same of n rows from first on.
func (m *mergedRows) Cut(first, n int, data []byte) graph.RowDecoder {
	c := *m
	c.base, c.b = m.base.Cut(first, n, data), m.b[first*m.rank:][:n*m.rank]
	return &c
}

// values widens a matrix.
func values(t safetensors.Tensor) ([]float64, error) {
	stored, err := Stored(t)
	if err != nil {
		return nil, err
	}
	row := make([]float32, t.Shape[1])
	list := make([]float64, 0, t.Shape[0]*t.Shape[1])
	for i := range t.Shape[0] {
		stored.Values(row, i)
		for _, x := range row {
			list = append(list, float64(x))
		}
	}
	return list, nil
}

// Stored is an array of a safetensors file. One that is no float has no Data, and an error.
func Stored(t safetensors.Tensor) (s graph.Stored, err error) {
	s = graph.Stored{Shape: t.Shape, Format: kernel.F32}
	switch t.DType {
	case safetensors.BF16:
		s.Format = kernel.BF16
	case safetensors.F16:
		s.Format = kernel.F16
	}
	s.Name = s.Format.String()
	if s.Data, err = t.Data(); err == nil {
		if file, at := t.Place(); file != nil {
			s.Source, s.At = file, at
		}
	}
	return s, err
}
