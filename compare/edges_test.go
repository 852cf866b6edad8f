package compare

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results/published"
)

// TestNearIncludesItsBound: three deviations of 2 % of fifty documents are three documents.
func TestNearIncludesItsBound(t *testing.T) {
	task := published.Column{N: 50, Counted: true}
	for apart, want := range map[float64]string{0: "exact", 3: "near", -3: "near", 4: "off"} {
		d := Distance{Published: 0.5, Ours: (25 + apart) / 50, Near: nearDocuments(task.Answers(), 1)}
		d.count(published.Table{Digits: 4}, task)
		assert.Equal(t, want, d.Verdict, "%v documents apart", apart)
	}
}

// TestLossesAndGainsShareALevel: lost and won documents are two chances to be found not equivalent, so each p counts twice.
// The tails are sums of binomial chances made by another program: 20 of 1000 at 1 %, 12 of 1000 at 0.5 %.
func TestLossesAndGainsShareALevel(t *testing.T) {
	test := taskTest{row: TaskComparison{N: 1000, Margin: 0.005}, flips: make([]int, 1000), lost: make([]float64, 1000), won: make([]float64, 1000)}
	for i := range 20 {
		test.flips[i] = 1
		if i < 12 {
			test.lost[i] = 1
		} else {
			test.won[i] = 1
		}
	}
	rules := test.flipRules(0)
	assert.Len(t, rules, 3)
	assert.InDelta(t, 0.003288359787736117, rules[0].p, 1e-12)
	assert.InDelta(t, 2*0.005330011206260754, rules[1].p, 1e-12)
}
