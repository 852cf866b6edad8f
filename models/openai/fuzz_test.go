package openai

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"testing"

	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// saying is a network on which everything is answered with the same bytes.
type saying []byte

func (s saying) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(s))}, nil
}

// FuzzAnswer: whatever a server of any dialect answers, it is an error, or one finite log-probability for each token that was asked
// for and no more new tokens than were.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"choices":[{"finish_reason":"stop","stop_reason":null,"token_ids":[5,2],"logprobs":{"tokens":["token_id:7","token_id:8","token_id:9"],"token_logprobs":[null,-1,-2],"top_logprobs":[null,{"token_id:8":-1},{"token_id:9":-2,"token_id:3":-0.5}]}}]}`,
		`{"output_ids":[5],"meta_info":{"prompt_tokens":3,"finish_reason":{"type":"stop","matched":2},"input_token_logprobs":[[null,7,null],[-1,8,null],[-2,9,null]],"input_top_logprobs":[null,[[-1,8,null]],[[-0.5,3,null]]]}}`,
		`{"content":"a","tokens":[5],"stop_type":"eos","truncated":false,"tokens_evaluated":3}`, `{"choices":[{}]}`, `{"choices":[{"logprobs":{}}]}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(body))
	}
	tokens := []int32{7, 8, 9}
	f.Fuzz(func(t *testing.T, body []byte) {
		o := Options{Wire: saying(body), Attempts: 1}.filled()
		for _, d := range []dialect{vllm{}, vllm{ours: true}, sglang{}, llamacpp{}} {
			s := newServer(Address{"http://h", "m"}, o)
			s.dialect, s.eos, s.hasEOS = d, 2, true
			got, err := d.score(context.Background(), s, tokens, 1, tasks.Plain)
			if err == nil && (len(got.logProbs) != 2 || len(got.greedy) != 2) {
				t.Fatalf("%s: %d log-probabilities, %d flags", d.name(), len(got.logProbs), len(got.greedy))
			}
			for _, lp := range got.logProbs {
				if err == nil && (math.IsNaN(lp) || math.IsInf(lp, 0) || lp > 1e-3) {
					t.Fatalf("%s: %v", d.name(), lp)
				}
			}
			made, err := d.generate(context.Background(), s, &wrapper.Generation{Prompt: tokens, Max: 4}, tasks.Plain)
			if err == nil && len(made.tokens) > 5 {
				t.Fatalf("%s: %d tokens", d.name(), len(made.tokens))
			}
			if err == nil && made.finish == "" {
				t.Fatalf("%s: an answer without end", d.name())
			}
		}
	})
}
