package chat

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestRenderedAsTransformers compares all rows of the chat goldens, byte for byte.
func TestRenderedAsTransformers(t *testing.T) {
	var sources map[string]struct{ Template, BOS, EOS string }
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/chat/templates.json"), &sources))
	require.NotEmpty(t, sources)
	templates := map[string]*Template{}
	for name, s := range sources {
		parsed, err := Parse(s.Template, name, map[string]string{"bos_token": s.BOS, "eos_token": s.EOS})
		require.NoError(t, err, name)
		templates[name] = parsed
	}
	rows := 0
	for _, line := range shared.Lines(t, "goldens/chat/rendered.jsonl.gz") {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var row struct {
			Template string
			Messages []map[string]any
			Add      bool `json:"add_generation_prompt"`
			Rendered string
		}
		require.NoError(t, json.Unmarshal(line, &row))
		messages := make([]any, len(row.Messages))
		for i, m := range row.Messages {
			messages[i] = m
		}
		got, err := templates[row.Template].render(messages, row.Add)
		require.NoError(t, err, row.Template)
		require.Equal(t, row.Rendered, got, row.Template)
		rows++
	}
	require.Greater(t, rows, 10)
}

const chatML = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

// TestFound: a template lies in one of several places, and where none is, or it is no template, one line says so.
func TestFound(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	files := func(pairs ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
		}
		return m
	}
	turns := []Turn{{"user", "a"}}
	for want, f := range map[string]fstest.MapFS{
		"A<s></s>": files(templateFile, "A{{ bos_token }}{{ eos_token }}", configFile, `{"chat_template": "B"}`),
		"B":        files(configFile, `{"chat_template": "B"}`),
		"C":        files(configFile, `{"chat_template": [{"name": "tool_use", "template": "B"}, {"name": "default", "template": "C"}]}`),
		"[x]{y}":   files(configFile, `{"bos_token": {"content": "[x]"}, "eos_token": "{y}", "chat_template": "{{ bos_token }}{{ eos_token }}"}`),
	} {
		found, err := FromFiles(f, tok)
		require.NoError(t, err, want)
		got, err := found.Render(turns)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Len(t, found.Digest, 71)
	}
	for want, f := range map[string]fstest.MapFS{
		"the model has no chat template":     files(configFile, `{}`),
		"neither a text nor a list":          files(configFile, `{"chat_template": 5}`),
		"none of the 1 chat templates":       files(configFile, `{"chat_template": [{"name": "x", "template": "C"}]}`),
		"chat_template.jinja: template line": files(templateFile, "{% nope %}"),
		"tokenizer_config.json":              files(configFile, `{`),
	} {
		_, err := FromFiles(f, tok)
		assert.ErrorContains(t, err, want)
	}
	_, err = FromFiles(files(), tok)
	require.ErrorIs(t, err, ErrNone)
	found, err := FromFiles(files(templateFile, "{{ raise_exception('no system turn') }}"), tok)
	require.NoError(t, err)
	_, err = found.Render(turns)
	require.ErrorContains(t, err, "chat template (chat_template.jinja): template line 1: no system turn")
}

// plain is a task of one document with two examples.
type plain struct{}

func (plain) Spec() tasks.Spec { return tasks.Spec{Name: "plain", Protocol: tasks.HarnessEN} }

func (plain) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) {
	return []tasks.Doc{{ID: tasks.RowID(7)}}, nil
}

func (plain) Requests(tasks.Doc, tasks.Budget) []tasks.Request {
	return []tasks.Request{{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: "q1 a1\n\nq2", Continuation: " a2"}}
}

func (plain) Outputs(tasks.Doc, []tasks.Response) []string { return []string{"x"} }

// conversation is plain with turns.
type conversation struct{ plain }

func (conversation) Turns(tasks.Doc) (questions, answers []string) {
	return []string{"q1", "q2"}, []string{"a1"}
}

func TestTaskInTurns(t *testing.T) {
	tpl, err := Parse(chatML, "x", nil)
	require.NoError(t, err)
	base := tasks.Profile{Name: "p", SharedFraction: []tasks.Protocol{tasks.HarnessEN}}
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"+chat": {Options{}, "<|im_start|>user\nq1 a1\n\nq2<|im_end|>\n<|im_start|>assistant\n"},
		"+chat+multiturn": {Options{Multiturn: true},
			"<|im_start|>user\nq1<|im_end|>\n<|im_start|>assistant\na1<|im_end|>\n<|im_start|>user\nq2<|im_end|>\n<|im_start|>assistant\n"},
		"+chat+system:043a7187": {Options{System: "s"}, "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nq1 a1\n\nq2<|im_end|>\n<|im_start|>assistant\n"},
	} {
		assert.Equal(t, name, c.o.Suffix())
		p, chosen, err := Profile(base, []tasks.Task{conversation{}}, tpl, c.o)
		require.NoError(t, err)
		assert.Equal(t, []tasks.Protocol{"lm-eval-3ccea2b+chat"}, p.SharedFraction)
		docs, err := chosen[0].Docs(nil, 0, nil)
		require.NoError(t, err)
		r := chosen[0].Requests(docs[0], nil)[0]
		assert.Equal(t, c.want, r.Prompt)
		assert.Equal(t, "a2", r.Continuation, "the template ends where the answer begins")
		assert.Equal(t, tasks.Protocol("lm-eval-3ccea2b+chat"), r.Protocol)
		assert.Equal(t, r.Protocol, chosen[0].Spec().Protocol)
		rules, ok := r.Protocol.Rules()
		assert.True(t, ok && rules.Special && rules.Joint)
	}
	assert.Equal(t, []tasks.Protocol{tasks.HarnessEN}, base.SharedFraction, "the profile given is not changed")
	_, _, err = Profile(base, []tasks.Task{plain{}}, tpl, Options{Multiturn: true})
	require.ErrorContains(t, err, "plain: its examples are no turns of their own")
	refusing, err := Parse("{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{% endfor %}", "x", nil)
	require.NoError(t, err)
	_, chosen, err := Profile(base, []tasks.Task{plain{}}, refusing, Options{System: "s"})
	require.NoError(t, err)
	_, err = chosen[0].Docs(nil, 0, nil)
	require.ErrorContains(t, err, "document 7: chat template (x): template line 1: no system")
}
