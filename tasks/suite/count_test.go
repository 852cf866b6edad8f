package suite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCountTests: names count the tasks they choose, each once; numbers count themselves; nothing is one test.
func TestCountTests(t *testing.T) {
	p := Default()
	ja, err := Select(p, []string{"ja-all"})
	require.NoError(t, err)
	for _, c := range []struct {
		names []string
		want  int
	}{
		{nil, 1}, {[]string{"3"}, 3}, {[]string{"gsm8k"}, 1}, {[]string{"gsm8k", "gsm8k"}, 1}, {[]string{"ja-all", "mgsm"}, len(ja)},
		{[]string{"ja-all", "2", "gsm8k"}, len(ja) + 3},
	} {
		got, err := CountTests(p, c.names)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, c.names)
	}
	_, err = CountTests(p, []string{"gsm8k", "0"})
	assert.EqualError(t, err, "--tasks 0: a plan is of one test or more")
	_, err = CountTests(p, []string{"nothing"})
	require.ErrorIs(t, err, ErrUnknown)
	assert.ErrorContains(t, err, "(a number stands for so many tasks of other programs)")
}
