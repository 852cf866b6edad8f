package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
)

// TestRequestsDiffer: a report reads runs whole again where digests alone tell that they asked different things, since only
// then can the page say in what.
func TestRequestsDiffer(t *testing.T) {
	asked := func(digest string) compare.RunData {
		return compare.RunData{
			Run:     results.Run{Profile: "p", Scores: []results.Score{{Task: "t", N: 1}}},
			Samples: map[string][]results.Sample{"t": {{Task: "t", DocID: json.RawMessage(`1`), DocHash: "h", RequestsDigest: digest}}},
		}
	}
	assert.True(t, requestsDiffer([]compare.RunData{asked("a"), asked("b")}))
	assert.True(t, requestsDiffer([]compare.RunData{asked("a"), asked("a"), asked("b")}))
	assert.False(t, requestsDiffer([]compare.RunData{asked("a"), asked("a")}))
	assert.False(t, requestsDiffer([]compare.RunData{asked("a")}))
	assert.False(t, requestsDiffer(nil))
}
