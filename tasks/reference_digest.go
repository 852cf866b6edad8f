package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// ArgumentForm is how a harness wrote the arguments of a generation in its recorded request hashes.
type ArgumentForm string

const (
	// StopList is the older form: [context, ["\n"]].
	StopList ArgumentForm = "list"
	// StopObject is the form since 2023: [context, {"until": ["\n"]}].
	StopObject ArgumentForm = "object"
	// Greedy04 is the form of lm-eval 0.4.2 for tasks that say how to decode: [context, {"do_sample": false, "temperature": 0.0, "until":
	// ["\n"]}], and GreedyMax04 that of those which also limit the new tokens, with "max_gen_toks".
	Greedy04    ArgumentForm = "greedy"
	GreedyMax04 ArgumentForm = "greedy, limited"
	// Prompts is no harness's: the list of prompts alone, for llm-jp-eval and code. A prompt whose answers are drawn is there once.
	Prompts ArgumentForm = "prompts"
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
		if form == Prompts && r.Sampling.Draw > 0 {
			continue
		}
		if !first {
			b = append(b, ", "...)
		}
		first = false
		if form == Prompts {
			h.Write(python.AppendASCII(b, r.Prompt))
			b = b[:0]
			continue
		}
		b = python.AppendASCII(append(b, '['), r.Prompt)
		b = append(b, ", "...)
		switch {
		case r.Kind == LogLikelihood:
			b = python.AppendASCII(b, r.Continuation)
		case form == StopObject:
			b = append(b, `{"until": `...)
			b = append(appendPythonList(b, r.Stop), '}')
		case form == Greedy04 || form == GreedyMax04:
			b = append(b, `{"do_sample": false, `...)
			if form == GreedyMax04 {
				b = fmt.Appendf(b, `"max_gen_toks": %d, `, r.MaxTokens)
			}
			b = append(appendPythonList(append(b, `"temperature": 0.0, "until": `...), r.Stop), '}')
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
