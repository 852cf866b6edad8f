package jinja

import "slices"

// parser reads expressions and statements; its grammar is that of jinja2.parser.
type parser struct {
	tokens  []token
	pos     int
	nest    int
	loops   int
	options Options
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokEOF {
		p.pos++
	}
	return t
}

// is says whether the next token is that operator or name.
func (p *parser) is(k kind, text string) bool {
	t := p.peek()
	return t.kind == k && t.text == text
}

func (p *parser) take(k kind, text string) bool {
	if p.is(k, text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) op(text string) bool   { return p.take(tokOperator, text) }
func (p *parser) word(text string) bool { return p.take(tokName, text) }

func (p *parser) need(text string) {
	if !p.op(text) {
		fail(p.peek().line, "expected %q, got %s", text, p.peek())
	}
}

func (p *parser) needName() string {
	t := p.next()
	if t.kind != tokName {
		fail(t.line, "expected a name, got %s", t)
	}
	return t.text
}

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "the end of the template"
	case tokBlockEnd:
		return `"%}"`
	case tokPrintEnd:
		return `"}}"`
	}
	return quote(t.text)
}

// deeper guards against nesting that no template needs.
func (p *parser) deeper() func() {
	if p.nest++; p.nest > maxNest {
		fail(p.peek().line, "more than %d expressions or statements within each other", maxNest)
	}
	return func() { p.nest-- }
}

// expression is a whole expression, inline if included.
func (p *parser) expression() expr {
	defer p.deeper()()
	e := p.or()
	for {
		line := p.peek().line
		if !p.word("if") {
			return e
		}
		c := &condExpr{line: line, then: e, test: p.or()}
		if p.word("else") {
			c.other = p.expression()
		}
		e = c
	}
}

// without is an expression in which an if does not belong, as behind the in of a loop.
func (p *parser) or() expr  { return p.binary(p.and, tokName, "or") }
func (p *parser) and() expr { return p.binary(p.not, tokName, "and") }

// binary is a chain of operators of one precedence, read from the left.
func (p *parser) binary(operand func() expr, k kind, ops ...string) expr {
	e := operand()
	for {
		t := p.peek()
		if t.kind != k || !slices.Contains(ops, t.text) {
			return e
		}
		p.next()
		e = &binaryExpr{t.line, t.text, e, operand()}
	}
}

func (p *parser) not() expr {
	line := p.peek().line
	if p.word("not") {
		defer p.deeper()()
		return &unaryExpr{line, "not", p.not()}
	}
	return p.compare()
}

func (p *parser) compare() expr {
	c := &compareExpr{line: p.peek().line, first: p.sum()}
	for {
		t := p.peek()
		op := ""
		switch {
		case t.kind == tokOperator && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
			op = t.text
			p.next()
		case p.is(tokName, "in"):
			op = "in"
			p.next()
		case p.is(tokName, "not") && p.tokens[p.pos+1].kind == tokName && p.tokens[p.pos+1].text == "in":
			op = "not in"
			p.pos += 2
		}
		if op == "" {
			break
		}
		c.ops, c.rest = append(c.ops, op), append(c.rest, p.sum())
	}
	if c.ops == nil {
		return c.first
	}
	return c
}

func (p *parser) sum() expr { return p.binary(p.concat, tokOperator, "+", "-") }

func (p *parser) concat() expr {
	line, parts := p.peek().line, []expr{p.product()}
	for p.op("~") {
		parts = append(parts, p.product())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &concatExpr{line, parts}
}

func (p *parser) product() expr { return p.binary(p.power, tokOperator, "*", "/", "//", "%") }
func (p *parser) power() expr {
	return p.binary(func() expr { return p.unary(true) }, tokOperator, "**")
}

func (p *parser) unary(filters bool) expr {
	line := p.peek().line
	var e expr
	switch {
	case p.op("-"):
		defer p.deeper()()
		e = &unaryExpr{line, "-", p.unary(false)}
	case p.op("+"):
		defer p.deeper()()
		e = &unaryExpr{line, "+", p.unary(false)}
	default:
		e = p.postfix(p.primary())
	}
	if filters {
		e = p.filtersAndTests(e)
	}
	return e
}

func (p *parser) primary() expr {
	t := p.next()
	switch t.kind {
	case tokName:
		switch t.text {
		case "true", "True":
			return constExpr{true}
		case "false", "False":
			return constExpr{false}
		case "none", "None":
			return constExpr{nil}
		}
		return &nameExpr{t.line, t.text}
	case tokString:
		text := t.text
		for p.peek().kind == tokString {
			text += p.next().text
		}
		return constExpr{text}
	case tokInt:
		return constExpr{t.whole}
	case tokFloat:
		return constExpr{t.num}
	case tokOperator:
		switch t.text {
		case "(":
			return p.brackets()
		case "[":
			return &listExpr{p.items("]")}
		case "{":
			return p.dict(t.line)
		}
	}
	fail(t.line, "unexpected %s", t)
	return nil
}

// brackets is an expression in brackets, or a tuple.
func (p *parser) brackets() expr {
	if p.op(")") {
		return &tupleExpr{}
	}
	first := p.expression()
	if !p.is(tokOperator, ",") {
		p.need(")")
		return first
	}
	p.next()
	return &tupleExpr{append([]expr{first}, p.items(")")...)}
}

// items are expressions between commas up to a closing bracket.
func (p *parser) items(end string) (list []expr) {
	for !p.op(end) {
		if list = append(list, p.expression()); !p.op(",") {
			p.need(end)
			return list
		}
	}
	return list
}

func (p *parser) dict(line int) expr {
	d := &dictExpr{line: line}
	for !p.op("}") {
		d.keys = append(d.keys, p.expression())
		p.need(":")
		d.values = append(d.values, p.expression())
		if !p.op(",") {
			p.need("}")
			return d
		}
	}
	return d
}

func (p *parser) postfix(e expr) expr {
	for {
		t := p.peek()
		switch {
		case p.op("."):
			n := p.next()
			switch n.kind {
			case tokName:
				e = &attrExpr{t.line, e, n.text}
			case tokInt:
				e = &itemExpr{t.line, e, constExpr{n.whole}}
			default:
				fail(n.line, "expected a name after the dot, got %s", n)
			}
		case p.op("["):
			e = p.subscript(e, t.line)
		case p.op("("):
			e = &callExpr{t.line, e, p.arguments()}
		default:
			return e
		}
	}
}

func (p *parser) subscript(e expr, line int) expr {
	var parts [3]expr
	n := 0
	for !p.op("]") {
		if p.op(":") {
			if n++; n > 2 {
				fail(line, "a slice has three parts at most")
			}
			continue
		}
		if parts[n] != nil {
			fail(line, "expected %q, got %s", "]", p.peek())
		}
		parts[n] = p.expression()
	}
	if n == 0 {
		if parts[0] == nil {
			fail(line, "nothing is between the brackets")
		}
		return &itemExpr{line, e, parts[0]}
	}
	return &sliceExpr{line, e, parts[0], parts[1], parts[2]}
}

// arguments are those of a call whose bracket is open.
func (p *parser) arguments() (a arguments) {
	for !p.op(")") {
		if p.is(tokOperator, "*") || p.is(tokOperator, "**") {
			fail(p.peek().line, "unpacked arguments are not supported")
		}
		if t := p.peek(); t.kind == tokName && p.tokens[p.pos+1].kind == tokOperator && p.tokens[p.pos+1].text == "=" {
			p.pos += 2
			a.names, a.named = append(a.names, t.text), append(a.named, p.expression())
		} else {
			if a.named != nil {
				fail(t.line, "an argument without a name follows one with a name")
			}
			a.args = append(a.args, p.expression())
		}
		if !p.op(",") {
			p.need(")")
			return a
		}
	}
	return a
}

func (p *parser) filtersAndTests(e expr) expr {
	for {
		line := p.peek().line
		switch {
		case p.op("|"):
			e = &filterExpr{e, p.filter(line)}
		case p.word("is"):
			e = p.test(e, line)
		case p.op("("):
			e = &callExpr{line, e, p.arguments()}
		default:
			return e
		}
	}
}

func (p *parser) filter(line int) filterCall {
	f := filterCall{line: line, name: p.needName()}
	if !p.known(f.name) {
		fail(line, "no filter named %q", f.name)
	}
	if p.op("(") {
		f.arguments = p.arguments()
	}
	return f
}

func (p *parser) known(filter string) bool {
	return p.options.Filters[filter] != nil || builtinFilter(filter) != nil
}

func (p *parser) test(e expr, line int) expr {
	t := &testExpr{line: line, e: e}
	t.not = p.word("not")
	t.name = p.needName()
	if builtinTest(t.name) == nil {
		fail(line, "no test named %q", t.name)
	}
	n := p.peek()
	switch {
	case p.op("("):
		t.arguments = p.arguments()
	case n.kind == tokName && !slices.Contains([]string{"else", "or", "and", "is", "if", "in", "not"}, n.text),
		n.kind == tokString, n.kind == tokInt, n.kind == tokFloat,
		n.kind == tokOperator && slices.Contains([]string{"(", "[", "{"}, n.text):
		t.args = []expr{p.postfix(p.primary())}
	}
	return t
}
