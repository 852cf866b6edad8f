package compare

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/results"
)

// FuzzStoredComparison: whatever a stored comparison holds, every format shows it without a control character.
func FuzzStoredComparison(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"tier":"different","tasks":[{"task":"a\\u001b","verdict":"regressed","changes":[{"doc_id":"x\\u0000","output_a":"::error::"}]}]}`))
	f.Add([]byte(`{"schema_version":1,"tier":"identical","refused":{"field":"p"},"only_a":["t"],"averages":[{"name":"ja","tasks":["a","b"]}]}`))
	f.Add([]byte(`{"schema_version":1,"tier":"equivalent","tasks":[{"verdict":"incomparable","mismatch":{"field":"hole"}},{"drift":{"requests":1}}]}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "c.json")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		c, err := ReadComparison(path)
		if err != nil {
			return
		}
		c.ExitCode(true, true)
		for _, format := range cireport.Formats() {
			var out strings.Builder
			require.NoError(t, c.Report(-1).Write(&out, format))
			for _, r := range out.String() {
				require.False(t, r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0), "%s: %U", format, r)
			}
		}
	})
}

// A stored comparison that no comparison wrote is refused with what is wrong.
func TestReadComparisonRefuses(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{`: "unexpected end", `{}`: "not a comparison", `{"schema_version":1,"tier":"odd"}`: "not a comparison",
		`{"schema_version":99,"tier":"different"}`: results.ErrNewer.Error(), `{"schema_version":1,"tier":"different","tasks":[{"task":"t","verdict":"incomparable"}]}`: "t is incomparable without a reason",
	} {
		path := filepath.Join(dir, "c.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := ReadComparison(path)
		assert.ErrorContains(t, err, want, text)
	}
	_, err := ReadComparison(dir)
	assert.ErrorContains(t, err, "is a directory")
}

// The outcomes that a CI server counts.
func TestCases(t *testing.T) {
	for verdict, want := range map[Verdict]cireport.Outcome{
		Identical: cireport.Passed, Equivalent: cireport.Passed, OK: cireport.Passed, Improved: cireport.Passed, Regressed: cireport.Failed, Changed: cireport.Failed,
		NotEquivalent: cireport.Failed, NoEvidence: cireport.Skipped,
	} {
		assert.Equal(t, want, TaskComparison{Verdict: verdict}.reportCase().Outcome, verdict)
	}
	assert.Equal(t, cireport.Broken, TaskComparison{Verdict: Incomparable, Mismatch: &Mismatch{Field: fieldHole}}.reportCase().Outcome)
	assert.Equal(t, cireport.Skipped, TaskComparison{Verdict: Incomparable, Mismatch: &Mismatch{Field: "prompt"}}.reportCase().Outcome)
	c := Comparison{Tier: TierDifferent, Refused: &Mismatch{Field: "profile", A: "x", B: "y"}}
	assert.Equal(t, cireport.Broken, c.Report(10).Cases[0].Outcome)
	assert.Equal(t, "not comparable: profile: A has x, B has y", c.Report(10).Title[0])
}
