package eval

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// headed is sums below a header that all prompts begin with; every document has one request.
type headed struct {
	sums
	generated int
}

func (h headed) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{Kind: tasks.Generate, Prompt: strings.Repeat("x", 100) + string('α'+rune(d.Input[0]-'0')) + "?", MaxTokens: h.generated}}
}

// TestShares: a task weighs what all its documents cost by those that were looked at: what prompts have in common once, and
// characters as wholes. One that fails or asks nothing has no weight.
func TestShares(t *testing.T) {
	_, o := setup(headed{sums{name: "a", n: 9}, 0}, headed{sums{name: "b", n: 1}, 5}, sums{name: "c", broken: "no"}, sums{name: "d"})
	assert.Equal(t, []Share{{"a", 103 + 8*3}, {"b", 103 + 20}, {"c", 0}, {"d", 0}}, Shares(t.Context(), o, newOracle(0)))
	var err error
	o.Limit, err = ParseLimit("3")
	require.NoError(t, err)
	assert.Equal(t, Share{"a", 103 + 2*3}, Shares(t.Context(), o, newOracle(0))[0])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Empty(t, Shares(ctx, o, newOracle(0)))
}

// TestSharesOutliveABrokenTask: they are computed beside a run, which says itself what is wrong.
func TestSharesOutliveABrokenTask(t *testing.T) {
	one := sums{name: "a", n: 9}
	_, o := setup(one)
	o.Profile.SharedFraction = []tasks.Protocol{one.Spec().Protocol}
	var err error
	o.Limit, err = ParseLimit("0.5")
	require.NoError(t, err)
	source := o.Source
	o.Source = func() Source { panic("broken") }
	assert.Empty(t, Shares(t.Context(), o, newOracle(0)))
	o.Source = source
	assert.NotEmpty(t, Shares(t.Context(), o, newOracle(0)))
}

// TestSharesLookAtFewDocuments: of a large task, some that are spread over it.
func TestSharesLookAtFewDocuments(t *testing.T) {
	asked := []string{}
	_, o := setup(noting{headed{sums{name: "a", n: 1000}, 1}, &asked})
	assert.InDelta(t, 1000*7, Shares(t.Context(), o, newOracle(0))[0].Weight, 110)
	assert.Equal(t, []string{"0+1=", "125+1=", "250+1=", "375+1=", "500+1=", "625+1=", "750+1=", "875+1="}, asked)
}

// noting writes down which documents are asked for.
type noting struct {
	headed
	asked *[]string
}

func (n noting) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	*n.asked = append(*n.asked, d.Input)
	return n.headed.Requests(d, b)
}
