package cluster

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestWhatAWorkerSaysIsCounted: an answer with fewer or more replies than there were requests is none, and an error names the
// request that it is about, by the caller's number.
func TestWhatAWorkerSaysIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		got   answer
		index int
		says  string
	}{
		"one too few":  {answer{Responses: make([]response, 1)}, 7, "1 answers to 2 requests"},
		"one too many": {answer{Responses: make([]response, 3)}, 7, "3 answers to 2 requests"},
		"the second":   {answer{Failed: "logits are not finite", Index: 1}, 4, "logits are not finite"},
		"the first":    {answer{Failed: "logits are not finite"}, 7, "logits are not finite"},
	} {
		a := &asking{
			m:       &Model{options: Options{}.filled(), tellings: map[string]*Telling{}},
			done:    func(int, tasks.Response) error { t.Error(name + ": an answer was passed on"); return nil },
			pending: map[string]group{"id": {requests: []int{5, 2}, of: &part{make([]tasks.Request, 6), 2, 6}}},
		}
		c.got.ID = "id"
		var re *eval.RequestError
		require.ErrorAs(t, a.take(c.got), &re, name)
		assert.Equal(t, c.index, re.Index, name)
		assert.ErrorContains(t, re, c.says, name)
	}
}

// TestAWorkerNamesTheRequest: through a broker, the error of the second request of a batch is the second's.
func TestAWorkerNamesTheRequest(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	m := open(t, s.ClientURL(), newOracle(encoder(t)).about, newOracle(encoder(t)))
	defer func() { assert.NoError(t, m.Close()) }()
	qs := []tasks.Request{
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "a possible question", MaxTokens: 1},
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "an impossible question", MaxTokens: 1},
	}
	var re *eval.RequestError
	require.ErrorAs(t, m.Do(t.Context(), qs, func(int, tasks.Response) error { return nil }), &re)
	assert.Equal(t, 1, re.Index)
}

// TestBatchesFitAMessage: requests of nearly half a message each are two to a batch, not three.
func TestBatchesFitAMessage(t *testing.T) {
	qs := make([]tasks.Request, 5)
	for i := range qs {
		qs[i] = tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: strings.Repeat("x", batchBytes/2-1) + string(rune('a'+i))}
	}
	list, _, err := groups(qs, batchRequests)
	require.NoError(t, err)
	require.Len(t, list, 3)
	for _, g := range list {
		size := 0
		for _, i := range g.requests {
			size += len(qs[i].Prompt)
		}
		assert.LessOrEqual(t, size, batchBytes)
	}
}
