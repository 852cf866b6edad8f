package drift

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
)

// TestLimits: what is at a limit is within it; no limit is none, and 0 is one.
func TestLimits(t *testing.T) {
	at := func(v float64) *float64 { return &v }
	var d compare.LogitDrift
	d.KL.Mean, d.Top1Agreement = 0.5, 0.75
	for _, c := range []struct {
		l    Limits
		want []string
	}{
		{Limits{}, nil},
		{Limits{at(0.5), at(0.75)}, nil},
		{Limits{MaxKL: at(0)}, []string{"mean divergence 0.5 is above --max-kl 0"}},
		{Limits{at(0.25), at(0.8)}, []string{"mean divergence 0.5 is above --max-kl 0.25", "top-1 agreement 0.7500 is below --min-agreement 0.8"}},
	} {
		assert.Equal(t, c.want, c.l.Broken(d))
		assert.NoError(t, c.l.Check())
	}
	for _, bad := range []Limits{{MaxKL: at(-1)}, {MinAgreement: at(-0.1)}, {MinAgreement: at(1.1)}} {
		assert.Error(t, bad.Check())
	}
}

// TestProbes are JSON strings, of which there must be some.
func TestProbes(t *testing.T) {
	p, err := ReadProbe("f.jsonl", strings.NewReader("\"一\"\n\n\"two\\n\"\n"))
	require.NoError(t, err)
	assert.Equal(t, "f.jsonl", p.Name)
	assert.Equal(t, []string{"一", "two\n"}, p.Passages)
	_, err = ReadProbe("f.jsonl", strings.NewReader("\n"))
	assert.EqualError(t, err, "f.jsonl: it holds no texts")
	_, err = ReadProbe("f.jsonl", strings.NewReader("\"a\"\n3\n"))
	assert.ErrorContains(t, err, "f.jsonl:2: not a JSON string")
}
