package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"

	"github.com/swallow-eval/swallow-eval/internal/python"
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
		b = python.AppendASCII(append(b, '['), r.Prompt)
		b = append(b, ", "...)
		switch {
		case r.Kind == LogLikelihood:
			b = python.AppendASCII(b, r.Continuation)
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
		b = python.AppendASCII(b, s)
	}
	return append(b, ']')
}
