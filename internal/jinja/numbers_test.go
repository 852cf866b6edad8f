package jinja

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNumbersAtTheirEdges: what Python's % and Jinja2's truncate do where a rule begins, and products beyond 64 bits.
func TestNumbersAtTheirEdges(t *testing.T) {
	for source, want := range map[string]string{
		"{{ '%g' % 999999 }}":                      "999999",
		"{{ '%g' % 1000000 }}":                     "1e+06",
		"{{ '%g' % 0.0001 }}":                      "0.0001",
		"{{ '%g' % 0.00001 }}":                     "1e-05",
		"{{ 'a b c d e'|truncate(4, leeway=5) }}":  "a b c d e", // as long as length and leeway together
		"{{ 'a b c d ef'|truncate(4, leeway=5) }}": "a...",
		"{{ (-9223372036854775807 - 1) * 1 }}":     "-9223372036854775808",
		"{{ 4611686018427387904 * -2 }}":           "-9223372036854775808",
		"{{ 3037000499 * 3037000499 }}":            "9223372030926249001",
	} {
		tpl, err := Parse(source, Options{})
		require.NoError(t, err, source)
		got, err := tpl.Render(nil, DefaultLimits())
		require.NoError(t, err, source)
		assert.Equal(t, want, got, source)
	}
	for _, source := range []string{"{{ (-9223372036854775807 - 1) * -1 }}", "{{ -1 * (-9223372036854775807 - 1) }}", "{{ 4611686018427387904 * 2 }}"} {
		tpl, err := Parse(source, Options{})
		require.NoError(t, err, source)
		_, err = tpl.Render(nil, DefaultLimits())
		assert.ErrorContains(t, err, "beyond 64 bits", source)
	}
}
