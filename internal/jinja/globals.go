package jinja

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// global is a function that every template has, nil where there is none of that name.
func (s *state) global(name string) any {
	if f := s.options.Globals[name]; f != nil {
		return From(f)
	}
	function := func(f func(s *state, line int, c call) any) any { return &callable{name, f} }
	switch name {
	case "range":
		return function(spanOf)
	case "dict":
		return function(func(_ *state, line int, c call) any { return named(c, line) })
	case "namespace":
		return function(func(_ *state, line int, c call) any {
			ns := &namespace{map[string]any{}}
			d := named(c, line)
			for i, k := range d.keys {
				text, ok := k.(string)
				if !ok {
					fail(line, "a namespace's names are strings")
				}
				ns.vars[text] = d.values[i]
			}
			return ns
		})
	case "joiner":
		return function(func(_ *state, line int, c call) any {
			sep, used := c.get(0, "sep", ", "), false
			return &callable{"joiner", func(*state, int, call) any {
				if !used {
					used = true
					return ""
				}
				return sep
			}}
		})
	case "cycler":
		return function(cycler)
	case "raise_exception":
		if s.options.Chat {
			return function(func(s *state, line int, c call) any {
				fail(line, "%s", s.text(c.get(0, "message", ""), line))
				return nil
			})
		}
	}
	return nil
}

func spanOf(s *state, line int, c call) any {
	var n []int64
	for _, a := range c.args {
		s.present(a, line)
		i, ok := whole(a).(int64)
		if !ok {
			fail(line, "'%s' object cannot be interpreted as an integer", typeName(a))
		}
		n = append(n, i)
	}
	r := span{step: 1}
	switch len(n) {
	case 1:
		r.to = n[0]
	case 2:
		r.from, r.to = n[0], n[1]
	case 3:
		r = span{n[0], n[1], n[2]}
	default:
		fail(line, "range expected 1 to 3 arguments, got %d", len(n))
	}
	if r.step == 0 {
		fail(line, "range() arg 3 must not be zero")
	}
	if n := r.len(); n < 0 || n > s.limits.Steps {
		exceeded(line, "steps", s.limits.Steps)
	}
	return r
}

// named is a dict of a call's arguments.
func named(c call, line int) *Dict {
	d := &Dict{}
	if len(c.args) > 0 {
		given, ok := c.args[0].(*Dict)
		if !ok || len(c.args) > 1 {
			fail(line, "a dict is made of one dict and of names")
		}
		for i, k := range given.keys {
			d.set(k, given.values[i])
		}
	}
	for i, name := range c.names {
		d.set(name, c.named[i])
	}
	return d
}

func cycler(_ *state, line int, c call) any {
	if len(c.args) == 0 {
		fail(line, "at least one item has to be provided")
	}
	items, at := slices.Clone(c.args), 0
	ns := &namespace{map[string]any{"current": items[0]}}
	ns.vars["next"] = &callable{"next", func(*state, int, call) any {
		v := items[at]
		at = (at + 1) % len(items)
		ns.vars["current"] = items[at]
		return v
	}}
	ns.vars["reset"] = &callable{"reset", func(*state, int, call) any {
		at = 0
		ns.vars["current"] = items[0]
		return nil
	}}
	return ns
}

// toJSON is the filter tojson: in chat templates json.dumps without escapes; otherwise Jinja2's, with sorted keys and
// the characters escaped that mean something in HTML.
func toJSON(s *state, line int, v any, c call) any {
	s.made(line, 2*s.weight(v, line))
	sort := s.truth(c.get(4, "sort_keys", !s.options.Chat), line)
	plain, err := Plain(v)
	if err != nil {
		fail(line, "tojson: %v", err)
	}
	if sort {
		plain = sortedKeys(plain)
	}
	if c.get(2, "separators", nil) != nil {
		fail(line, "tojson: separators are not supported")
	}
	indent := c.get(1, "indent", nil)
	if !s.options.Chat {
		indent = c.get(0, "indent", nil)
	}
	by := 0
	if indent != nil {
		if by = s.integer(indent, line); by < 1 || by > 16 {
			fail(line, "tojson: an indent of %d is not supported", by)
		}
	}
	if !s.options.Chat && slices.Contains(c.names, "ensure_ascii") {
		fail(line, "tojson has no argument ensure_ascii")
	}
	if s.options.Chat && !s.truth(c.get(0, "ensure_ascii", false), line) {
		return string(python.Append(nil, plain, by))
	}
	text := string(python.Append(nil, plain, by))
	if !s.options.Chat {
		text = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`).Replace(text)
	}
	return ascii(text)
}

// ascii escapes what is not ASCII, as json.dumps does by default.
func ascii(text string) string {
	var b []byte
	for _, r := range text {
		if r < 0x7f {
			b = append(b, byte(r))
			continue
		}
		escaped := python.AppendASCII(nil, string(r))
		if r == 0x7f {
			escaped = []byte{'"', 0x7f, '"'}
		}
		b = append(b, escaped[1:len(escaped)-1]...)
	}
	return string(b)
}

func sortedKeys(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = sortedKeys(e)
		}
		return out
	case python.Object:
		out := make(python.Object, len(v))
		for i, m := range v {
			out[i] = python.Member{Name: m.Name, Value: sortedKeys(m.Value)}
		}
		slices.SortStableFunc(out, func(a, b python.Member) int { return strings.Compare(a.Name, b.Name) })
		return out
	}
	return v
}
