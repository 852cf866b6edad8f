package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReferenceDigest(t *testing.T) {
	generate := Request{Kind: Generate, Prompt: "a\"\\\n\t\r\b\f\x00\x7f", Stop: []string{"\n", "é"}, MaxTokens: 256}
	score := Request{Kind: LogLikelihood, Prompt: "日本😀</>&", Continuation: " x"}
	for name, c := range map[string]struct {
		requests []Request
		form     ArgumentForm
		dumped   string
	}{
		"none":        {nil, StopList, `[]`},
		"list":        {[]Request{generate}, StopList, `[["a\"\\\n\t\r\b\f\u0000\u007f", ["\n", "\u00e9"]]]`},
		"object":      {[]Request{generate}, StopObject, `[["a\"\\\n\t\r\b\f\u0000\u007f", {"until": ["\n", "\u00e9"]}]]`},
		"two, scored": {[]Request{score, score}, StopObject, `[["\u65e5\u672c\ud83d\ude00</>&", " x"], ["\u65e5\u672c\ud83d\ude00</>&", " x"]]`},
	} {
		t.Run(name, func(t *testing.T) {
			sum := sha256.Sum256([]byte(c.dumped))
			assert.Equal(t, hex.EncodeToString(sum[:]), ReferenceDigest(slices.Values(c.requests), c.form))
		})
	}
}
