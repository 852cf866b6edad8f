// Package record reads the fields of one record of a data set and says by name what is wrong with them.
//
// It promises that a record is either read as the task expects it or refused with one line that names the file, the
// record (counted from 1) and the field. Field names are matched exactly. It knows nothing of what the fields mean.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// ErrInvalid is what every error of a record wraps.
var ErrInvalid = errors.New("invalid record")

// Record is one JSON object. The first thing found wrong with it is kept and returned by Err; what is read after that
// has no meaning.
type Record struct {
	prefix string // the path of the enclosing fields
	fields []field
	state  *state
}

// state is shared by a record and the objects within it.
type state struct {
	file string
	row  int
	err  error
}

// Read opens row number row (from 0) of file.
func Read(file string, row int, raw json.RawMessage) *Record {
	r := &Record{state: &state{file: file, row: row}}
	var ok bool
	if r.fields, ok = members(raw); !ok {
		r.Fail("not a JSON object")
	}
	return r
}

// Row is the record's number, from 0.
func (r *Record) Row() int { return r.state.row }

// Err returns the first thing that was found wrong.
func (r *Record) Err() error { return r.state.err }

// Fail notes that something is wrong with the record, unless something was before.
func (r *Record) Fail(format string, args ...any) {
	if r.state.err == nil {
		r.state.err = &Error{r.state.file, r.state.row + 1, fmt.Sprintf(format, args...)}
	}
}

// Error is what is wrong with a record.
type Error struct {
	File string
	// Number counts the file's records from 1.
	Number int
	What   string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: record %d: %s", e.File, e.Number, e.What) }

// Unwrap returns ErrInvalid.
func (e *Error) Unwrap() error { return ErrInvalid }

// value returns a field that is there and not null.
func (r *Record) value(name string) (json.RawMessage, bool) {
	var v json.RawMessage
	for i := len(r.fields) - 1; i >= 0 && v == nil; i-- { // the last of equal names counts
		if string(r.fields[i].name) == name {
			v = r.fields[i].value
		}
	}
	switch {
	case r.state.err != nil:
	case v == nil:
		r.Fail("field %s is missing", r.prefix+name)
	case string(v) == "null":
		r.Fail("field %s is null", r.prefix+name)
	default:
		return v, true
	}
	return nil, false
}

// decode reads a field into v or says that it is not what it should be.
func (r *Record) decode(name, want string, v any) {
	raw, ok := r.value(name)
	if !ok {
		return
	}
	if err := json.Unmarshal(raw, v); err != nil {
		r.Fail("field %s is %s, want %s", r.prefix+name, kind(raw), want)
	}
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if in := raw[1 : len(raw)-1]; bytes.IndexByte(in, '\\') < 0 {
		return string(in), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// kind names the type of a JSON value.
func kind(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a truth value"
	case 'n':
		return "null"
	default:
		return "the number " + string(raw[:min(len(raw), 24)])
	}
}

// Text returns a field that must be a string.
func (r *Record) Text(name string) string {
	raw, ok := r.value(name)
	if !ok {
		return ""
	}
	s, ok := text(raw)
	if !ok {
		r.Fail("field %s is %s, want a string", r.prefix+name, kind(raw))
	}
	return s
}

// Filled returns a field that must be a string and not the empty one.
func (r *Record) Filled(name string) string {
	s := r.Text(name)
	if s == "" {
		r.Fail("field %s is empty", r.prefix+name)
	}
	return s
}

// Int returns a field that must be a whole number.
func (r *Record) Int(name string) int64 {
	var n int64
	r.decode(name, "a whole number", &n)
	return n
}

// IntText returns a field that must be a whole number or a string of one: data sets and their loaders differ in that.
func (r *Record) IntText(name string) int64 {
	raw, ok := r.value(name)
	if !ok {
		return 0
	}
	if raw[0] != '"' {
		return r.Int(name)
	}
	s := r.Text(name)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		r.Fail("field %s is %.40q, want a whole number", r.prefix+name, s)
	}
	return n
}

// Texts returns a field that must be an array of strings.
func (r *Record) Texts(name string) []string {
	var raws []json.RawMessage
	r.decode(name, "an array", &raws)
	texts := make([]string, len(raws))
	for i, raw := range raws {
		var ok bool
		if texts[i], ok = text(raw); !ok {
			r.Fail("field %s%s[%d] is %s, want a string", r.prefix, name, i, kind(raw))
			return nil
		}
	}
	return texts
}

// OptionalTexts returns a field that must be an array of strings and nulls, without the nulls.
func (r *Record) OptionalTexts(name string) []string {
	var raws []json.RawMessage
	r.decode(name, "an array", &raws)
	var texts []string
	for i, raw := range raws {
		if string(raw) == "null" {
			continue
		}
		s, ok := text(raw)
		if !ok {
			r.Fail("field %s%s[%d] is %s, want a string", r.prefix, name, i, kind(raw))
			return nil
		}
		texts = append(texts, s)
	}
	return texts
}

// Object returns a field that must be an object. What is wrong within is said of r too.
func (r *Record) Object(name string) *Record {
	in := &Record{prefix: r.prefix + name + ".", state: r.state}
	if raw, ok := r.value(name); ok {
		if in.fields, ok = members(raw); !ok {
			r.Fail("field %s is %s, want an object", r.prefix+name, kind(raw))
		}
	}
	return in
}

// Objects returns a field that must be an array of objects.
func (r *Record) Objects(name string) []*Record {
	var raws []json.RawMessage
	r.decode(name, "an array", &raws)
	all := make([]*Record, len(raws))
	for i, raw := range raws {
		all[i] = &Record{prefix: fmt.Sprintf("%s%s[%d].", r.prefix, name, i), state: r.state}
		var ok bool
		if all[i].fields, ok = members(raw); !ok {
			r.Fail("field %s%s[%d] is %s, want an object", r.prefix, name, i, kind(raw))
		}
	}
	return all
}

// Gold returns an index into n choices, or says that there is no such choice.
func (r *Record) Gold(index int64, n int) int {
	if index < 0 || index >= int64(n) {
		r.Fail("the answer is choice %d of %d", index+1, n)
		return 0
	}
	return int(index)
}

// IDs are the identifiers seen so far in one split, each with its row.
type IDs map[string]int

// Add notes the record's identifier and says so when another record has the same.
func (ids IDs) Add(r *Record, id string) {
	if first, ok := ids[id]; ok {
		r.Fail("id %.80q is also that of record %d", id, first+1)
		return
	}
	ids[id] = r.Row()
}
