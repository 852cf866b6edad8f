package file

import (
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/jinja"
	"github.com/swallow-eval/swallow-eval/internal/pyregex"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// Field is what a task says of a document: a column or a template, or a constant.
type Field struct {
	// Text is a column's name or a template; Constant a whole number, a list or a mapping in its place.
	Text     string
	Constant any
	isText   bool
	parsed   *jinja.Template
}

// row is one record with its columns in order.
type row struct {
	plain python.Object
	vars  map[string]any
}

func newRow(o python.Object) row {
	r := row{o, make(map[string]any, len(o))}
	for _, m := range o {
		r.vars[m.Name] = jinja.From(m.Value)
	}
	return r
}

// newField makes a field of a value.
func newField(v any) (*Field, error) {
	switch v := v.(type) {
	case string:
		parsed, err := jinja.Parse(v, templateOptions())
		if err != nil {
			return nil, err
		}
		return &Field{Text: v, isText: true, parsed: parsed}, nil
	case int, []any, python.Object, bool:
		return &Field{Constant: jinja.From(v)}, nil
	}
	return nil, fmt.Errorf("a text, a whole number, a list or a mapping is needed, this is %s", jinja.Text(jinja.From(v)))
}

// templateOptions is lm-eval's environment, with nfkc of ours.
func templateOptions() jinja.Options {
	return jinja.Options{Filters: map[string]jinja.Func{"regex_replace": regexReplace, "nfkc": nfkc}}
}

func nfkc(args []any) (any, error) {
	text, ok := args[0].(string)
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("nfkc takes a text and nothing else")
	}
	return pytext.NFKC(text), nil
}

func regexReplace(args []any) (any, error) {
	if len(args) < 3 || len(args) > 4 {
		return nil, fmt.Errorf("regex_replace takes a pattern, a replacement and a count, not %d arguments", len(args)-1)
	}
	var texts [3]string
	for i := range texts {
		text, ok := args[i].(string)
		if !ok {
			return nil, fmt.Errorf("%s is no text", jinja.Text(args[i]))
		}
		texts[i] = text
	}
	count := int64(0)
	if len(args) == 4 {
		count, _ = args[3].(int64)
	}
	re, err := pyregex.Compile(texts[1])
	if err != nil {
		return nil, err
	}
	return re.Replace(texts[0], texts[2], int(count))
}

// value is the field of a row: a column's value as it is, a rendered template, or the constant.
func (f *Field) value(r row, columns []string) (v any, rendered bool, err error) {
	if !f.isText {
		return f.Constant, false, nil
	}
	if slices.Contains(columns, f.Text) {
		v, ok := r.vars[f.Text]
		if !ok {
			return nil, false, fmt.Errorf("the record has no column %q", f.Text)
		}
		return v, false, nil
	}
	text, err := f.parsed.Render(r.vars, jinja.DefaultLimits())
	return text, true, err
}

// text is the field where it must be text; what else it is becomes text as Python prints it.
func (f *Field) text(r row, columns []string) (string, error) {
	v, _, err := f.value(r, columns)
	if err != nil {
		return "", err
	}
	return jinja.Text(v), nil
}

// isDigits is str.isdigit of ASCII text.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// asNumber is what text of digits alone becomes where a task has choices.
func asNumber(text string) (any, error) {
	v, err := python.Literal(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no number of Python's: %w", text, err)
	}
	return jinja.From(v), nil
}

// question is doc_to_text: text, or with choices the index of one.
func (f *Field) question(r row, columns []string, choices bool) (any, error) {
	v, rendered, err := f.value(r, columns)
	if text, ok := v.(string); err == nil && ok && rendered && choices && isDigits(text) {
		return asNumber(text)
	}
	return v, err
}

// target is doc_to_target: text, an index, or a list of several.
func (f *Field) target(r row, columns []string, choices bool) (any, error) {
	v, rendered, err := f.value(r, columns)
	text, ok := v.(string)
	if err != nil || !ok || !rendered {
		return v, err
	}
	if choices && isDigits(text) {
		return asNumber(text)
	}
	if len(text) >= 2 && text[0] == '[' && text[len(text)-1] == ']' {
		if list, err := python.Literal(text); err == nil {
			return jinja.From(list), nil
		}
	}
	return text, nil
}

// choices is doc_to_choice: a list of texts.
func (f *Field) choices(r row, columns []string) ([]string, error) {
	v, rendered, err := f.value(r, columns)
	if err != nil {
		return nil, err
	}
	if rendered {
		literal, err := python.Literal(v.(string))
		if err != nil {
			return nil, fmt.Errorf("%q is no list of Python's: %w", v, err)
		}
		v = jinja.From(literal)
	}
	if d, ok := v.(*jinja.Dict); ok {
		_, values := d.Pairs()
		v = values
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("the choices are %s, no list", jinja.Text(v))
	}
	choices := make([]string, len(list))
	for i, c := range list {
		if choices[i], ok = c.(string); !ok {
			return nil, fmt.Errorf("choice %d is %s, no text", i+1, jinja.Text(c))
		}
	}
	return choices, nil
}
