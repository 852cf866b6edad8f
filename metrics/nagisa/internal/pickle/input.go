package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// byte reads one byte.
func (m *machine) byte() (byte, error) {
	if m.read >= m.limits.Bytes {
		return 0, m.errTooLong()
	}
	b, err := m.r.ReadByte()
	if err == nil {
		m.read++
	}
	return b, err
}

func (m *machine) errTooLong() error { return fmt.Errorf("longer than %d bytes", m.limits.Bytes) }

// bytes reads n bytes. Room grows as they arrive, so that a wrong length costs nothing.
func (m *machine) bytes(n uint64) ([]byte, error) {
	if n > uint64(m.limits.Bytes-m.read) {
		return nil, m.errTooLong()
	}
	var b bytes.Buffer
	got, err := io.CopyN(&b, m.r, int64(n))
	m.read += got
	return b.Bytes(), err
}

// uint reads an unsigned little-endian number of the given number of bytes, at most 8.
func (m *machine) uint(size int) (uint64, error) {
	var b [8]byte
	for i := range size {
		c, err := m.byte()
		if err != nil {
			return 0, err
		}
		b[i] = c
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// sized reads a length of the given number of bytes and then as many bytes.
func (m *machine) sized(size int) ([]byte, error) {
	n, err := m.uint(size)
	if err != nil {
		return nil, err
	}
	return m.bytes(n)
}

// long reads a length and then a little-endian number in two's complement.
func (m *machine) long() (any, error) {
	b, err := m.sized(1)
	if err != nil {
		return nil, err
	}
	if len(b) > 8 {
		return nil, errors.New("an int has more than 64 bits")
	}
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	free := 64 - 8*len(b) // the sign is extended over these bits; a shift by 64 leaves 0
	return int64(v<<free) >> free, nil
}

// ascii is Python 2's str, which Python 3 reads as ASCII by default.
func ascii(b []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return nil, fmt.Errorf("a str of Python 2 holds the byte 0x%02x, which is not ASCII", c)
		}
	}
	return string(b), nil
}
