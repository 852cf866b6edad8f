package jsonscan

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Stream reads JSON values one after the other from a stream of any length. It holds no more than the longest value.
type Stream struct {
	r   io.Reader
	buf []byte
	at  int
	end bool
}

// NewStream returns a stream that reads from r.
func NewStream(r io.Reader) *Stream { return &Stream{r: r} }

const (
	streamBuffer = 1 << 20
	// streamValue is the longest value that is read: TriviaQA's longest records have some hundred kilobytes.
	streamValue = 64 << 20
)

// more reads on. It returns io.EOF at the stream's end.
func (s *Stream) more() error {
	if s.end {
		return io.EOF
	}
	s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
	s.at = 0
	if len(s.buf) == cap(s.buf) {
		if len(s.buf) >= streamValue {
			return fmt.Errorf("a value of more than %d bytes", streamValue)
		}
		s.buf = append(make([]byte, 0, max(streamBuffer, 2*cap(s.buf))), s.buf...)
	}
	// The buffer is filled, since what was cut is scanned again from its beginning.
	for len(s.buf) < cap(s.buf) {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if s.end = err == io.EOF; s.end {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Peek returns the next byte that is not white space, or io.EOF.
func (s *Stream) Peek() (byte, error) {
	for {
		if s.at = SkipSpace(s.buf, s.at); s.at < len(s.buf) {
			return s.buf[s.at], nil
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// Expect takes the byte want.
func (s *Stream) Expect(want byte) error {
	c, err := s.Peek()
	switch {
	case err == io.EOF:
		return ErrCut
	case err != nil:
		return err
	case c != want:
		return Unexpected(c)
	}
	s.at++
	return nil
}

// Next takes what stands between commas up to the closing bracket; it returns false at the bracket. first says that
// nothing was taken yet.
func (s *Stream) Next(closing byte, first bool) (bool, error) {
	c, err := s.Peek()
	switch {
	case err == io.EOF:
		return false, ErrCut
	case err != nil:
		return false, err
	case c == closing:
		s.at++
		return false, nil
	case first:
		return true, nil
	}
	return true, s.Expect(',')
}

// Value takes one value. It is valid until the next call.
func (s *Stream) Value() ([]byte, error) {
	return s.Take(func(b []byte, i int) (int, error) { return Value(b, i) })
}

// Take takes what scan finds from b[i] on. Where that is cut, scan is called again with more.
func (s *Stream) Take(scan func(b []byte, i int) (int, error)) ([]byte, error) {
	if _, err := s.Peek(); err != nil && err != io.EOF {
		return nil, err
	}
	for {
		end, err := scan(s.buf, s.at)
		switch {
		case err == nil:
			v := s.buf[s.at:end]
			s.at = end
			if !utf8.Valid(v) {
				return nil, errors.New("not valid UTF-8")
			}
			return v, nil
		case err != ErrCut:
			return nil, err
		}
		switch err := s.more(); {
		case err == io.EOF:
			return nil, ErrCut
		case err != nil:
			return nil, err
		}
	}
}
