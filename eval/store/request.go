package store

import (
	"crypto/sha256"
	"strconv"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// digest identifies a request.
type digest [sha256.Size]byte

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
	b = appendString(b, string(q.Kind))
	b = append(b, `,"context":`...)
	b = appendString(b, q.Prompt)
	if q.Kind == tasks.LogLikelihood {
		b = append(b, `,"continuation":`...)
		b = appendString(b, q.Continuation)
		return append(b, "}\n"...)
	}
	b = append(b, `,"until":[`...)
	for i, s := range q.Stop {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	b = append(b, `],"max_gen_toks":`...)
	b = strconv.AppendInt(b, int64(q.MaxTokens), 10)
	return append(b, "}\n"...)
}

// appendString quotes valid UTF-8 as encoding/json does without escaping of HTML characters.
func appendString(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xe2 {
			continue
		}
		if c == 0xe2 { // U+2028 and U+2029 are E2 80 A8 and E2 80 A9
			if s[i+1] == 0x80 && s[i+2]&^1 == 0xa8 {
				b = append(append(b, s[start:i]...), `\u202`...)
				b = append(b, hexDigits[s[i+2]&15])
				start = i + 3
			}
			i += 2
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '\r':
			b = append(b, `\r`...)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[start:]...), '"')
}
