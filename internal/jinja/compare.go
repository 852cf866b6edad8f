package jinja

import (
	"cmp"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

func (s *state) compare(op string, l, r any, line int) bool {
	switch op {
	case "==":
		return s.equal(l, r, line)
	case "!=":
		return !s.equal(l, r, line)
	case "in":
		return s.contains(r, l, line)
	case "not in":
		return !s.contains(r, l, line)
	}
	s.present(l, line)
	s.present(r, line)
	c := s.order(l, r, line)
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// equal is Python's ==.
func (s *state) equal(l, r any, line int) bool {
	s.step(line, 1)
	s.strict(l, line)
	s.strict(r, line)
	l, r = whole(l), whole(r)
	switch a := l.(type) {
	case undefined:
		_, ok := r.(undefined)
		return ok
	case nil:
		return r == nil
	case string:
		b, ok := r.(string)
		return ok && a == b
	case python.Number:
		b, ok := r.(python.Number)
		return ok && a == b
	case []any:
		b, ok := r.([]any)
		return ok && s.equalLists(a, b, line)
	case tuple:
		b, ok := r.(tuple)
		return ok && s.equalLists(a, b, line)
	case *Dict:
		b, ok := r.(*Dict)
		if !ok || len(a.keys) != len(b.keys) {
			return false
		}
		s.deeper(line)
		defer func() { s.depth-- }()
		for i, k := range a.keys {
			v, has := b.get(k)
			if !has || !s.equal(a.values[i], v, line) {
				return false
			}
		}
		return true
	}
	x, lNum := toFloat(l)
	y, rNum := toFloat(r)
	if lNum && rNum {
		if a, ok := l.(int64); ok {
			if b, ok := r.(int64); ok {
				return a == b
			}
		}
		return x == y
	}
	return false
}

func (s *state) equalLists(a, b []any, line int) bool {
	if len(a) != len(b) {
		return false
	}
	s.deeper(line)
	defer func() { s.depth-- }()
	for i := range a {
		if !s.equal(a[i], b[i], line) {
			return false
		}
	}
	return true
}

// contains is item in v.
func (s *state) contains(v, item any, line int) bool {
	s.present(item, line)
	switch v := v.(type) {
	case string:
		text, ok := item.(string)
		if !ok {
			fail(line, "'in <string>' requires string as left operand, not %s", typeName(item))
		}
		s.step(line, len(v)/64)
		return strings.Contains(v, text)
	case *Dict:
		_, ok := v.get(item)
		return ok
	}
	for _, e := range s.items(v, line) {
		if s.equal(e, item, line) {
			return true
		}
	}
	return false
}

// order compares what Python can order.
func (s *state) order(l, r any, line int) int {
	s.step(line, 1)
	l, r = whole(l), whole(r)
	switch a := l.(type) {
	case string:
		if b, ok := r.(string); ok {
			return strings.Compare(a, b)
		}
	case []any:
		if b, ok := r.([]any); ok {
			return s.orderLists(a, b, line)
		}
	case tuple:
		if b, ok := r.(tuple); ok {
			return s.orderLists(a, b, line)
		}
	case int64:
		if b, ok := r.(int64); ok {
			return cmp.Compare(a, b)
		}
	}
	x, lNum := toFloat(l)
	y, rNum := toFloat(r)
	if !lNum || !rNum {
		fail(line, "'<' not supported between instances of '%s' and '%s'", typeName(l), typeName(r))
	}
	return cmp.Compare(x, y)
}

func (s *state) orderLists(a, b []any, line int) int {
	s.deeper(line)
	defer func() { s.depth-- }()
	for i := 0; i < len(a) && i < len(b); i++ {
		if !s.equal(a[i], b[i], line) {
			return s.order(a[i], b[i], line)
		}
	}
	return cmp.Compare(len(a), len(b))
}
