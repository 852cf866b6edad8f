package jinja

import (
	"strings"
)

func (e constExpr) eval(*state) any { return e.v }

func (e *nameExpr) eval(s *state) any {
	if v, ok := s.lookup(e.name); ok {
		return v
	}
	if v := s.global(e.name); v != nil {
		return v
	}
	return undefined{what: "'" + e.name + "' is undefined"}
}

func (s *state) list(items []expr) []any {
	list := make([]any, len(items))
	for i, e := range items {
		list[i] = s.eval(e, 0)
	}
	return list
}

func (e *listExpr) eval(s *state) any  { return s.list(e.items) }
func (e *tupleExpr) eval(s *state) any { return tuple(s.list(e.items)) }

func (e *dictExpr) eval(s *state) any {
	d := &Dict{}
	for i, k := range e.keys {
		key := s.eval(k, e.line)
		if !d.set(key, s.eval(e.values[i], e.line)) {
			fail(e.line, "unhashable type: '%s'", typeName(key))
		}
	}
	return d
}

func (e *condExpr) eval(s *state) any {
	if s.truth(s.eval(e.test, e.line), e.line) {
		return s.eval(e.then, e.line)
	}
	if e.other != nil {
		return s.eval(e.other, e.line)
	}
	return undefined{what: "the inline if evaluated to false and no else section was defined", lax: true}
}

func (e *concatExpr) eval(s *state) any {
	var b strings.Builder
	for _, part := range e.parts {
		text := s.text(s.eval(part, e.line), e.line)
		s.made(e.line, len(text))
		b.WriteString(text)
	}
	return b.String()
}

func (e *unaryExpr) eval(s *state) any {
	v := s.eval(e.e, e.line)
	if e.op == "not" {
		return !s.truth(v, e.line)
	}
	s.present(v, e.line)
	switch n := whole(v).(type) {
	case int64:
		if e.op == "-" {
			return s.subtract(0, n, e.line)
		}
		return n
	case float64:
		if e.op == "-" {
			return -n
		}
		return n
	}
	fail(e.line, "bad operand type for unary %s: '%s'", e.op, typeName(v))
	return nil
}

func (e *compareExpr) eval(s *state) any {
	l := s.eval(e.first, e.line)
	for i, op := range e.ops {
		r := s.eval(e.rest[i], e.line)
		if !s.compare(op, l, r, e.line) {
			return false
		}
		l = r
	}
	return true
}

// attr is a.b: a method or another attribute first, then a key.
func (e *attrExpr) eval(s *state) any {
	v := s.eval(e.e, e.line)
	if got, ok := s.attribute(v, e.name, e.line); ok {
		return got
	}
	if d, ok := v.(*Dict); ok {
		if got, ok := d.get(e.name); ok {
			return got
		}
	}
	return absent(v, e.name)
}

func absent(v any, name string) undefined {
	return undefined{what: "'" + typeName(v) + " object' has no attribute '" + name + "'"}
}

// attribute is what Python has as an attribute, where a template may see it.
func (s *state) attribute(v any, name string, line int) (any, bool) {
	switch v := v.(type) {
	case undefined:
		v.fail(line)
	case *namespace:
		got, ok := v.vars[name]
		return got, ok
	case *loop:
		return v.attr(name)
	case group:
		switch name {
		case "grouper":
			return v[0], true
		case "list":
			return v[1], true
		}
	case string, []any, tuple, *Dict:
		if f := method(v, name); f != nil {
			return &callable{name, func(s *state, line int, c call) any { return f(s, line, v, c) }}, true
		}
	}
	return nil, false
}

// item is a[b]: a key or a place first, then an attribute.
func (e *itemExpr) eval(s *state) any {
	v, key := s.eval(e.e, e.line), s.eval(e.key, e.line)
	return s.item(v, key, e.line)
}

func (s *state) item(v, key any, line int) any {
	s.present(key, line)
	switch held := v.(type) {
	case undefined:
		held.fail(line)
	case *Dict:
		if got, ok := held.get(key); ok {
			return got
		}
	case string, []any, tuple, group, span:
		if i, ok := whole(key).(int64); ok {
			if r, ok := held.(span); ok {
				return s.place(r, i)
			}
			items := s.items(v, line)
			if i < 0 {
				i += int64(len(items))
			}
			if i >= 0 && i < int64(len(items)) {
				return items[i]
			}
			return undefined{what: "'" + typeName(v) + " object' has no element " + Text(key)}
		}
	}
	if name, ok := key.(string); ok {
		if got, ok := s.attribute(v, name, line); ok {
			return got
		}
		return absent(v, name)
	}
	return undefined{what: "'" + typeName(v) + " object' has no element " + s.text(key, line)}
}

func (s *state) place(r span, i int64) any {
	n := int64(r.len())
	if i < 0 {
		i += n
	}
	if i >= 0 && i < n {
		return r.from + i*r.step
	}
	return undefined{what: "'range object' has no element " + Text(i)}
}

func (e *sliceExpr) eval(s *state) any {
	v := s.eval(e.e, e.line)
	part := func(x expr) *int64 {
		if x == nil {
			return nil
		}
		got := s.eval(x, e.line)
		if got == nil {
			return nil
		}
		n, ok := whole(got).(int64)
		if !ok {
			fail(e.line, "slice indices must be integers or None, not '%s'", typeName(got))
		}
		return &n
	}
	from, to, step := part(e.from), part(e.to), part(e.step)
	switch v := v.(type) {
	case string, []any, tuple, span:
	case undefined:
		v.fail(e.line)
	default:
		return undefined{what: "'" + typeName(v) + "' object is not subscriptable"}
	}
	items := s.items(v, e.line)
	var picked []any
	for _, i := range places(len(items), from, to, step, e.line) {
		picked = append(picked, items[i])
	}
	s.made(e.line, 16*len(picked))
	switch v.(type) {
	case string:
		return joined(picked)
	case tuple:
		return tuple(picked)
	}
	return picked
}

func joined(runes []any) string {
	var b strings.Builder
	for _, r := range runes {
		b.WriteString(r.(string)) // items of a string are strings
	}
	return b.String()
}

// places are the indices of a slice of n items.
func places(n int, from, to, step *int64, line int) (at []int) {
	by := int64(1)
	if step != nil {
		by = *step
	}
	if by == 0 {
		fail(line, "slice step cannot be zero")
	}
	low, high := int64(0), int64(n)
	if by < 0 {
		low, high = -1, int64(n)-1
	}
	bound := func(p *int64, def int64) int64 {
		if p == nil {
			return def
		}
		v := *p
		if v < 0 {
			v += int64(n)
		}
		return max(low, min(v, high))
	}
	begin, end := bound(from, low), bound(to, high)
	if by < 0 {
		begin, end = bound(from, high), bound(to, low)
	}
	if by > int64(n) {
		by = int64(n) + 1
	} else if by < -int64(n) {
		by = -int64(n) - 1
	}
	for i := begin; by > 0 && i < end || by < 0 && i > end; i += by {
		at = append(at, int(i))
	}
	return at
}

func (s *state) arguments(a arguments, line int) call {
	c := call{args: s.list(a.args), names: append([]string(nil), a.names...)}
	for _, e := range a.named {
		c.named = append(c.named, s.eval(e, line))
	}
	return c
}

func (e *callExpr) eval(s *state) any {
	fn := s.eval(e.fn, e.line)
	return s.call(fn, s.arguments(e.arguments, e.line), e.line)
}

func (s *state) call(fn any, c call, line int) any {
	switch fn := fn.(type) {
	case *callable:
		return fn.call(s, line, c)
	case undefined:
		fn.fail(line)
	case *loop:
		if fn.again == nil {
			fail(line, "the loop must have the 'recursive' marker to be called")
		}
		return fn.again(s, line, c.get(0, "", nil))
	}
	fail(line, "'%s' object is not callable", typeName(fn))
	return nil
}

func (e *filterExpr) eval(s *state) any { return s.filter(s.eval(e.e, e.line), e.filterCall) }

func (s *state) filter(v any, f filterCall) any {
	c := s.arguments(f.arguments, f.line)
	return s.applyFilter(f.name, v, c, f.line)
}

func (s *state) applyFilter(name string, v any, c call, line int) any {
	s.step(line, 1)
	if own := s.options.Filters[name]; own != nil {
		s.present(v, line)
		var got any
		var err error
		took := timed(func() { got, err = own(append([]any{v}, c.args...)) })
		if err != nil {
			panic(&Error{Line: line, What: name + ": " + err.Error(), cause: err})
		}
		// What such a filter does is counted in no steps.
		if s.outside += took; s.outside > maxOutside {
			exceeded(line, "milliseconds of filters that are the caller's", int(maxOutside.Milliseconds()))
		}
		if text, ok := got.(string); ok {
			s.made(line, len(text))
		}
		return From(got)
	}
	f := builtinFilter(name)
	if f == nil {
		fail(line, "no filter named %q", name)
	}
	return f(s, line, v, c)
}

func (e *testExpr) eval(s *state) any {
	v := s.eval(e.e, e.line)
	return s.applyTest(e.name, v, s.arguments(e.arguments, e.line), e.line) != e.not
}

func (s *state) applyTest(name string, v any, c call, line int) bool {
	s.step(line, 1)
	t := builtinTest(name)
	if t == nil {
		fail(line, "no test named %q", name)
	}
	return t(s, line, v, c)
}
