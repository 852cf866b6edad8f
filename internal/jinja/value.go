package jinja

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// Values are nil, bool, int64, float64, string, []any (a list), tuple, *Dict, and what only templates make: undefined,
// spans of range, namespaces, loops, macros and functions.

// tuple is a list that prints with round brackets.
type tuple []any

// undefined is what a name or an attribute that is not there has for a value. lax is that of an inline if without else,
// which prints as nothing in either dialect.
type undefined struct {
	what string
	lax  bool
}

// span is range(from, to, step): its items are made when they are asked for.
type span struct{ from, to, step int64 }

func (r span) len() int {
	switch {
	case r.step > 0 && r.from < r.to:
		return int((uint64(r.to)-uint64(r.from)-1)/uint64(r.step) + 1)
	case r.step < 0 && r.from > r.to:
		return int((uint64(r.from)-uint64(r.to)-1)/uint64(-r.step) + 1)
	}
	return 0
}

// drawn is what a filter yields one by one: it can be looped over or made a list, and has neither length nor text.
type drawn []any

// namespace is what set changes across scopes.
type namespace struct{ vars map[string]any }

// callable is a function, or a method bound to its value.
type callable struct {
	name string
	call func(s *state, line int, c call) any
}

// call are evaluated arguments.
type call struct {
	args  []any
	names []string
	named []any
}

// get is the argument at a place or of that name, or def.
func (c call) get(i int, name string, def any) any {
	if i < len(c.args) {
		return c.args[i]
	}
	for j, n := range c.names {
		if n == name {
			return c.named[j]
		}
	}
	return def
}

// Dict is a dict: members in the order they were put in.
type Dict struct {
	keys, values []any
	at           map[any]int
}

// keyOf is a key by which equal keys of Python are equal; ok is false for what cannot be a key.
func keyOf(k any) (key any, ok bool) {
	switch k := k.(type) {
	case bool:
		if k {
			return int64(1), true
		}
		return int64(0), true
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<62 {
			return int64(k), true
		}
		return k, true
	case nil, string, int64, python.Number:
		return k, true
	case tuple:
		return reprOf(k), true
	}
	return nil, false
}

func (d *Dict) set(k, v any) bool {
	key, ok := keyOf(k)
	if !ok {
		return false
	}
	if d.at == nil {
		d.at = map[any]int{}
	}
	if i, has := d.at[key]; has {
		d.values[i] = v
		return true
	}
	d.at[key] = len(d.keys)
	d.keys, d.values = append(d.keys, k), append(d.values, v)
	return true
}

func (d *Dict) get(k any) (any, bool) {
	key, ok := keyOf(k)
	if !ok {
		return nil, false
	}
	i, ok := d.at[key]
	if !ok {
		return nil, false
	}
	return d.values[i], true
}

// Pairs are the keys and values in order.
func (d *Dict) Pairs() (keys, values []any) { return d.keys, d.values }

// From makes a template's value of a plain one: of encoding/json's types, of YAML's, or of internal/python's. A map's
// members are taken in no particular order, an Object's in theirs.
func From(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int64, float64, *Dict, tuple, *callable:
		return v
	case int:
		return int64(v)
	case uint64:
		if v > math.MaxInt64 {
			return python.Number(strconv.FormatUint(v, 10))
		}
		return int64(v)
	case json.Number:
		return number(string(v))
	case python.Number:
		return number(string(v))
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = From(e)
		}
		return list
	case map[string]any:
		d := &Dict{}
		for k, e := range v {
			d.set(k, From(e))
		}
		return d
	case python.Object:
		d := &Dict{}
		for _, m := range v {
			d.set(m.Name, From(m.Value))
		}
		return d
	case Func:
		return &callable{"function", func(_ *state, line int, c call) any {
			r, err := v(c.args)
			if err != nil {
				fail(line, "%v", err)
			}
			return From(r)
		}}
	}
	panic(fmt.Sprintf("jinja: %T is no value of a template", v)) // written by the program, not read
}

// number is a whole number: of any size it can be printed, of 64 bits it can be counted with.
func number(digits string) any {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(digits, 64); err == nil && strings.ContainsAny(digits, ".eE") {
		return f
	}
	return python.Number(digits)
}

// Plain makes a value of internal/python's types of a template's.
func Plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, float64, python.Number:
		return v, nil
	case int64:
		return int(v), nil
	case []any:
		return plainList(v)
	case tuple:
		return plainList(v)
	case *Dict:
		var o python.Object
		for i, k := range v.keys {
			name, ok := k.(string)
			if !ok {
				return nil, fmt.Errorf("a dict has the key %s, which is no string", reprOf(k))
			}
			e, err := Plain(v.values[i])
			if err != nil {
				return nil, err
			}
			o = append(o, python.Member{Name: name, Value: e})
		}
		return o, nil
	}
	return nil, fmt.Errorf("a %s is no plain value", typeName(v))
}

func plainList(v []any) (any, error) {
	list := make([]any, len(v))
	for i, e := range v {
		var err error
		if list[i], err = Plain(e); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// typeName is what Python calls the value's type.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, python.Number:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []any:
		return "list"
	case tuple, group:
		return "tuple"
	case *Dict:
		return "dict"
	case undefined:
		return "Undefined"
	case span:
		return "range"
	case drawn:
		return "generator"
	case *namespace:
		return "Namespace"
	case *loop:
		return "LoopContext"
	}
	return "function"
}

// reprOf is Python's repr; it is for values that were found to have one.
func reprOf(v any) string {
	if s, ok := v.(string); ok {
		return python.Repr(s)
	}
	return Text(v)
}

func quote(s string) string { return strconv.Quote(s) }

// Text is Python's str of a plain value.
func Text(v any) string {
	var b strings.Builder
	writeText(&b, v)
	return b.String()
}

func writeText(b *strings.Builder, v any) {
	list := func(open, end string, items []any) {
		b.WriteString(open)
		for i, e := range items {
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, e)
		}
		b.WriteString(end)
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case python.Number:
		b.WriteString(string(v))
	case float64:
		b.WriteString(python.Float(v))
	case string:
		b.WriteString(v)
	case undefined:
	case []any:
		list("[", "]", v)
	case tuple:
		if len(v) == 1 {
			list("(", ",)", v)
			return
		}
		list("(", ")", v)
	case group:
		list("(", ")", v)
	case span:
		fmt.Fprintf(b, "range(%d, %d", v.from, v.to)
		if v.step != 1 {
			fmt.Fprintf(b, ", %d", v.step)
		}
		b.WriteString(")")
	case *Dict:
		b.WriteString("{")
		for i, k := range v.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, k)
			b.WriteString(": ")
			writeRepr(b, v.values[i])
		}
		b.WriteString("}")
	}
}

func writeRepr(b *strings.Builder, v any) {
	if s, ok := v.(string); ok {
		b.WriteString(python.Repr(s))
		return
	}
	writeText(b, v)
}
