package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestDigestsAreOverLinesOfJSON: digests can be taken again by anybody who has the lines.
func TestDigestsAreOverLinesOfJSON(t *testing.T) {
	sum := func(lines string) string {
		s := sha256.Sum256([]byte(lines))
		return "sha256:" + hex.EncodeToString(s[:])
	}
	d := NewDigest()
	d.Add(Request{Kind: Generate, Protocol: HarnessEN, Prompt: "<a>\n", Stop: []string{"\n"}, MaxTokens: 5})
	d.Add(Request{Kind: Generate, Prompt: "b"})
	d.Add(Request{Kind: LogLikelihood, Prompt: "c", Continuation: " &d"})
	assert.Equal(t, sum(`{"kind":"generate","context":"<a>\n","until":["\n"],"max_gen_toks":5}
{"kind":"generate","context":"b","until":[],"max_gen_toks":0}
{"kind":"loglikelihood","context":"c","continuation":" &d"}
`), d.String())

	g := NewGoldsDigest()
	assert.Equal(t, sum(""), g.String())
	g.Add(Doc{ID: RowID(3), Targets: []string{"<x>", "y"}})
	g.Add(Doc{ID: TextID("a1"), Targets: []string{}})
	assert.Equal(t, sum(`{"id":3,"targets":["<x>","y"]}
{"id":"a1","targets":[]}
`), g.String())
}
