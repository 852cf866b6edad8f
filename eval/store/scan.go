package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
)

// record is a record found in a segment. Its payload is valid during the visit.
type record struct {
	key     digest
	payload []byte
	offset  int64
	length  int32 // of the line, line feed included
}

// visitor receives what a segment holds, in order.
type visitor struct {
	record func(record)
	damage func(Damage)
}

// readSegment visits the records of one file. The error says why the segment, or the rest of it, is not believed.
func readSegment(from source, path string, id Identity, seed uint32, v visitor) (torn bool, err error) {
	f, err := from.Open(path)
	if err != nil {
		return false, err
	}
	torn, err = scan(f, path, id, seed, v)
	return torn, errors.Join(err, f.Close())
}

// scan visits the records of a segment. A last line without line feed is torn: its writer died, or is writing. Any
// other line that is not a record is damaged; the lines behind it are read on, since a line feed cannot occur within a
// record.
func scan(r io.ReaderAt, name string, id Identity, seed uint32, v visitor) (torn bool, err error) {
	lines := newLines(r)
	line, err := lines.next()
	if errors.Is(err, io.EOF) {
		return true, nil // the writer died before the header was whole
	}
	if err != nil {
		return false, err
	}
	found, err := parseHeader(line)
	if err != nil {
		return false, err
	}
	if found != id {
		return false, errForeign
	}
	for {
		offset := lines.offset
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return lines.offset > offset, nil
		}
		if errors.Is(err, errLong) {
			v.damage(Damage{name, offset, err.Error()})
			continue
		}
		if err != nil {
			return false, fmt.Errorf("offset %d: %w", offset, err)
		}
		key, payload, reason := parseRecord(line, seed)
		if reason != "" {
			v.damage(Damage{name, offset, reason})
			continue
		}
		v.record(record{key, payload, offset, int32(len(line))})
	}
}

// lines reads a file line by line, with bounded memory whatever the file holds.
type lines struct {
	r      *bufio.Reader
	offset int64 // of the next line
	spill  []byte
}

// errLong reports a line too long to be a record. It has been passed over.
var errLong = fmt.Errorf("a line of more than %d bytes", maxLine)

func newLines(r io.ReaderAt) *lines {
	return &lines{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, math.MaxInt64), 64<<10)}
}

// next returns the next line with its line feed, valid until the next call, or io.EOF where there is none, or none
// that is complete.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	l.offset += int64(len(line))
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	l.spill = append(l.spill[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.r.ReadSlice('\n')
		l.offset += int64(len(line))
		if len(l.spill) <= maxLine {
			l.spill = append(l.spill, line...)
		}
	}
	if err == nil && len(l.spill) > maxLine {
		return nil, errLong
	}
	return l.spill, err
}
