package series

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecorded(t *testing.T) {
	for _, c := range []struct {
		raw      string
		v        float64
		decimals int
		hole     string
	}{
		{`0.5`, 0.5, -1, ""}, {`"0.3852"`, 0.3852, 4, ""}, {`"1.0"`, 1, 1, ""}, {`"5e-05"`, 5e-5, -1, ""}, {`0`, 0, -1, ""},
		{`true`, 1, -1, ""}, {`"True"`, 1, -1, ""}, {`"False"`, 0, -1, ""},
		{``, 0, 0, "not recorded"}, {`null`, 0, 0, "not a number"}, {`"N/A"`, 0, 0, "not a number"}, {`-1`, 0, 0, "missing number"},
		{`-1.0`, 0, 0, "missing number"}, {`-0.01`, 0, 0, "missing number"}, {`"NaN"`, 0, 0, "not a number"}, {`"Infinity"`, 0, 0, "not a number"},
		{`-0e99999`, 0, 0, "NaN"}, {`1e99999`, 0, 0, "not a number"},
		{`[1]`, 0, 0, "not a number"}, {`{}`, 0, 0, "not a number"}, {`""`, 0, 0, "not a number"},
	} {
		r := ParseRecorded(json.RawMessage(c.raw))
		if c.hole != "" {
			assert.Contains(t, r.Hole, c.hole, c.raw)
			assert.Equal(t, Unrecorded, r.Agrees(0), c.raw)
			continue
		}
		assert.Equal(t, [2]any{c.v, c.decimals}, [2]any{r.Value, r.Decimals}, c.raw)
		assert.Empty(t, r.Hole)
		assert.Equal(t, Identical, r.Agrees(c.v))
	}
	rounded := ParseRecorded(json.RawMessage(`"0.3852"`))
	assert.Equal(t, Identical, rounded.Agrees(431.0/1119))
	assert.Equal(t, Different, rounded.Agrees(432.0/1119))
	// A tie of the exact double goes to the even digit, as Python formats.
	assert.Equal(t, Identical, ParseRecorded(json.RawMessage(`"0.1250"`)).Agrees(0.125))
	assert.Equal(t, Identical, ParseRecorded(json.RawMessage(`"0.12"`)).Agrees(0.125))
	assert.Equal(t, Different, ParseRecorded(json.RawMessage(`"0.13"`)).Agrees(0.125))
	full := ParseRecorded(json.RawMessage(`0.1`))
	assert.Equal(t, Close, full.Agrees(math.Nextafter(0.1, 1)))
	assert.Equal(t, Different, full.Agrees(0.1001))
}

// FuzzParseRecorded: a recorded value is a finite number that is not negative, or a hole with a reason.
func FuzzParseRecorded(f *testing.F) {
	for _, s := range []string{`0.5`, `"0.5000"`, `"N/A"`, `-1`, `-0.01`, `null`, `true`, `"False"`, `-0e99999`, `1e99999`, `""`, `"0x1p-1"`, `"nan"`, `"1."`} {
		f.Add([]byte(s), 0.5)
	}
	f.Fuzz(func(t *testing.T, raw []byte, v float64) {
		r := ParseRecorded(raw)
		if r.Hole != "" {
			require.Equal(t, Unrecorded, r.Agrees(v))
			return
		}
		require.False(t, math.IsNaN(r.Value) || math.IsInf(r.Value, 0))
		require.GreaterOrEqual(t, r.Value, 0.0)
		require.Equal(t, Identical, r.Agrees(r.Value))
	})
}
