package jinja

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

func reversed(s *state, line int, v any, _ call) any {
	list := slices.Clone(s.items(v, line))
	s.made(line, 16*len(list))
	slices.Reverse(list)
	if _, ok := v.(string); ok {
		return joined(list)
	}
	return drawn(list)
}

func items(s *state, line int, v any, _ call) any {
	switch v := v.(type) {
	case undefined:
		s.strict(v, line)
		return drawn(nil)
	case *Dict:
		return drawn(s.pairs(v, line))
	}
	fail(line, "can only get item pairs from a mapping")
	return nil
}

func (s *state) pairs(d *Dict, line int) []any {
	s.made(line, 48*len(d.keys))
	list := make([]any, len(d.keys))
	for i, k := range d.keys {
		list[i] = tuple{k, d.values[i]}
	}
	return list
}

// folded is what texts are compared by where case does not count.
func folded(v any) any {
	if text, ok := v.(string); ok {
		return pytext.Lower(text)
	}
	return v
}

// keyed are items beside what they are compared by.
type keyed struct{ item, key any }

func (s *state) keyed(list []any, attribute any, caseSensitive bool, line int) []keyed {
	s.made(line, 32*len(list))
	out := make([]keyed, len(list))
	for i, e := range list {
		key := e
		if attribute != nil {
			if text, ok := attribute.(string); ok && strings.Contains(text, ",") {
				var parts tuple
				for part := range strings.SplitSeq(text, ",") {
					parts = append(parts, folding(s.path(e, part, line), caseSensitive))
				}
				out[i] = keyed{e, parts}
				continue
			}
			key = s.path(e, attribute, line)
		}
		out[i] = keyed{e, folding(key, caseSensitive)}
	}
	return out
}

func folding(v any, caseSensitive bool) any {
	if caseSensitive {
		return v
	}
	return folded(v)
}

func sorted(s *state, line int, v any, c call) any {
	reverse := s.truth(c.get(0, "reverse", false), line)
	list := s.keyed(s.items(v, line), c.get(2, "attribute", nil), s.truth(c.get(1, "case_sensitive", false), line), line)
	return s.inOrder(list, reverse, line)
}

func (s *state) inOrder(list []keyed, reverse bool, line int) []any {
	for i := range list {
		s.present(list[i].key, line)
	}
	slices.SortStableFunc(list, func(a, b keyed) int {
		n := s.order(a.key, b.key, line)
		if reverse {
			return -n
		}
		return n
	})
	out := make([]any, len(list))
	for i, k := range list {
		out[i] = k.item
	}
	return out
}

func dictsort(s *state, line int, v any, c call) any {
	d, ok := v.(*Dict)
	if !ok {
		fail(line, "dictsort needs a mapping, not '%s'", typeName(v))
	}
	by := int64(0)
	switch c.get(1, "by", "key") {
	case "key":
	case "value":
		by = 1
	default:
		fail(line, `dictsort: by is "key" or "value"`)
	}
	list := s.keyed(s.pairs(d, line), by, s.truth(c.get(0, "case_sensitive", false), line), line)
	return s.inOrder(list, s.truth(c.get(2, "reverse", false), line), line)
}

func unique(s *state, line int, v any, c call) any {
	var out drawn
	seen := &Dict{}
	for _, k := range s.keyed(s.items(v, line), c.get(1, "attribute", nil), s.truth(c.get(0, "case_sensitive", false), line), line) {
		if _, has := seen.get(k.key); has {
			continue
		}
		if !seen.set(k.key, nil) {
			fail(line, "unhashable type: '%s'", typeName(k.key))
		}
		out = append(out, k.item)
	}
	return out
}

func extreme(most bool) filterFunc {
	return func(s *state, line int, v any, c call) any {
		list := s.keyed(s.items(v, line), c.get(1, "attribute", nil), s.truth(c.get(0, "case_sensitive", false), line), line)
		if len(list) == 0 {
			return undefined{what: "no aggregated item, sequence was empty"}
		}
		best := list[0]
		for _, k := range list[1:] {
			if n := s.order(k.key, best.key, line); most && n > 0 || !most && n < 0 {
				best = k
			}
		}
		return best.item
	}
}

func sum(s *state, line int, v any, c call) any {
	attribute := c.get(0, "attribute", nil)
	total := c.get(1, "start", int64(0))
	for _, e := range s.items(v, line) {
		if attribute != nil {
			e = s.path(e, attribute, line)
		}
		s.present(e, line)
		total = s.arithmetic("+", total, e, line)
	}
	return total
}

func mapped(s *state, line int, v any, c call) any {
	list := s.items(v, line)
	s.made(line, 16*len(list))
	out := make(drawn, len(list))
	if attribute := c.get(len(c.args), "attribute", nil); attribute != nil && len(c.args) == 0 {
		def := c.get(0, "default", nil)
		for i, e := range list {
			if out[i] = s.path(e, attribute, line); def != nil {
				out[i] = orDefault(s, line, out[i], call{args: []any{def}})
			}
		}
		return out
	}
	name, ok := c.get(0, "", nil).(string)
	if !ok {
		fail(line, "map requires a filter argument")
	}
	rest := call{c.args[1:], c.names, c.named}
	for i, e := range list {
		out[i] = s.applyFilter(name, e, rest, line)
	}
	return out
}

// selected is select, reject, selectattr and rejectattr.
func selected(keep, attribute bool) filterFunc {
	return func(s *state, line int, v any, c call) any {
		args := c.args
		var name any
		if attribute {
			if len(args) == 0 {
				fail(line, "missing parameter for attribute name")
			}
			name, args = args[0], args[1:]
		}
		var out drawn
		for _, e := range s.items(v, line) {
			s.step(line, 1)
			tested := e
			if attribute {
				tested = s.path(e, name, line)
			}
			ok := false
			if len(args) == 0 {
				ok = s.truth(tested, line)
			} else {
				test, isText := args[0].(string)
				if !isText {
					fail(line, "a test is named by a string")
				}
				ok = s.applyTest(test, tested, call{args[1:], c.names, c.named}, line)
			}
			if ok == keep {
				out = append(out, e)
			}
		}
		s.made(line, 16*len(out))
		return out
	}
}

func batch(s *state, line int, v any, c call) any {
	n := s.integer(c.get(0, "linecount", int64(0)), line)
	if n < 1 {
		fail(line, "batch: a count from 1 on is needed")
	}
	fill := c.get(1, "fill_with", nil)
	var out drawn
	for chunk := range slices.Chunk(s.items(v, line), n) {
		chunk = slices.Clone(chunk)
		s.made(line, 16*n)
		for fill != nil && len(chunk) < n {
			chunk = append(chunk, fill)
		}
		out = append(out, chunk)
	}
	return out
}

func sliced(s *state, line int, v any, c call) any {
	list := s.items(v, line)
	n := s.integer(c.get(0, "slices", int64(0)), line)
	if n < 1 {
		fail(line, "slice: a count from 1 on is needed")
	}
	s.made(line, 32*n+16*len(list))
	fill := c.get(1, "fill_with", nil)
	each, more := len(list)/n, len(list)%n
	var out drawn
	at := 0
	for i := range n {
		size := each + btoi(i < more)
		part := slices.Clone(list[at : at+size])
		at += size
		if fill != nil && i >= more {
			part = append(part, fill)
		}
		out = append(out, part)
	}
	return out
}

// group is a pair that groupby yields; its parts have names too.
type group tuple

func groupby(s *state, line int, v any, c call) any {
	attribute := c.get(0, "attribute", nil)
	if attribute == nil {
		fail(line, "groupby needs an attribute")
	}
	caseSensitive := s.truth(c.get(2, "case_sensitive", false), line)
	list := s.keyed(s.items(v, line), attribute, caseSensitive, line)
	ordered := s.inOrder(list, false, line)
	var out drawn
	var last any
	for i, k := range s.keyed(ordered, attribute, caseSensitive, line) {
		if i == 0 || !s.equal(last, k.key, line) {
			out = append(out, group{s.path(k.item, attribute, line), []any{}})
			last = k.key
		}
		g := out[len(out)-1].(group)
		g[1] = append(g[1].([]any), k.item)
	}
	return out
}
