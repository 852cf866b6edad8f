package store

import (
	"crypto/sha256"
	"strconv"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// digest identifies a request.
type digest = [sha256.Size]byte

// requestDigest is the sha256 over the request's protocol, quoted as in Go, a line feed, and the request's JSON line.
// JSON cannot hold text that is not UTF-8, and two such texts can become the same JSON; for them a line with the exact
// bytes of all texts, quoted as in Go, follows.
func requestDigest(q tasks.Request) digest {
	b := make([]byte, 0, 512+len(q.Prompt)+len(q.Prompt)/8+2*len(q.Continuation))
	b = strconv.AppendQuote(b, string(q.Protocol))
	b = append(b, '\n')
	if validRequest(q) {
		return sha256.Sum256(appendRequest(b, q))
	}
	line, err := q.MarshalJSON()
	if err != nil {
		panic(err) // a Request holds strings and integers only
	}
	b = append(b, line...)
	for _, s := range append([]string{string(q.Kind), q.Prompt, q.Continuation}, q.Stop...) {
		b = strconv.AppendQuote(b, s)
	}
	return sha256.Sum256(b)
}

func validRequest(q tasks.Request) bool {
	for _, s := range q.Stop {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return utf8.ValidString(string(q.Kind)) && utf8.ValidString(q.Prompt) && utf8.ValidString(q.Continuation)
}

// appendRequest appends what MarshalJSON gives for a request of valid UTF-8, at several times the speed: a run that
// is answered from the store does little else, and prompts are kilobytes.
func appendRequest(b []byte, q tasks.Request) []byte {
	b = append(b, `{"kind":`...)
	b = jsonscan.AppendString(b, string(q.Kind))
	b = append(b, `,"context":`...)
	b = jsonscan.AppendString(b, q.Prompt)
	if q.Kind == tasks.LogLikelihood {
		b = append(b, `,"continuation":`...)
		b = jsonscan.AppendString(b, q.Continuation)
		return append(b, "}\n"...)
	}
	b = append(b, `,"until":[`...)
	for i, s := range q.Stop {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, s)
	}
	b = append(b, `],"max_gen_toks":`...)
	b = strconv.AppendInt(b, int64(q.MaxTokens), 10)
	return append(b, "}\n"...)
}
