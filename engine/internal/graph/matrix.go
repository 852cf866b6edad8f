package graph

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// Tensors are the arrays of a checkpoint, by the names of Hugging Face's layout.
type Tensors interface {
	Tensor(name string) (t Stored, ok bool, err error)
	Names() []string
}

// Stored is one array of a checkpoint.
type Stored struct {
	Shape  []int
	Format kernel.Format // of Data, or of what Rows gives
	Data   []byte        // as it lies in the file
	Rows   RowDecoder    // nil where Data are the rows in order, of that format
	Name   string        // of the format in the file, for Config.StoredDType
	Blocks blocks.Format // of the rows that Rows has; Format is then F32

	Source Source // the file that Data lie in; nil where they are in memory only
	At     int64  // the byte of the file that they begin at
	Group  int    // rows that Rows has in another order, none of them elsewhere; at most 1 where it has the file's order
}

// Source is a file of stored arrays, for whoever reads it anew and not through its mapping.
type Source interface {
	// Unbuffered prepares reads that go past the system's page cache, or says why this file has none.
	Unbuffered() error
	// ReadAt fills dst from byte at on, as far as the file goes. Unbuffered reads want both on pages. It may be called from
	// several goroutines.
	ReadAt(dst []byte, at int64, unbuffered bool) (n int, err error)
	// Drop tells the system that n bytes from byte at on are no longer of use in its page cache.
	Drop(at, n int64)
	// Stream drops the whole file, what the mapping has of it included, and has reads bring nothing that they are not asked for.
	Stream()
}

// RowDecoder gives the rows of an array that is stored in another format or order.
type RowDecoder interface {
	// Rows writes n rows from first on, in the format and order of the model. Of blocks it is not asked: they are read by Row.
	Rows(dst []byte, first, n int)
	// Values writes one row, widened.
	Values(dst []float32, row int)
	// Row returns one row as it is stored.
	Row(row int) []byte
	// Cut returns the decoder of n rows from first on, of which data has what is stored. Both are whole groups of Stored.Group,
	// or reach the end.
	Cut(first, n int, data []byte) RowDecoder
}

// Cut is the array of n rows of a matrix from first on, of which data has what is stored, as RowDecoder.Cut.
func (s Stored) Cut(first, n int, data []byte) Stored {
	if s.Rows != nil {
		s.Rows = s.Rows.Cut(first, n, data)
	}
	s.Shape, s.Data, s.Source = []int{n, s.Shape[1]}, data, nil
	return s
}

// Values writes one row of a matrix, widened.
func (s Stored) Values(dst []float32, row int) {
	if s.Rows != nil {
		s.Rows.Values(dst, row)
		return
	}
	size := s.Shape[len(s.Shape)-1] * s.Format.Size()
	widen(dst, s.Data[row*size:][:size], s.Format)
}

// matrix is a weight matrix as it is stored: y = x W^T for W (rows = outputs, cols = inputs).
type matrix struct {
	data       []byte // row-major, mapped from a file
	format     kernel.Format
	decoder    RowDecoder    // nil where data are the rows; else it makes them, of the same format
	spare      *sync.Pool    // *[]byte, room for what it makes
	blocks     blocks.Format // of what the decoder has
	rows, cols int
	source     Source      // of data, nil for none
	at         int64       // where these begin there
	group      int         // rows that the decoder mixes
	mode       kernel.Mode // the form of its panels
	kept       bool        // it is read as it is stored, always
	woven      bool        // what is packed of it are its blocks, woven
	packed     []byte      // panels or strips, if there is memory for them
	room       []byte      // where these will be, until they are packed
}

// same tells whether two matrices are stored alike.
func (m *matrix) same(other *matrix) bool {
	return m.format == other.format && bytes.Equal(m.data, other.data)
}

// rowBytes is how many bytes a row has as it is stored, also where there are none.
func (m *matrix) rowBytes() int {
	if len(m.data) == 0 {
		return m.cols * m.format.Size()
	}
	return len(m.data) / m.rows
}

// cut is the matrix of n rows from first on, of which data has what is stored: whole groups, or those up to the end.
func (m *matrix) cut(first, n int, data []byte) *matrix {
	// Not a copy: a pass that ends may set packed meanwhile.
	c := &matrix{
		data: data, format: m.format, spare: m.spare, blocks: m.blocks, rows: n, cols: m.cols, group: m.group,
		mode: m.mode, kept: m.kept, woven: m.woven,
	}
	if m.decoder != nil {
		c.decoder = m.decoder.Cut(first, n, data)
	}
	return c
}

// stored returns n rows of m, which has no blocks, from first on as m.format says. release gives their memory back.
func (m *matrix) stored(first, n int) (data []byte, release func()) {
	size := m.cols * m.format.Size()
	if m.decoder == nil {
		return m.data[first*size:][:n*size], func() {}
	}
	room, _ := m.spare.Get().(*[]byte)
	if room == nil || cap(*room) < n*size {
		room = new([]byte)
		*room = make([]byte, n*size)
	}
	data = (*room)[:n*size]
	m.decoder.Rows(data, first, n)
	return data, func() { m.spare.Put(room) }
}

// row decodes one row of m.
func (m *matrix) row(dst []float32, row int) {
	if m.decoder != nil {
		m.decoder.Values(dst[:m.cols], row)
		return
	}
	n := m.cols * m.format.Size()
	widen(dst[:m.cols], m.data[row*n:][:n], m.format)
}

// widen decodes stored values to float32.
func widen(dst []float32, src []byte, f kernel.Format) {
	switch f {
	case kernel.BF16:
		for i := range dst {
			dst[i] = num.BF16ToF32(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case kernel.F16:
		for i := range dst {
			dst[i] = num.F16ToF32(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}
}
