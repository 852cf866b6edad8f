package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"unicode/utf8"
)

// ArgumentForm is how a harness wrote the arguments of a generation in its recorded request hashes.
type ArgumentForm bool

const (
	// StopList is the older form: [context, ["\n"]].
	StopList ArgumentForm = false
	// StopObject is the form since 2023: [context, {"until": ["\n"]}].
	StopObject ArgumentForm = true
)

// ReferenceDigest is the hash that the LM evaluation harness's own tests record for all requests of a task: the hex
// sha256 of Python's json.dumps(list of arguments, sort_keys=True), where a log-likelihood is [context, continuation].
// It compares our requests with the harness's without any of its code. Source: tests/test_version_stable.py of
// EleutherAI/lm-evaluation-harness at 3ccea2b.
func ReferenceDigest(requests iter.Seq[Request], form ArgumentForm) string {
	h := sha256.New()
	b := []byte("[")
	first := true
	for r := range requests {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = appendPythonString(append(b, '['), r.Prompt)
		b = append(b, ", "...)
		switch {
		case r.Kind == LogLikelihood:
			b = appendPythonString(b, r.Continuation)
		case form == StopObject:
			b = append(b, `{"until": `...)
			b = append(appendPythonList(b, r.Stop), '}')
		default:
			b = appendPythonList(b, r.Stop)
		}
		h.Write(append(b, ']'))
		b = b[:0]
	}
	h.Write(append(b, ']'))
	return hex.EncodeToString(h.Sum(nil))
}

func appendPythonList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendPythonString(b, s)
	}
	return append(b, ']')
}

// appendPythonString appends s as json.dumps writes it: ASCII only, surrogate pairs in lower-case hex, and short
// escapes for five control characters. DEL is ASCII but is escaped.
func appendPythonString(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	escape := func(v rune) {
		b = append(b, '\\', 'u', hexDigits[v>>12&15], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15])
	}
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case ' ' <= r && r < 0x7f:
			b = append(b, byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r > 0xffff:
			r -= 0x10000
			escape(0xd800 + r>>10)
			escape(0xdc00 + r&0x3ff)
		default:
			escape(r)
		}
	}
	return append(b, '"')
}
