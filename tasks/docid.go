package tasks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// DocID identifies a document within its task. Data sets use numbers or strings; the difference is kept, since a
// reader who joins our files with theirs compares JSON values.
type DocID struct {
	text   string
	number bool
}

// RowID is the identifier of a document that is known by a whole number.
func RowID(n int64) DocID { return DocID{strconv.FormatInt(n, 10), true} }

// TextID is the identifier of a document that is known by a string.
func TextID(s string) DocID { return DocID{s, false} }

// String returns the identifier without quotes.
func (d DocID) String() string { return d.text }

// MarshalJSON writes a number or a string.
func (d DocID) MarshalJSON() ([]byte, error) {
	if d.number {
		return []byte(d.text), nil
	}
	return json.Marshal(d.text)
}

// UnmarshalJSON reads a whole number or a string.
func (d *DocID) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		d.number = false
		return json.Unmarshal(b, &d.text)
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return fmt.Errorf("document id %s is neither a string nor a whole number", b)
	}
	*d = RowID(n)
	return nil
}
