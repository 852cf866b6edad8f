package jinja

func (n dataNode) exec(s *state) { s.write(0, n.text) }

func (n *printNode) exec(s *state) {
	s.write(n.line, s.text(s.eval(n.e, n.line), n.line))
}

func (n *ifNode) exec(s *state) {
	if s.truth(s.eval(n.test, n.line), n.line) {
		s.statements(n.then)
	} else {
		s.statements(n.other)
	}
}

func (n signalNode) exec(s *state) { s.signal = n.signal }

func (n *forNode) exec(s *state) { n.run(s, s.eval(n.over, n.line), 0) }

// run is the loop over one value; a recursive loop calls it again.
func (n *forNode) run(s *state, over any, depth int) {
	items := s.items(over, n.line)
	around := s.scope
	if n.filter != nil {
		var kept []any
		for _, item := range items {
			s.step(n.line, 1)
			s.within(around, func() {
				s.assign(n.target, item, n.line)
				if s.truth(s.eval(n.filter, n.line), n.line) {
					kept = append(kept, item)
				}
			})
		}
		items = kept
	}
	if len(items) == 0 {
		s.within(around, func() { s.statements(n.other) })
		return
	}
	l := &loop{items: items, depth: depth}
	if n.recursive {
		l.again = func(s *state, line int, v any) string {
			s.deeper(line)
			text := s.capture(func() { s.within(around, func() { n.run(s, v, depth+1) }) })
			s.depth--
			return text
		}
	}
	for l.i = range items {
		s.step(n.line, 1)
		s.within(around, func() {
			s.scope.set("loop", l)
			s.assign(n.target, items[l.i], n.line)
			s.statements(n.body)
		})
		left := s.signal == breakLoop
		s.signal = goOn
		if left {
			break
		}
	}
}

// loop is the variable of that name.
type loop struct {
	items   []any
	i       int
	depth   int
	changed *any
	again   func(s *state, line int, v any) string
}

func (l *loop) attr(name string) (any, bool) {
	n := len(l.items)
	at := func(i int, what string) any {
		if i < 0 || i >= n {
			return undefined{what: "there is no " + what + " item"}
		}
		return l.items[i]
	}
	switch name {
	case "index":
		return int64(l.i + 1), true
	case "index0":
		return int64(l.i), true
	case "revindex":
		return int64(n - l.i), true
	case "revindex0":
		return int64(n - l.i - 1), true
	case "first":
		return l.i == 0, true
	case "last":
		return l.i == n-1, true
	case "length":
		return int64(n), true
	case "depth":
		return int64(l.depth + 1), true
	case "depth0":
		return int64(l.depth), true
	case "previtem":
		return at(l.i-1, "previous"), true
	case "nextitem":
		return at(l.i+1, "next"), true
	case "cycle":
		return &callable{"cycle", func(_ *state, line int, c call) any {
			if len(c.args) == 0 {
				fail(line, "no items for cycling given")
			}
			return c.args[l.i%len(c.args)]
		}}, true
	case "changed":
		return &callable{"changed", func(s *state, line int, c call) any {
			var now any = tuple(c.args)
			if l.changed != nil && s.equal(*l.changed, now, line) {
				return false
			}
			l.changed = &now
			return true
		}}, true
	}
	return nil, false
}

// assign sets what a target names.
func (s *state) assign(t target, v any, line int) {
	switch {
	case t.several != nil:
		items := s.items(v, line)
		if len(items) != len(t.several) {
			fail(line, "%d values for %d names", len(items), len(t.several))
		}
		for i, one := range t.several {
			s.assign(one, items[i], line)
		}
	case t.attr != "":
		held, _ := s.lookup(t.name)
		ns, ok := held.(*namespace)
		if !ok {
			fail(line, "cannot assign attribute on non-namespace object")
		}
		ns.vars[t.attr] = v
	default:
		s.scope.set(t.name, v)
	}
}

func (n *setNode) exec(s *state) { s.assign(n.to, s.eval(n.value, n.line), n.line) }

func (n *setBlockNode) exec(s *state) {
	s.assign(n.to, s.filtered(n.body, n.filters), n.line)
}

func (n *filterNode) exec(s *state) {
	s.write(n.line, s.text(s.filtered(n.body, n.filters), n.line))
}

// filtered is what a body prints, through filters.
func (s *state) filtered(body []node, filters []filterCall) any {
	var v any = s.capture(func() { s.within(s.scope, func() { s.statements(body) }) })
	for _, f := range filters {
		v = s.filter(v, f)
	}
	return v
}

func (n *withNode) exec(s *state) {
	values := make([]any, len(n.values))
	for i, e := range n.values {
		values[i] = s.eval(e, n.line)
	}
	s.within(s.scope, func() {
		for i, t := range n.targets {
			s.assign(t, values[i], n.line)
		}
		s.statements(n.body)
	})
}

func (n *macroNode) exec(s *state) { s.scope.set(n.m.name, n.m.bind(s.scope)) }

func (n *callNode) exec(s *state) {
	c := s.arguments(n.call.arguments, n.line)
	c.names, c.named = append(c.names, "caller"), append(c.named, n.m.bind(s.scope))
	s.write(n.line, s.text(s.call(s.eval(n.call.fn, n.line), c, n.line), n.line))
}

// bind makes a function of a macro, whose body sees the names around it.
func (m *macro) bind(around *scope) *callable {
	return &callable{m.name, func(s *state, line int, c call) any {
		s.deeper(line)
		text := s.capture(func() {
			s.within(around, func() {
				m.enter(s, c, line)
				s.statements(m.body)
			})
		})
		s.depth--
		return text
	}}
}

// enter gives the parameters their values.
func (m *macro) enter(s *state, c call, line int) {
	extra := &Dict{}
	for i, name := range c.names {
		known := name == "caller"
		for _, p := range m.params {
			known = known || p == name
		}
		if known {
			s.scope.set(name, c.named[i])
		} else {
			extra.set(name, c.named[i])
		}
	}
	for i, name := range m.params {
		if i < len(c.args) {
			s.scope.set(name, c.args[i])
			continue
		}
		if _, given := s.scope.vars[name]; given {
			continue
		}
		if d := i - (len(m.params) - len(m.defaults)); d >= 0 {
			s.scope.set(name, s.eval(m.defaults[d], line))
		} else {
			s.scope.set(name, undefined{what: "parameter '" + name + "' was not provided"})
		}
	}
	s.scope.set("varargs", tuple(c.args[min(len(c.args), len(m.params)):]))
	s.scope.set("kwargs", extra)
}
