package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plain encodes without escaping of HTML characters, line feed included.
func plain(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(v))
	return b.String()
}

// TestFormsAreOnRecord: a change here makes recorded fingerprints, stored answers and accepted baselines unreachable.
func TestFormsAreOnRecord(t *testing.T) {
	const text = "日本\n\"<&>\u2028\x7f"
	const shown = `"日本\n\"<&>\u2028` + "\x7f" + `"`
	g := Request{Kind: "generate", Context: text, Until: []string{"\n", "<"}, MaxGenToks: -5}
	s := Request{Kind: LogLikelihood, Context: "c", Continuation: text, Until: []string{"not in it"}, MaxGenToks: 7}
	assert.Equal(t, `{"kind":"generate","context":`+shown+`,"until":["\n","<"],"max_gen_toks":-5}`+"\n", string(g.AppendLine(nil)))
	assert.Equal(t, `x{"kind":"loglikelihood","context":"c","continuation":`+shown+"}\n", string(s.AppendLine([]byte("x"))))
	assert.Equal(t, `{"kind":"generate","context":"","until":[],"max_gen_toks":0}`+"\n", string(Request{Kind: "generate"}.AppendLine(nil)))

	g2 := Request{Kind: "generate", Until: []string{"a"}, MaxGenToks: 3, Sampling: Sampling{Temperature: 0.2, TopP: 0.95, Draw: 7, Seed: 11}}
	assert.Equal(t, `{"kind":"generate","context":"","until":["a"],"max_gen_toks":3,"temperature":0.2,"top_p":0.95,"sample":7,"seed":11}`+"\n", string(g2.AppendLine(nil)))

	sum := func(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }
	assert.Equal(t, sum("\"a\\\"b\"\n"+string(g.AppendLine(nil))), g.Under(`a"b`))
	broken := Request{Kind: "generate", Context: "a\xff", Until: []string{"x"}}
	assert.Equal(t, sum("\"p\"\n"+`{"kind":"generate","context":"a\ufffd","until":["x"],"max_gen_toks":0}`+"\n"+`"generate""a\xff""""x"`), broken.Under("p"))

	half := sha256.Sum256([]byte(`["generate","日本\n\"\u003c\u0026\u003e\u2028` + "\x7f" + `","",["\n","\u003c"],-5]` + "\n" + `["loglikelihood","c"," d",null,0]` + "\n"))
	assert.Equal(t, hex.EncodeToString(half[:16]), Condensed([]Request{g, {Kind: LogLikelihood, Context: "c", Continuation: " d"}}))

	whole := sha256.Sum256([]byte(`["\u003c","i",null,["t"]]`))
	assert.Equal(t, "sha256:"+hex.EncodeToString(whole[:]), Document("<", "i", nil, []string{"t"}))

	assert.Equal(t, `{"id":"a\u003c","targets":["<",""]}`+"\n", string(Gold([]byte(`"a\u003c"`), []string{"<", ""})))
	assert.Equal(t, `{"id":3,"targets":null}`+"\n", string(Gold([]byte("3"), nil)))
	assert.Equal(t, `{"id":3,"targets":[]}`+"\n", string(Gold([]byte("3"), []string{})))

	assert.Equal(t, sum("\"tokens\"\n{\"kind\":\"loglikelihood\",\"context_ids\":[1,2],\"continuation_ids\":[3]}\n"), Scored([]int32{1, 2}, []int32{3}))
	d := Draw{TopP: 1, Seed: 3, Stream: 1}
	const greedy = `{"kind":"generate","context_ids":[],"until":["\n","<"],"max_gen_toks":7`
	assert.Equal(t, sum("\"tokens\"\n"+greedy+"}\n"), Generated(nil, []string{"\n", "<"}, 7, d))
	d.Temperature = 0.5
	assert.Equal(t, sum("\"tokens\"\n"+greedy+`,"temperature":0.5,"top_p":1,"seed":3,"stream":1}`+"\n"), Generated(nil, []string{"\n", "<"}, 7, d))
}

// FuzzForms holds the forms to what encoding/json makes of the same fields, and exact requests apart whatever their bytes are.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"", "日本\n\t\"\\\b\f\r\x00\x1f\x7f", "\u2028\u2029 \u2027 <a href=\"x\">&amp;", "é\xe2\x80", "👩‍👩‍👧"} {
		f.Add(s, "c", "stop", 7)
		f.Add("p", s, s, -1)
	}
	type generate struct {
		Kind       string   `json:"kind"`
		Context    string   `json:"context"`
		Until      []string `json:"until"`
		MaxGenToks int      `json:"max_gen_toks"`
	}
	type score struct {
		Kind         string `json:"kind"`
		Context      string `json:"context"`
		Continuation string `json:"continuation"`
	}
	f.Fuzz(func(t *testing.T, context, continuation, stop string, n int) {
		g := Request{Kind: "generate", Context: context, Until: []string{stop, continuation}, MaxGenToks: n}
		require.Equal(t, plain(t, generate{g.Kind, context, g.Until, n}), string(g.AppendLine(nil)))
		s := Request{Kind: LogLikelihood, Context: context, Continuation: continuation}
		require.Equal(t, plain(t, score{s.Kind, context, continuation}), string(s.AppendLine(nil)))
		other := g
		other.Context = strings.ToValidUTF8(context, "\ufffd")
		require.Equal(t, other.Context == context, g.Under("p") == other.Under("p"))
		require.Equal(t, plain(t, map[string]any{"id": n, "targets": g.Until}), string(Gold(fmt.Append(nil, n), g.Until)))
	})
}
