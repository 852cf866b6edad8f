package jinja

import "slices"

// template is everything.
func (p *parser) template() []node {
	body, end := p.until()
	if end != "" {
		fail(p.peek().line, "unexpected tag %q", end)
	}
	return body
}

// until reads statements up to a tag of one of these words, whose word it consumes and returns; "" is the end of the
// template.
func (p *parser) until(words ...string) (body []node, end string) {
	defer p.deeper()()
	for {
		t := p.next()
		switch t.kind {
		case tokEOF:
			if len(words) > 0 {
				fail(t.line, "the template ends where %q is expected", words[len(words)-1])
			}
			return body, ""
		case tokData:
			body = append(body, dataNode{t.text})
		case tokPrintBegin:
			n := &printNode{t.line, p.tuple()}
			if e := p.next(); e.kind != tokPrintEnd {
				fail(e.line, `expected "}}", got %s`, e)
			}
			body = append(body, n)
		case tokBlockBegin:
			name := p.next()
			if name.kind != tokName {
				fail(name.line, "expected a statement, got %s", name)
			}
			if slices.Contains(words, name.text) {
				return body, name.text
			}
			if n := p.statement(name); n != nil {
				body = append(body, n...)
			}
		default:
			fail(t.line, "unexpected %s", t)
		}
	}
}

// end ends a tag.
func (p *parser) end() {
	if t := p.next(); t.kind != tokBlockEnd {
		fail(t.line, `expected "%%}", got %s`, t)
	}
}

// block is the body up to its end tag.
func (p *parser) block(end string) []node {
	p.end()
	body, _ := p.until(end)
	p.end()
	return body
}

// tuple is one expression, or several between commas without brackets.
func (p *parser) tuple() expr {
	first := p.expression()
	if !p.is(tokOperator, ",") {
		return first
	}
	t := &tupleExpr{[]expr{first}}
	for p.op(",") {
		if k := p.peek().kind; k == tokBlockEnd || k == tokPrintEnd {
			break
		}
		t.items = append(t.items, p.expression())
	}
	return t
}

func (p *parser) statement(name token) []node {
	switch name.text {
	case "for":
		return []node{p.forLoop(name.line)}
	case "if":
		return []node{p.ifChain(name.line)}
	case "set":
		return []node{p.set(name.line)}
	case "macro":
		return []node{p.macro(name.line)}
	case "call":
		return []node{p.call(name.line)}
	case "filter":
		f := []filterCall{p.filter(name.line)}
		for p.op("|") {
			f = append(f, p.filter(name.line))
		}
		return []node{&filterNode{name.line, p.block("endfilter"), f}}
	case "with":
		return []node{p.with(name.line)}
	case "generation": // marks the assistant's own tokens, for training
		if p.options.Chat {
			return p.block("endgeneration")
		}
	case "break", "continue":
		if p.options.Chat {
			if p.loops == 0 {
				fail(name.line, "%s is in no loop", name.text)
			}
			p.end()
			return []node{signalNode{map[string]signal{"break": breakLoop, "continue": continueLoop}[name.text]}}
		}
	case "include", "import", "from", "extends", "block":
		fail(name.line, "%s reaches other templates, of which there are none", name.text)
	}
	fail(name.line, "unknown tag %q", name.text)
	return nil
}

func (p *parser) ifChain(line int) node {
	n := &ifNode{line: line, test: p.tuple()}
	p.end()
	var end string
	n.then, end = p.until("elif", "else", "endif")
	switch end {
	case "elif":
		defer p.deeper()()
		n.other = []node{p.ifChain(line)}
	case "else":
		n.other = p.block("endif")
	default:
		p.end()
	}
	return n
}

func (p *parser) forLoop(line int) node {
	n := &forNode{line: line, target: p.targets(false)}
	if !p.word("in") {
		fail(line, "expected in, got %s", p.peek())
	}
	n.over = p.overs()
	if p.word("if") {
		n.filter = p.expression()
	}
	n.recursive = p.word("recursive")
	p.end()
	p.loops++
	var end string
	n.body, end = p.until("else", "endfor")
	p.loops--
	if end == "else" {
		n.other = p.block("endfor")
	} else {
		p.end()
	}
	return n
}

// overs is what a loop runs over: no inline if, whose word begins the loop's filter.
func (p *parser) overs() expr {
	first := p.or()
	if !p.is(tokOperator, ",") {
		return first
	}
	t := &tupleExpr{[]expr{first}}
	for p.op(",") {
		t.items = append(t.items, p.or())
	}
	return t
}

// targets is a name or several, in brackets or not.
func (p *parser) targets(attributes bool) target {
	one := func() target {
		if p.op("(") {
			defer p.deeper()()
			t := p.targets(attributes)
			p.need(")")
			return t
		}
		t := target{name: p.needName()}
		if slices.Contains([]string{"true", "false", "none", "True", "False", "None"}, t.name) {
			fail(p.peek().line, "%s cannot be set", t.name)
		}
		if attributes && p.op(".") {
			t.attr = p.needName()
		}
		return t
	}
	first := one()
	if !p.is(tokOperator, ",") {
		return first
	}
	all := target{several: []target{first}}
	for p.op(",") {
		if t := p.peek(); t.kind != tokName && !p.is(tokOperator, "(") || p.is(tokName, "in") {
			break
		}
		all.several = append(all.several, one())
	}
	return all
}

func (p *parser) set(line int) node {
	to := p.targets(true)
	if p.op("=") {
		value := p.tuple()
		p.end()
		return &setNode{line, to, value}
	}
	var f []filterCall
	for p.op("|") {
		f = append(f, p.filter(line))
	}
	return &setBlockNode{line, to, p.block("endset"), f}
}

// signature reads parameters, with the bracket open.
func (p *parser) signature(m *macro) {
	for !p.op(")") {
		m.params = append(m.params, p.needName())
		if p.op("=") {
			m.defaults = append(m.defaults, p.expression())
		} else if m.defaults != nil {
			fail(p.peek().line, "a parameter without a default follows one with a default")
		}
		if !p.op(",") {
			p.need(")")
			return
		}
	}
}

func (p *parser) macro(line int) node {
	m := &macro{name: p.needName()}
	p.need("(")
	p.signature(m)
	loops := p.loops
	p.loops = 0
	m.body = p.block("endmacro")
	p.loops = loops
	return &macroNode{line, m}
}

func (p *parser) call(line int) node {
	m := &macro{name: "caller"}
	if p.op("(") {
		p.signature(m)
	}
	c, ok := p.postfix(p.primary()).(*callExpr)
	if !ok {
		fail(line, "call needs a call")
	}
	loops := p.loops
	p.loops = 0
	m.body = p.block("endcall")
	p.loops = loops
	return &callNode{line, m, c}
}

func (p *parser) with(line int) node {
	n := &withNode{line: line}
	for p.peek().kind != tokBlockEnd {
		n.targets = append(n.targets, p.targets(false))
		p.need("=")
		n.values = append(n.values, p.expression())
		if !p.op(",") {
			break
		}
	}
	n.body = p.block("endwith")
	return n
}
