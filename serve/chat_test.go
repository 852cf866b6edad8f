package serve

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// TestConversations: messages become a prompt by the model's template, whole and as a stream, and the answer is the prompt's
// continuation.
func TestConversations(t *testing.T) {
	files, _, err := smokemodel.Files(smokemodel.Name)
	require.NoError(t, err)
	m, err := embedded.OpenAt(embedded.Location{Path: "smoke", Files: files}, "smoke", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	s := New(Model{Engine: m.Engine(), Encoder: &m.Encoder, Identity: m.Identity(), Chat: func(messages []Message) ([]int32, error) {
		var text strings.Builder
		for _, x := range messages {
			if x.Role == "tool" {
				return nil, errors.New("no tools")
			}
			text.WriteString(x.Role + ": " + x.Content + "\n")
		}
		return m.Tokenizer().Encode(text.String()), nil
	}}, "", Limits{})
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() { h.Close(); s.Close(); assert.NoError(t, m.Close()) })
	ids := m.Tokenizer().Encode("system: 短く\nuser: 東京は?\n")
	var want embedded.Continuation
	require.NoError(t, m.Continue(t.Context(), []embedded.Opening{{IDs: ids, MaxNewTokens: 9}}, func(_ int, c embedded.Continuation, err error) error { want = c; return err }))
	const messages = `"messages":[{"role":"system","content":"短く"},{"role":"user","content":[{"type":"text","text":"東京"},{"type":"text","text":"は?"}]}]`
	status, got := post(t, h.URL+"/v1/chat/completions", `{`+messages+`,"max_completion_tokens":9,"temperature":0}`)
	require.Equal(t, 200, status, got)
	var c chatCompletion
	require.NoError(t, json.Unmarshal([]byte(got), &c))
	assert.Equal(t, &chatText{"assistant", want.Text}, c.Choices[0].Message)
	assert.Equal(t, len(ids), c.Usage.Prompt)
	status, got = post(t, h.URL+"/v1/chat/completions", `{`+messages+`,"max_tokens":9,"stream":true}`)
	require.Equal(t, 200, status, got)
	text, role := "", ""
	scan := bufio.NewScanner(strings.NewReader(got))
	for scan.Scan() {
		if data, ok := strings.CutPrefix(scan.Text(), "data: {"); ok {
			var part chatCompletion
			require.NoError(t, json.Unmarshal([]byte("{"+data), &part))
			text, role = text+part.Choices[0].Delta.Content, role+part.Choices[0].Delta.Role
		}
	}
	assert.Equal(t, want.Text, text)
	assert.Equal(t, "assistant", role, "said once")
	for fields, want := range map[string]string{
		`"messages":[]`: "messages: missing", `"messages":[{"role":"tool","content":"a"}]`: "no tools",
		`"messages":[{"role":"user","content":[{"type":"image_url"}]}]`: "reads text alone", `"messages":[{"role":"user","content":5}]`: "messages[0]",
		messages + `,"logprobs":true`: "logprobs", messages + `,"temperature":1`: "temperature", messages + `,"tools":[{}]`: "tools",
	} {
		status, got := post(t, h.URL+"/v1/chat/completions", `{`+fields+`}`)
		assert.Equal(t, 400, status, fields)
		assert.Contains(t, message(t, got), want)
	}
}
