package parquet

import (
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// Kind is what a column of a Parquet file must hold and how it is written into a row.
type Kind string

// The kinds. Every value may be null and is then null in the row.
const (
	// Text is a UTF-8 string.
	Text Kind = "text"
	// Integer is a whole number; a class label stays the number that is published.
	Integer Kind = "integer"
	// Texts and Integers are lists.
	Texts    Kind = "texts"
	Integers Kind = "integers"
	// Object is a structure; without a Source its Fields lie beside it in the file.
	Object Kind = "object"
	// Objects is a list of structures.
	Objects Kind = "objects"
	// Zipped is a structure of lists of one length, written as an array of objects.
	Zipped Kind = "zipped"
)

// one is the kind of a list's elements.
func (k Kind) one() Kind { return k[:len(k)-1] }

// Column says where one field of a row lies in a Parquet file and what it must be. A column that is not there or is
// something else is an error; columns that no Column names are not read.
type Column struct {
	// Field is the name in the row, Source the column's name in the file.
	Field  string `json:"field"`
	Source string `json:"source,omitempty"`
	Kind   Kind   `json:"kind"`
	// Fields are within Object, Objects and Zipped; in Zipped they are Texts or Integers.
	Fields []Column `json:"fields,omitempty"`
}

// appendRow writes the columns of a record, as the generic reader gives it, as one JSON object in their order.
func appendRow(b []byte, columns []Column, record map[string]any) ([]byte, error) {
	separator := byte('{')
	for _, c := range columns {
		b = append(b, separator)
		separator = ','
		b = append(jsonscan.AppendString(b, c.Field), ':')
		value := any(record)
		if c.Source != "" {
			value = record[c.Source]
		}
		var err error
		if b, err = c.append(b, value); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// append writes a value. The schema was compared with the columns, so a value of another type is the reader's fault and
// is reported rather than guessed at.
func (c Column) append(b []byte, value any) ([]byte, error) {
	if value == nil {
		return append(b, "null"...), nil
	}
	switch c.Kind {
	case Text:
		if s, ok := value.(string); ok {
			return appendText(b, c, s)
		}
	case Integer:
		if b, ok := appendInteger(b, value); ok {
			return b, nil
		}
	case Texts, Integers:
		return c.appendList(b, value, Column{Source: c.Source, Kind: c.Kind.one()}.append)
	case Object:
		if record, ok := value.(map[string]any); ok {
			return appendRow(b, c.Fields, record)
		}
	case Objects:
		return c.appendList(b, value, Column{Source: c.Source, Kind: Object, Fields: c.Fields}.append)
	case Zipped:
		if record, ok := value.(map[string]any); ok {
			return c.appendZipped(b, record)
		}
	}
	return b, c.wrong(value)
}

func (c Column) wrong(value any) error {
	return fmt.Errorf("column %q: the reader gave a %T where a value of kind %s is", c.Source, value, c.Kind)
}

func (c Column) appendList(b []byte, value any, each func([]byte, any) ([]byte, error)) ([]byte, error) {
	list, ok := value.([]any)
	if !ok {
		return b, c.wrong(value)
	}
	b = append(b, '[')
	for i, element := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = each(b, element); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func (c Column) appendZipped(b []byte, record map[string]any) ([]byte, error) {
	lists := make([][]any, len(c.Fields))
	for i, f := range c.Fields {
		var ok bool
		if lists[i], ok = record[f.Source].([]any); !ok && record[f.Source] != nil {
			return b, f.wrong(record[f.Source])
		}
		if len(lists[i]) != len(lists[0]) {
			return b, fmt.Errorf("column %q: %d values of %q, %d of %q", c.Source, len(lists[0]), c.Fields[0].Source, len(lists[i]), f.Source)
		}
	}
	b = append(b, '[')
	for n := range lists[0] {
		if n > 0 {
			b = append(b, ',')
		}
		for i, f := range c.Fields {
			b = append(b, "{,"[min(i, 1)])
			b = append(jsonscan.AppendString(b, f.Field), ':')
			var err error
			if b, err = (Column{Source: f.Source, Kind: f.Kind.one()}).append(b, lists[i][n]); err != nil {
				return b, err
			}
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

func appendInteger(b []byte, value any) ([]byte, bool) {
	switch n := value.(type) {
	case int32:
		return strconv.AppendInt(b, int64(n), 10), true
	case int64:
		return strconv.AppendInt(b, n, 10), true
	case uint32:
		return strconv.AppendUint(b, uint64(n), 10), true
	}
	return b, false
}
