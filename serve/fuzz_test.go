package serve

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNullIsNoPrompt, least of all the one before it.
func TestNullIsNoPrompt(t *testing.T) {
	for _, body := range []string{`{"prompt":["a",null]}`, `{"prompt":[[1,2],null]}`, `{"prompt":[null]}`, `{"prompt":[[1],null]}`} {
		f, err := readFields([]byte(body))
		require.NoError(t, err)
		_, err = takePrompts(f)
		assert.ErrorContains(t, err, "null is neither a string nor an array of token ids", body)
	}
}

// FuzzBody: a body is refused, or has prompts of which each is a text or tokens that are none of them negative.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"prompt":"a","n":1,"seed":7}`, `{"prompt":["a","b"]}`, `{"prompt":[1,2]}`, `{"prompt":[[1],[2,3]],"temperature":0.0}`, `{"prompt":[]}`, `{"prompt":[[]]}`,
		`{"prompt":[-1]}`, `{"prompt":[1.5]}`, `{"prompt":{}}`, `{"prompt":null}`, `{"prompt":"a","best_of":2}`, `{}{}`, `[]`, `{"prompt":"a","unknown":1}`, `{"prompt":[99999999999]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := readFields(body)
		if err != nil {
			return
		}
		prompts, err := takePrompts(fields)
		if err != nil {
			return
		}
		if len(prompts) == 0 {
			t.Fatal("accepted without a prompt")
		}
		for _, p := range prompts {
			if p.isText == (p.ids != nil) && len(p.ids) > 0 {
				t.Fatalf("%+v is text and tokens", p)
			}
			for _, id := range p.ids {
				if id < 0 {
					t.Fatalf("token %d", id)
				}
			}
		}
		_ = fields.finish()
	})
}
