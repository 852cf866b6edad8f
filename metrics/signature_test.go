package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSignaturesNameTheTokenizer: a metric that counts in a model's pieces has another signature with another tokenizer; one
// that counts in something else, or names its tokenizer, keeps its own.
func TestSignaturesNameTheTokenizer(t *testing.T) {
	bound := func(digest string) Metric {
		return Rouge2OfModel().Bind(Env{Pieces: func(text string) []string { return []string{text} }, PiecesDigest: digest})
	}
	a, b := bound("sha256:0123456789abcdef"), bound("sha256:fedcba9876543210")
	assert.Contains(t, a.Signature, "|tok:lm-0123456789ab|")
	assert.NotEqual(t, a.Signature, b.Signature)
	for in, want := range map[string]string{
		"x:1|tok:lm|y:2": "x:1|tok:lm-fedcba987654|y:2", "tok:lm": "tok:lm-fedcba987654", "tok:lm-0123456789ab|y:2": "tok:lm-0123456789ab|y:2",
		"tok:char": "tok:char", "tok:lmx": "tok:lmx", "": "",
	} {
		got := WithPieces(in, "sha256:fedcba9876543210")
		assert.Equal(t, want, got)
		assert.Equal(t, in != "" && want != "tok:char" && want != "tok:lmx", CountsModelPieces(got), got)
	}
	assert.Equal(t, "tok:lm", WithPieces("tok:lm", ""))
	assert.Equal(t, "tok:lm-abc", WithPieces("tok:lm", "abc"), "any text that tells tokenizers apart")
}
