package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// thriftWalk passes over a structure of Thrift's compact protocol and checks that every length in it fits the bytes that
// are there (github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).
type thriftWalk struct {
	b        []byte
	at       int
	elements int // elements of lists that may still come
}

var errThrift = errors.New("not what Parquet's metadata look like")

const thriftDepth = 32

// The compact protocol's types.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
	thriftUUID
)

func (w *thriftWalk) skip(n int) error {
	if n < 0 || n > len(w.b)-w.at {
		return errThrift
	}
	w.at += n
	return nil
}

func (w *thriftWalk) byte() (byte, error) {
	if err := w.skip(1); err != nil {
		return 0, err
	}
	return w.b[w.at-1], nil
}

func (w *thriftWalk) varint() (uint64, error) {
	u, n := binary.Uvarint(w.b[w.at:])
	if n <= 0 {
		return 0, errThrift
	}
	w.at += n
	return u, nil
}

// length is a varint that counts things of at least one byte each.
func (w *thriftWalk) length() (int, error) {
	u, err := w.varint()
	if err != nil || u > uint64(len(w.b)-w.at) {
		return 0, errThrift
	}
	return int(u), nil
}

func (w *thriftWalk) structure(depth int) error {
	if depth > thriftDepth {
		return fmt.Errorf("nested more than %d deep", thriftDepth)
	}
	for {
		b, err := w.byte()
		if err != nil || b == thriftStop {
			return err
		}
		if b>>4 == 0 { // the field's number follows, otherwise it is the difference to the last
			if _, err := w.varint(); err != nil {
				return err
			}
		}
		if typ := b & 15; typ != thriftTrue && typ != thriftFalse { // a field's truth value is its type
			if err := w.value(typ, depth); err != nil {
				return err
			}
		}
	}
}

func (w *thriftWalk) value(typ byte, depth int) error {
	switch typ {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := w.varint()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftUUID:
		return w.skip(16)
	case thriftBinary:
		n, err := w.length()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftStruct:
		return w.structure(depth + 1)
	case thriftList, thriftSet:
		b, err := w.byte()
		if err != nil {
			return err
		}
		n := int(b >> 4)
		if n == 15 {
			if n, err = w.length(); err != nil {
				return err
			}
		}
		return w.values(n, depth, b&15)
	case thriftMap:
		n, err := w.length()
		if err != nil || n == 0 {
			return err
		}
		b, err := w.byte()
		if err != nil {
			return err
		}
		return w.values(n, depth, b>>4, b&15)
	default:
		return errThrift
	}
}

// values passes n elements, or pairs of a map.
func (w *thriftWalk) values(n, depth int, types ...byte) error {
	if depth > thriftDepth {
		return fmt.Errorf("nested more than %d deep", thriftDepth)
	}
	if w.elements -= n; w.elements < 0 {
		return errors.New("more elements than the metadata of such a file can have")
	}
	for range n {
		for _, typ := range types {
			if err := w.value(typ, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
