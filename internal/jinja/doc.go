// Package jinja renders Jinja templates as Jinja2 3.1 does, byte for byte, over plain values alone: the chat templates that
// come with models, and the templates of benchmark files.
//
// Both come from strangers. A template sees what it is given and nothing else: no object has attributes but the methods of
// Python's strings, lists and dicts that change nothing, no other template can be reached, and steps, bytes and depth are
// bounded, so that what a template costs does not depend on what it says. What Jinja2 has and this package has not is
// refused by name when the template is parsed.
//
// Source: jinja2/{lexer,parser,filters,tests,runtime}.py of pallets/jinja at 3.1.6.
package jinja

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Options say in which of Jinja's dialects a template is written. The zero value is lm-eval's.
type Options struct {
	// Chat is the environment of Hugging Face's chat templates: trim_blocks and lstrip_blocks, a final line feed dropped,
	// undefined values that print as nothing, break and continue, raise_exception, tojson without HTML escapes. Otherwise
	// white space stays, and an undefined value that is used is an error.
	// Source: src/transformers/utils/chat_template_utils.py of huggingface/transformers at v4.57.0.
	Chat bool
	// Filters are further filters by name, Globals further functions.
	Filters map[string]Func
	Globals map[string]Func
}

// Func is a filter or a function of the program's. A filter's first argument is the filtered value.
type Func func(args []any) (any, error)

// Limits bound what one rendering may cost.
type Limits struct {
	// Steps is the number of nodes evaluated and characters moved; Bytes what all texts and lists made take together.
	Steps, Bytes int
}

// DefaultLimits are far above what a prompt needs: a rendering that exceeds them ends within a second.
func DefaultLimits() Limits { return Limits{Steps: 500_000, Bytes: 64 << 20} }

// maxSource is the longest template, maxDepth the deepest nesting of one, in the text and while it is evaluated.
const (
	maxSource = 1 << 18
	maxNest   = 100
	maxDepth  = 400
)

// maxOutside is the time, on Linux of a processor, that all calls of the caller's own filters may take in one rendering.
const maxOutside = time.Second / 2

// ErrLimit is returned, wrapped, where a template exceeds what it may cost.
var ErrLimit = errors.New("template exceeds its limits")

// Error is what is wrong with a template, or with what it was given.
type Error struct {
	// Line is that of the template, from 1; 0 where none is known.
	Line int
	What string
	// Undefined marks a name or an attribute that is not there.
	Undefined bool
	cause     error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.What
	}
	return fmt.Sprintf("template line %d: %s", e.Line, e.What)
}

// Unwrap returns the cause where there is one.
func (e *Error) Unwrap() error { return e.cause }

// Template is a parsed template. It is safe for concurrent use.
type Template struct {
	body    []node
	options Options
}

// Parse reads a template. Errors are of type Error.
func Parse(source string, o Options) (t *Template, err error) {
	defer caught(&err)
	if len(source) > maxSource {
		fail(0, "template has %d bytes, more than %d", len(source), maxSource)
	}
	p := &parser{tokens: lex(source, o), options: o}
	return &Template{body: p.template(), options: o}, nil
}

// Render renders the template over vars, whose values are those that From returns. Errors are of type Error.
func (t *Template) Render(vars map[string]any, l Limits) (text string, err error) {
	defer caught(&err)
	s := &state{options: t.options, limits: l, scope: newScope(nil), out: &strings.Builder{}}
	for name, v := range vars {
		s.scope.set(name, v)
	}
	s.statements(t.body)
	return s.out.String(), nil
}

// caught turns the failure of a template into an error; any other panic goes on.
func caught(err *error) {
	switch r := recover().(type) {
	case nil:
	case *Error:
		*err = r
	default:
		panic(r)
	}
}

// fail ends parsing or rendering.
func fail(line int, format string, a ...any) {
	panic(&Error{Line: line, What: fmt.Sprintf(format, a...)})
}
