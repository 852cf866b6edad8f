package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// longest bounds a line, and with it the memory for a file of garbage.
const longest = 64 << 20

// errLong reports a line that was passed over.
var errLong = fmt.Errorf("a line of more than %d MiB", longest>>20)

// lineReader reads lines that are not blank.
type lineReader struct {
	in     *bufio.Reader
	number int // of the last line read, from 1
	most   int
	line   []byte
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(r, 1<<16), most: longest}
}

// next returns the next line without its end, valid until the next call. A last line without line feed counts. io.EOF is
// the end.
func (l *lineReader) next() ([]byte, error) {
	for {
		l.number++
		l.line = l.line[:0]
		long := false
		part, err := l.in.ReadSlice('\n')
		for ; errors.Is(err, bufio.ErrBufferFull); part, err = l.in.ReadSlice('\n') {
			if long = long || len(l.line)+len(part) > l.most; !long {
				l.line = append(l.line, part...)
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if long = long || len(l.line)+len(part) > l.most; long {
			return nil, errLong
		}
		l.line = append(l.line, part...)
		if l.number == 1 {
			l.line = bytes.TrimPrefix(l.line, []byte("\ufeff")) // Windows editors write one
		}
		if len(bytes.TrimSpace(l.line)) > 0 {
			return bytes.TrimRight(l.line, "\r\n"), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// idOf is the identifier of a line as JSON, null where it has none that can be read.
func idOf(line []byte) []byte {
	var named struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &named) != nil || named.ID == nil || !utf8.Valid(named.ID) {
		return []byte("null")
	}
	var b bytes.Buffer
	if json.Compact(&b, named.ID) != nil {
		return []byte("null")
	}
	return b.Bytes()
}
