// Package dynet reads the text files in which DyNet stores the parameters of a model.
//
// It promises what DyNet's own loader does with a whole model: parameters and lookup parameters are matched by their
// order and shape, each kind apart, and names do not matter. Beyond that it refuses what DyNet would pass over, a number
// missing, malformed or too many, so that a damaged file is never a silently different model. Memory is bounded by
// the length of the input.
//
// The format, of dynet/io.cc and dynet/dim.cc in clab/dynet (b564545dae940951921df79545c089334b214f8a, version 2.1.2,
// and unchanged since 2.0.1): per record a header line, "#Parameter#" or "#LookupParameter#", the name, the shape as
// {rows,columns}, the length of the rest in bytes (which its loader of whole models does not use) and ZERO_GRAD or
// FULL_GRAD; then a line of numbers separated by spaces; then, unless ZERO_GRAD, a like line of gradients. Numbers run
// column by column. A lookup parameter's last dimension counts its entries, so an entry's numbers are consecutive.
package dynet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Shape is what a model expects a record to be.
type Shape struct {
	// Label names the record in errors.
	Label string
	// Dims are its dimensions, at least one, each at least 1.
	Dims []int
}

// size is the number of values.
func (s Shape) size() int {
	n := 1
	for _, d := range s.Dims {
		n *= d
	}
	return n
}

// Model is the wanted shapes, or in Read's result the values, of all parameters and all lookup parameters in the order
// in which the model made them.
type Model[T any] struct {
	Parameters []T
	Lookups    []T
}

// Record kinds.
const (
	parameterMark = "#Parameter#"
	lookupMark    = "#LookupParameter#"
)

// maxHeader bounds the length of a header line.
const maxHeader = 4096

// Read reads a whole model with exactly the wanted shapes. The error gives the line and the record.
func Read(r io.Reader, want Model[Shape]) (Model[[]float32], error) {
	l := &loader{r: bufio.NewReaderSize(r, 1<<16), want: want}
	for {
		done, err := l.record()
		if err != nil {
			return Model[[]float32]{}, fmt.Errorf("line %d: %w", l.line, err)
		}
		if done {
			break
		}
	}
	if len(l.got.Parameters) != len(want.Parameters) || len(l.got.Lookups) != len(want.Lookups) {
		return Model[[]float32]{}, fmt.Errorf("%d parameters and %d lookup parameters, want %d and %d",
			len(l.got.Parameters), len(l.got.Lookups), len(want.Parameters), len(want.Lookups))
	}
	return l.got, nil
}

// loader is the state of Read.
type loader struct {
	r    *bufio.Reader
	want Model[Shape]
	got  Model[[]float32]
	// line is the number of the line under work, from 1.
	line int
	// zeroGrad is whether the last record had no line of gradients. A header of an old DyNet does not say and takes
	// over what the one before said.
	zeroGrad bool
}

// record reads one record, unless the file ends first.
func (l *loader) record() (done bool, err error) {
	l.line++
	header, err := l.header()
	if err == io.EOF {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	fields := strings.Fields(header)
	if len(fields) < 4 || len(fields) > 5 {
		return false, fmt.Errorf("a header has a mark, a name, a shape, a length and perhaps a gradient, not %q", header)
	}
	shape, list, err := l.next(fields[0])
	if err != nil {
		return false, err
	}
	if got, want := fields[2], dims(shape.Dims); got != want {
		return false, fmt.Errorf("%s %s (%s) has the shape %s, want %s", fields[0], fields[1], shape.Label, got, want)
	}
	if _, err := strconv.ParseUint(fields[3], 10, 64); err != nil {
		return false, fmt.Errorf("%s %s has the length %q", fields[0], fields[1], fields[3])
	}
	if len(fields) == 5 {
		l.zeroGrad = fields[4] == "ZERO_GRAD"
	}
	values, err := l.numbers(shape.size())
	if err != nil {
		return false, fmt.Errorf("%s %s (%s): %w", fields[0], fields[1], shape.Label, err)
	}
	if !l.zeroGrad {
		if _, err := l.numbers(shape.size()); err != nil {
			return false, fmt.Errorf("%s %s (%s): gradient: %w", fields[0], fields[1], shape.Label, err)
		}
	}
	*list = append(*list, values)
	return false, nil
}

// header reads a line, without its end. At the end of the file it returns io.EOF.
func (l *loader) header() (string, error) {
	var b strings.Builder
	for {
		c, err := l.r.ReadByte()
		switch {
		case err == io.EOF && b.Len() == 0:
			return "", io.EOF
		case err == io.EOF:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		case c == '\n':
			return b.String(), nil
		case b.Len() == maxHeader:
			return "", fmt.Errorf("a header has more than %d bytes", maxHeader)
		}
		b.WriteByte(c)
	}
}

// next returns the shape wanted of the next record with the given mark and the list its values belong to.
func (l *loader) next(mark string) (Shape, *[][]float32, error) {
	list, want := &l.got.Parameters, l.want.Parameters
	switch mark {
	case parameterMark:
	case lookupMark:
		list, want = &l.got.Lookups, l.want.Lookups
	default:
		return Shape{}, nil, fmt.Errorf("a record begins with %s or %s, not %q", parameterMark, lookupMark, mark)
	}
	if len(*list) == len(want) {
		return Shape{}, nil, fmt.Errorf("more than the %d records %s that were wanted", len(want), mark)
	}
	return want[len(*list)], list, nil
}

// dims prints dimensions as DyNet does.
func dims(d []int) string {
	var b strings.Builder
	for i, n := range d {
		b.WriteString([]string{"{", ","}[min(i, 1)])
		b.WriteString(strconv.Itoa(n))
	}
	return b.String() + "}"
}

// numbers returns the numbers of the next line, which must be so many. Room grows as they arrive: what a shape promises
// costs nothing.
func (l *loader) numbers(want int) ([]float32, error) {
	l.line++
	values := make([]float32, 0, min(want, 1<<16))
	for {
		token, last, err := l.token()
		if err != nil {
			return nil, err
		}
		if token != "" {
			if len(values) == want {
				return nil, fmt.Errorf("more than %d numbers", want)
			}
			v, err := number(token)
			if err != nil {
				return nil, fmt.Errorf("number %d: %w", len(values)+1, err)
			}
			values = append(values, v)
		}
		if last {
			break
		}
	}
	if len(values) < want {
		return nil, fmt.Errorf("%d numbers, want %d", len(values), want)
	}
	return values, nil
}

// maxToken is more than DyNet writes for a number: a sign, a digit, a point, eight digits and an exponent.
const maxToken = 64

// token reads up to the next space or line end; last tells that it was a line end. It may be empty.
func (l *loader) token() (token string, last bool, err error) {
	var b [maxToken]byte
	n := 0
	for {
		c, err := l.r.ReadByte()
		switch {
		case err == io.EOF:
			return "", false, io.ErrUnexpectedEOF
		case err != nil:
			return "", false, err
		case c == ' ' || c == '\n':
			return string(b[:n]), c == '\n', nil
		case n == maxToken:
			return "", false, fmt.Errorf("a number has more than %d characters", maxToken)
		}
		b[n] = c
		n++
	}
}

// number parses a decimal number to the nearest float32. Infinities and what is no number are refused.
func number(token string) (float32, error) {
	if strings.Trim(token, "+-.0123456789eE") != "" {
		return 0, fmt.Errorf("%q is no number", token)
	}
	v, err := strconv.ParseFloat(token, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is no float32", token)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is no number", token)
	}
	return float32(v), nil
}
