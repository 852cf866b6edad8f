package jinja

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// state is one rendering.
type state struct {
	options Options
	limits  Limits
	scope   *scope
	out     *strings.Builder
	signal  signal
	steps   int
	bytes   int
	depth   int
	outside time.Duration // in filters that are the caller's
}

// scope holds names; what is not found in it is looked for in those around it.
type scope struct {
	vars   map[string]any
	around *scope
}

func newScope(around *scope) *scope { return &scope{nil, around} }

func (c *scope) set(name string, v any) {
	if c.vars == nil {
		c.vars = map[string]any{}
	}
	c.vars[name] = v
}

func (s *state) lookup(name string) (any, bool) {
	for c := s.scope; c != nil; c = c.around {
		if v, ok := c.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// within runs f in a scope of its own.
func (s *state) within(around *scope, f func()) {
	saved := s.scope
	s.scope = newScope(around)
	f()
	s.scope = saved
}

// step counts work.
func (s *state) step(line, n int) {
	if s.steps += n; s.steps > s.limits.Steps {
		exceeded(line, "steps", s.limits.Steps)
	}
}

// made counts the bytes of a text or a list that is about to be made.
func (s *state) made(line, n int) {
	if n < 0 || n > s.limits.Bytes {
		exceeded(line, "bytes", s.limits.Bytes)
	}
	if s.bytes += n; s.bytes > s.limits.Bytes {
		exceeded(line, "bytes", s.limits.Bytes)
	}
	s.step(line, n/64)
}

func exceeded(line int, what string, limit int) {
	e := &Error{Line: line, cause: ErrLimit}
	e.What = "template takes more than " + Text(int64(limit)) + " " + what
	panic(e)
}

// deeper guards against recursion.
func (s *state) deeper(line int) {
	if s.depth++; s.depth > maxDepth {
		panic(&Error{Line: line, What: "template nests deeper than " + Text(int64(maxDepth)) + " levels while it is evaluated", cause: ErrLimit})
	}
}

// eval evaluates an expression, counted.
func (s *state) eval(e expr, line int) any {
	s.step(line, 1)
	s.deeper(line)
	v := e.eval(s)
	s.depth--
	return v
}

// write prints a text.
func (s *state) write(line int, text string) {
	s.made(line, len(text))
	s.out.WriteString(text)
}

// capture returns what f prints.
func (s *state) capture(f func()) string {
	saved := s.out
	s.out = &strings.Builder{}
	f()
	text := s.out.String()
	s.out = saved
	return text
}

// statements runs a body until it ends, or a loop is left.
func (s *state) statements(body []node) {
	for _, n := range body {
		s.step(0, 1)
		n.exec(s)
		if s.signal != goOn {
			return
		}
	}
}

// missing is the error of what is not there.
func (u undefined) fail(line int) {
	panic(&Error{Line: line, What: u.what, Undefined: true, cause: errUndefined})
}

var errUndefined = errors.New("undefined")

// strict refuses an undefined value where the dialect does.
func (s *state) strict(v any, line int) {
	if u, ok := v.(undefined); ok && !s.options.Chat && !u.lax {
		u.fail(line)
	}
}

// text is str of a value.
func (s *state) text(v any, line int) string {
	switch v := v.(type) {
	case string:
		return v
	case undefined:
		s.strict(v, line)
		return ""
	case drawn, *namespace, *loop, *callable:
		fail(line, "a %s has no text", typeName(v))
	}
	s.made(line, s.weight(v, line))
	return Text(v)
}

// weight is about how many bytes a value's text has; it walks over the value, counted.
func (s *state) weight(v any, line int) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case []any:
		return s.weightOf(v, line)
	case tuple:
		return s.weightOf(v, line)
	case group:
		return s.weightOf(v, line)
	case *Dict:
		return s.weightOf(v.keys, line) + s.weightOf(v.values, line)
	case drawn, *namespace, *loop, *callable, undefined:
		fail(line, "a %s has no text", typeName(v))
	}
	return 20
}

func (s *state) weightOf(list []any, line int) int {
	s.step(line, len(list))
	s.deeper(line)
	n := 2 * len(list)
	for _, e := range list {
		n += s.weight(e, line)
	}
	s.depth--
	return n
}

// truth is bool of a value.
func (s *state) truth(v any, line int) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case tuple:
		return len(v) > 0
	case *Dict:
		return len(v.keys) > 0
	case span:
		return v.len() > 0
	case undefined:
		s.strict(v, line)
		return false
	}
	return true
}

// items are what a loop over a value goes through.
func (s *state) items(v any, line int) []any {
	switch v := v.(type) {
	case []any:
		return v
	case tuple:
		return v
	case drawn:
		return v
	case group:
		return v
	case *Dict:
		return v.keys
	case string:
		n := utf8.RuneCountInString(v)
		s.made(line, 16*n)
		list := make([]any, 0, n)
		for _, r := range v {
			list = append(list, string(r))
		}
		return list
	case span:
		n := v.len()
		s.made(line, 16*n)
		list := make([]any, n)
		for i := range list {
			list[i] = v.from + int64(i)*v.step
		}
		return list
	case undefined:
		s.strict(v, line)
		return nil
	}
	fail(line, "'%s' object is not iterable", typeName(v))
	return nil
}

// length is len of a value.
func (s *state) length(v any, line int) int {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v)
	case span:
		return v.len()
	case []any, tuple, *Dict, undefined:
		return len(s.items(v, line))
	}
	fail(line, "object of type '%s' has no len()", typeName(v))
	return 0
}
