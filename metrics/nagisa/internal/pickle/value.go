// Package pickle reads Python pickles of plain data and nothing else.
//
// A pickle is a program for a stack machine, and the full machine can call any function. This one promises never to:
// it knows the instructions of protocols 0 to 4 that make None, bool, int, float, str, bytes, list, tuple and dict and
// that store and fetch them again, and refuses every other by its name. Memory and nesting are bounded, whatever the
// input says of itself.
//
// The instructions are those of CPython's Lib/pickletools.py and Modules/_pickle.c.
package pickle

import "fmt"

// The Go values of Python's: None is nil, bool is bool, int is int64 (larger ones are refused), float is float64, str is
// string, and the rest are the types below. A str with lone surrogates, which pickles may hold, becomes a string that
// is not UTF-8.

// Bytes is a bytes object.
type Bytes string

// Tuple is a tuple.
type Tuple struct {
	Items []any
	nesting
}

// List is a list.
type List struct {
	Items []any
	nesting
}

// Dict is a dict whose keys are str, bytes or int.
type Dict struct {
	// Keys are in insertion order, as in Python.
	Keys   []any
	values map[any]any
	nesting
}

// Get returns the value of a key.
func (d *Dict) Get(key any) (value any, ok bool) {
	value, ok = d.values[key]
	return value, ok
}

// set is d[key] = value.
func (d *Dict) set(key, value any) error {
	switch key.(type) {
	case string, Bytes, int64:
	default:
		return fmt.Errorf("a dict key is %s, not str, bytes or int", typeName(key))
	}
	if d.values == nil {
		d.values = make(map[any]any)
	}
	if _, ok := d.values[key]; !ok {
		d.Keys = append(d.Keys, key)
	}
	d.values[key] = value
	return nil
}

// typeName is the Python name of a value's type.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case Bytes:
		return "bytes"
	case *Tuple:
		return "tuple"
	case *List:
		return "list"
	case *Dict:
		return "dict"
	default:
		return fmt.Sprintf("%T", value)
	}
}

// nesting is what measuring a container's depth leaves in it: 0 before, -1 meanwhile, then one more than the deepest
// of its items.
type nesting struct{ height int }

// measure returns how deep containers nest in value, 0 for none. It fails where that is more than limit, or where a
// container holds itself. Every container is visited once, however often it is shared.
func measure(value any, limit int) (height int, err error) {
	var state *nesting
	var items []any
	var values map[any]any
	switch v := value.(type) {
	case *Tuple:
		state, items = &v.nesting, v.Items
	case *List:
		state, items = &v.nesting, v.Items
	case *Dict:
		state, values = &v.nesting, v.values
	default:
		return 0, nil
	}
	switch {
	case state.height > 0:
		return state.height, nil
	case state.height < 0:
		return 0, fmt.Errorf("a %s holds itself", typeName(value))
	case limit == 0:
		return 0, errTooDeep
	}
	state.height = -1
	deepest := 0
	item := func(v any) error {
		h, err := measure(v, limit-1)
		if err == nil && h >= limit {
			err = errTooDeep
		}
		deepest = max(deepest, h)
		return err
	}
	for _, v := range items {
		if err := item(v); err != nil {
			return 0, err
		}
	}
	for _, v := range values {
		if err := item(v); err != nil {
			return 0, err
		}
	}
	state.height = deepest + 1
	return state.height, nil
}
