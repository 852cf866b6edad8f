package runs

import (
	"encoding/json"
	"errors"
	"os"
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
	for _, c := range []struct {
		a, b   string
		differ bool
	}{{"a", "b", true}, {"a", "a", false}} {
		pairing, err := compare.Pair(asked(c.a), asked(c.b))
		assert.Equal(t, c.differ, errors.Is(err, compare.ErrIncomparable), "%v", err)
		assert.Equal(t, c.differ, RequestsDiffer(pairing))
	}
	assert.False(t, RequestsDiffer(compare.Pairing{}))
}

// TestCondensedFirst: runs are read whole once, where they must be, and not where reading failed.
func TestCondensedFirst(t *testing.T) {
	for _, c := range []struct {
		differ bool
		err    error
		read   []bool
	}{{false, nil, []bool{true}}, {true, nil, []bool{true, false}}, {true, os.ErrNotExist, []bool{true}}} {
		var read []bool
		err := CondensedFirst(func(condensed bool) (bool, error) {
			read = append(read, condensed)
			return c.differ, c.err
		})
		assert.ErrorIs(t, err, c.err)
		assert.Equal(t, c.read, read)
	}
}
