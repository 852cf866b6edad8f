// Package identity writes down what was asked, in the forms that the program's digests are of: one place, so that all of
// them mean the same request, and can be taken again by anybody who has the texts.
//
// The forms may never change: recorded fingerprints, stored answers and accepted baselines are found by their digests.
package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// LogLikelihood is the kind of request whose form has a continuation; every other has stop strings and a length.
const LogLikelihood = "loglikelihood"

// Request is one request.
type Request struct {
	Kind, Context, Continuation string
	Until                       []string
	MaxGenToks                  int
	Sampling                    Sampling
}

// Sampling is how a generation is drawn. The zero value is greedy, and no part of any form.
type Sampling struct {
	Temperature float64 `json:"temperature"`
	// TopP keeps the smallest set of most probable tokens whose probability reaches it.
	TopP float64 `json:"top_p"`
	// Draw numbers the answers to one prompt from 0; Seed is what this one is drawn with.
	Draw int    `json:"sample"`
	Seed uint32 `json:"seed"`
}

// AppendLine appends the request as a line of JSON, line feed included, without escaping of HTML characters:
// {"kind":"generate","context":...,"until":[...],"max_gen_toks":n} or {"kind":"loglikelihood","context":...,
// "continuation":...}. It is what prompts prints, and what digests of requests are taken over. What is drawn has
// "temperature", "top_p", "sample" and "seed" behind that.
func (q Request) AppendLine(b []byte) []byte {
	b = jsonscan.AppendString(append(b, `{"kind":`...), q.Kind)
	b = jsonscan.AppendString(append(b, `,"context":`...), q.Context)
	if q.Kind == LogLikelihood {
		b = jsonscan.AppendString(append(b, `,"continuation":`...), q.Continuation)
		return append(b, "}\n"...)
	}
	b = appendStrings(append(b, `,"until":`...), q.Until)
	b = strconv.AppendInt(append(b, `,"max_gen_toks":`...), int64(q.MaxGenToks), 10)
	if q.Sampling != (Sampling{}) {
		b = append(append(b, ','), mustMarshal(q.Sampling)[1:]...)
		return append(b, '\n')
	}
	return append(b, "}\n"...)
}

// Under is the sha256 by which an answer is kept: over the protocol, quoted as in Go, a line feed, and the request's line.
// JSON cannot hold text that is not UTF-8, and two such texts can become the same JSON; for them the exact bytes of all
// texts, quoted as in Go, follow.
func (q Request) Under(protocol string) [sha256.Size]byte {
	b := make([]byte, 0, 512+len(q.Context)+len(q.Context)/8+2*len(q.Continuation))
	b = append(strconv.AppendQuote(b, protocol), '\n')
	b = q.AppendLine(b)
	if !q.valid() {
		for _, s := range append([]string{q.Kind, q.Context, q.Continuation}, q.Until...) {
			b = strconv.AppendQuote(b, s)
		}
	}
	return sha256.Sum256(b)
}

func (q Request) valid() bool {
	for _, s := range q.Until {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return utf8.ValidString(q.Kind) && utf8.ValidString(q.Context) && utf8.ValidString(q.Continuation)
}

// Condensed is the first 16 bytes, in hexadecimal digits, of the sha256 over one line of JSON a request, [kind, context,
// continuation, until, max_gen_toks] with HTML characters escaped; no stop strings are null, and what is drawn has its
// sampling as a sixth element. As many bytes tell any two lists apart that were not made to collide.
func Condensed(requests []Request) string {
	h := sha256.New()
	for _, q := range requests {
		form := []any{q.Kind, q.Context, q.Continuation, q.Until, q.MaxGenToks}
		if q.Sampling != (Sampling{}) {
			form = append(form, q.Sampling)
		}
		h.Write(append(mustMarshal(form), '\n'))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Document is "sha256:" and the hex digest of the JSON array of a document's context, input, choices and targets, with HTML
// characters escaped.
func Document(context, input string, choices, targets []string) string {
	sum := sha256.Sum256(mustMarshal([]any{context, input, choices, targets}))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Gold is a document's identifier, which is JSON, and targets as a line of JSON, {"id":...,"targets":[...]}, without escaping
// of HTML characters in the targets; no list of targets is null.
func Gold(id []byte, targets []string) []byte {
	b := append(append([]byte(`{"id":`), id...), `,"targets":`...)
	if targets == nil {
		b = append(b, "null"...)
	} else {
		b = appendStrings(b, targets)
	}
	return append(b, "}\n"...)
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, s)
	}
	return append(b, ']')
}

func mustMarshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and integers only
	}
	return b
}
