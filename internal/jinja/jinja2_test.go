package jinja

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// jinja2Row is a template with what Jinja2 made of it in the two environments.
type jinja2Row struct {
	template          string
	plain, chat       *string
	plainErr, chatErr string
}

// jinja2Rows reads testdata/jinja2.json, in the order of members that Python wrote.
func jinja2Rows(t testing.TB) (vars map[string]any, rows []jinja2Row) {
	content, err := os.ReadFile("testdata/jinja2.json")
	require.NoError(t, err)
	v, err := python.Parse(content)
	require.NoError(t, err)
	file := v.(python.Object)
	vars = map[string]any{}
	for _, m := range file.Object("vars") {
		vars[m.Name] = From(m.Value)
	}
	list, _ := file.Get("rows")
	for _, r := range list.([]any) {
		o := r.(python.Object)
		row := jinja2Row{template: o.Text("template"), plainErr: o.Text("plain_error"), chatErr: o.Text("chat_error")}
		text := func(name string) *string {
			v, ok := o.Get(name)
			if !ok {
				return nil
			}
			s := v.(string)
			return &s
		}
		row.plain, row.chat = text("plain"), text("chat")
		rows = append(rows, row)
	}
	return vars, rows
}

// refusedHere are templates that Jinja2 renders and this package refuses.
func refusedHere() map[string]string {
	return map[string]string{
		"{{ ''.__class__ }}":               "values have no attributes of Python's",
		"{{ l.append(1) }}":                "nothing given to a template is changed",
		"{{ q|attr('upper') }}":            "no filter reaches attributes",
		"{{ '{0.__class__}'.format(q) }}":  "nor does a format",
		"{{ messages.__class__.__mro__ }}": "likewise",
		"  {% raw %}":                      "a block that does not end",
		"{{ self }}":                       "there are no blocks",
	}
}

// TestAsJinja2 compares every template of testdata/jinja2.json with what Jinja2 itself made of it.
func TestAsJinja2(t *testing.T) {
	vars, rows := jinja2Rows(t)
	require.Greater(t, len(rows), 150)
	for _, row := range rows {
		for _, c := range []struct {
			chat bool
			want *string
			err  string
		}{{false, row.plain, row.plainErr}, {true, row.chat, row.chatErr}} {
			tpl, err := Parse(row.template, Options{Chat: c.chat})
			got := ""
			if err == nil {
				got, err = tpl.Render(vars, DefaultLimits())
			}
			if refusedHere()[row.template] != "" {
				if err == nil { // an undefined value prints as nothing
					assert.Empty(t, got, "%q", row.template)
				}
				continue
			}
			if c.want == nil {
				assert.Error(t, err, "chat %v: %q should fail with %s, gave %q", c.chat, row.template, c.err, got)
				continue
			}
			if assert.NoError(t, err, "chat %v: %q", c.chat, row.template) {
				assert.Equal(t, *c.want, got, "chat %v: %q", c.chat, row.template)
			}
		}
	}
}

func TestValuesGoBothWays(t *testing.T) {
	text := `{"a": [1, 2.5, null, true, "x"], "b": {"c": {}}}`
	v, err := python.Parse([]byte(text))
	require.NoError(t, err)
	plain, err := Plain(From(v))
	require.NoError(t, err)
	require.Equal(t, text, string(python.Append(nil, plain, 0)))
	require.True(t, json.Valid([]byte(text)))
}
