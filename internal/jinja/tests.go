package jinja

import (
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

type testFunc func(s *state, line int, v any, c call) bool

// builtinTest is Jinja2's test of that name, nil where there is none here.
func builtinTest(name string) testFunc {
	for op, names := range map[string][]string{
		"==": {"eq", "equalto", "=="}, "!=": {"ne", "!="}, "<": {"lt", "lessthan", "<"}, "<=": {"le", "<="},
		">": {"gt", "greaterthan", ">"}, ">=": {"ge", ">="}, "in": {"in"},
	} {
		for _, n := range names {
			if n == name {
				return comparison(op)
			}
		}
	}
	switch name {
	case "divisibleby", "even", "odd":
		return divisible(name)
	case "sameas":
		return func(s *state, line int, v any, c call) bool {
			other := argument(c, name, line)
			return typeName(v) == typeName(other) && s.equal(v, other, line)
		}
	case "lower":
		return func(s *state, line int, v any, _ call) bool { return isCase(s.text(v, line), pytext.Lower) }
	case "upper":
		return func(s *state, line int, v any, _ call) bool { return isCase(s.text(v, line), upper) }
	case "filter":
		return func(s *state, _ int, v any, _ call) bool {
			text, ok := v.(string)
			return ok && (builtinFilter(text) != nil || s.options.Filters[text] != nil)
		}
	case "test":
		return func(_ *state, _ int, v any, _ call) bool {
			text, ok := v.(string)
			return ok && builtinTest(text) != nil
		}
	}
	if is := typeTest(name); is != nil {
		return func(_ *state, _ int, v any, _ call) bool { return is(v) }
	}
	return nil
}

// typeTest is a test of what a value is, whatever it says.
func typeTest(name string) func(v any) bool {
	switch name {
	case "defined", "undefined":
		return func(v any) bool {
			_, ok := v.(undefined)
			return ok == (name == "undefined")
		}
	case "none":
		return func(v any) bool { return v == nil }
	case "true", "false":
		return func(v any) bool { return v == (name == "true") }
	case "boolean":
		return func(v any) bool { _, ok := v.(bool); return ok }
	case "integer":
		return isInteger
	case "float":
		return func(v any) bool { _, ok := v.(float64); return ok }
	case "number":
		return func(v any) bool {
			switch v.(type) {
			case bool, int64, float64, python.Number:
				return true
			}
			return false
		}
	case "string":
		return func(v any) bool { _, ok := v.(string); return ok }
	case "mapping":
		return func(v any) bool { _, ok := v.(*Dict); return ok }
	case "callable":
		return func(v any) bool { return typeName(v) == "function" }
	case "iterable", "sequence":
		return func(v any) bool {
			switch v.(type) {
			case string, []any, tuple, *Dict, span, undefined:
				return true
			case drawn, *loop:
				return name == "iterable"
			}
			return false
		}
	case "escaped":
		return func(any) bool { return false }
	}
	return nil
}

func isInteger(v any) bool {
	switch v.(type) {
	case int64, python.Number:
		return true
	}
	return false
}

func argument(c call, name string, line int) any {
	if len(c.args) == 0 {
		fail(line, "test %s needs an argument", name)
	}
	return c.args[0]
}

func comparison(op string) testFunc {
	return func(s *state, line int, v any, c call) bool {
		return s.compare(op, v, argument(c, op, line), line)
	}
}

func divisible(name string) testFunc {
	return func(s *state, line int, v any, c call) bool {
		by, want := any(int64(2)), int64(btoi(name == "odd"))
		if name == "divisibleby" {
			by = argument(c, name, line)
		}
		s.present(v, line)
		return s.equal(s.arithmetic("%", v, by, line), want, line)
	}
}

// isCase is str.islower or str.isupper: nothing of the other case, and something of this.
func isCase(text string, to func(string) string) bool {
	return to(text) == text && (upper(text) != text || pytext.Lower(text) != text)
}
