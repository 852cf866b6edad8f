package jinja

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile are templates that would take all time or all memory, by what stops them.
func hostile() map[string]string {
	nested := func(open, end string, n int) string { return strings.Repeat(open, n) + "1" + strings.Repeat(end, n) }
	return map[string]string{
		"{% for i in range(10**12) %}{% endfor %}":                                         "steps",
		"{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}": "steps",
		"{{ 'a' * 10**12 }}":          "bytes",
		"{{ [1] * 10**10 }}":          "bytes",
		"{{ ['a' * 1000] * 100000 }}": "bytes",
		"{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}":                   "takes more than",
		"{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}":         "steps",
		"{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}":  "steps",
		"{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}": "steps",
		"{% set ns = namespace(x=[1]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}":             "levels",
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}":                                                                    "levels",
		"{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}":                                                        "levels",
		"{{ 'a'.replace('', 'b' * 1000000).replace('b', 'c' * 1000000) }}":                                                   "bytes",
		"{{ 'x'|center(2**31 - 2) }}": "bytes",
		"{{ '%2000000000s' % 'x' }}":  "wider than",
		"{{ 'x'|indent(2**31 - 2) }}": "bytes",
		"{{ range(100000)|list|batch(1)|list|map('join')|list|join|length }}{% for i in range(100) %}{{ range(100000)|sum }}{% endfor %}": "steps",
		"{{ " + nested("(", ")", 5000) + " }}":                                   "within each other",
		"{{ " + nested("[", "]", 5000) + " }}":                                   "within each other",
		"{{ " + strings.Repeat("not ", 50000) + "1 }}":                           "within each other",
		"{{ " + strings.Repeat("-", 100000) + "1 }}":                             "within each other",
		"{{ 1" + strings.Repeat("+1", 50000) + " }}":                             "levels",
		"{{ 1" + strings.Repeat("|abs", 50000) + " }}":                           "levels",
		strings.Repeat("{% if 1 %}", 5000) + strings.Repeat("{% endif %}", 5000): "within each other",
		"{{ 1" + strings.Repeat(" if 1 else 1", 10000) + " }}":                   "within each other",
		strings.Repeat("x", maxSource+1):                                         "bytes",
		"{{ 9223372036854775807 + 1 }}":                                          "beyond 64 bits",
		"{{ 99999999999999999999 }}":                                             "out of range",
		"{{ 10 ** 100 }}":                                                        "beyond 64 bits",
		"{{ [1][::0] }}":                                                         "step cannot be zero",
		"{{ range(1, 2, 0) }}":                                                   "must not be zero",
		"{{ messages.__class__.__base__.__subclasses__() }}":                     "",
		"{{ cycler.__init__.__globals__.os }}":                                   "",
		"{% include '/etc/passwd' %}":                                            "reaches other templates",
	}
}

// TestHostile: whatever a template says, it ends soon, with an error of ours.
func TestHostile(t *testing.T) {
	vars := map[string]any{"messages": []any{}}
	for source, want := range hostile() {
		for _, chat := range []bool{false, true} {
			tpl, err := Parse(source, Options{Chat: chat})
			if err == nil {
				_, err = tpl.Render(vars, DefaultLimits())
			}
			name := source[:min(len(source), 80)]
			if assert.Error(t, err, name) {
				assert.ErrorContains(t, err, want, name)
				assert.NotContains(t, err.Error(), "\n", name)
				var e *Error
				assert.True(t, errors.As(err, &e), name)
			}
		}
	}
}

func TestLimitsAreErrLimit(t *testing.T) {
	for _, source := range []string{"{% for i in range(999) %}{{ i }}{% endfor %}", "{{ 'a' * 999 }}"} {
		tpl, err := Parse(source, Options{})
		require.NoError(t, err)
		_, err = tpl.Render(nil, Limits{Steps: 100, Bytes: 100})
		require.ErrorIs(t, err, ErrLimit)
		_, err = tpl.Render(nil, DefaultLimits())
		require.NoError(t, err)
	}
}

// FuzzTemplate: no template panics, hangs or fails with an error that is not of ours, and what renders is UTF-8 of
// bounded length.
func FuzzTemplate(f *testing.F) {
	_, rows := jinja2Rows(f)
	for _, r := range rows {
		f.Add(r.template, true)
	}
	for source := range hostile() {
		if len(source) < 1000 {
			f.Add(source, false)
		}
	}
	vars, _ := jinja2Rows(f)
	limits := Limits{Steps: 20_000, Bytes: 1 << 20}
	f.Fuzz(func(t *testing.T, source string, chat bool) {
		tpl, err := Parse(source, Options{Chat: chat})
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		text, err := tpl.Render(vars, limits)
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		require.LessOrEqual(t, len(text), 1<<20)
	})
}
