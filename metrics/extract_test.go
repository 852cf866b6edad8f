package metrics

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

func TestMGSMAnswerGolden(t *testing.T) {
	count := 0
	for _, line := range shared.Lines(t, "goldens/metrics/mgsm_extract.jsonl.gz") {
		var c struct {
			Completion string          `json:"completion"`
			Extracted  json.RawMessage `json:"extracted"`
		}
		require.NoError(t, json.Unmarshal(line, &c))
		require.Equal(t, strings.Trim(string(c.Extracted), `"`), MGSMAnswer(c.Completion), "%q", c.Completion)
		count++
	}
	require.Positive(t, count)
	t.Logf("%d cases", count)
}

func TestMGSMAnswer(t *testing.T) {
	tests := []struct{ completion, want string }{
		{"", Invalid},
		{"-0", "0"},
		{"-0.0", "0"},
		{".5.", "5"},
		{"1.2.3", Invalid},
		{",.", Invalid},
		{"-", Invalid},
		{"--3", "-3"},
		{"12-34", "-34"},
		{"\xff7\xff", "7"},
		{"1" + strings.Repeat("0", 22), "10000000000000000000000"},
		{"1" + strings.Repeat("0", 23), "99999999999999991611392"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, MGSMAnswer(test.completion), "%q", test.completion)
	}
}

func TestGSM8KAnswerGolden(t *testing.T) {
	type input struct{ Completion, Answer string }
	type output struct {
		Completion string `json:"extracted_completion"`
		Gold       string `json:"extracted_gold"`
		Acc        bool
	}
	acc := Accuracy("acc")
	harnessCases(t, "gsm8k_extract", func(n int, in input, want output) {
		got, gold := GSM8KAnswer(in.Completion), GSM8KAnswer(in.Answer)
		require.Equal(t, want.Completion, got, "case %d", n)
		require.Equal(t, want.Gold, gold, "case %d", n)
		require.Equal(t, want.Acc, acc.Each(got, []string{gold})[0] == 1, "case %d", n)
	})
}

func FuzzMGSMAnswer(f *testing.F) {
	for _, s := range []string{"答えは11です。", "-.", "1,000.0", "5-6", strings.Repeat("9", 400), "0." + strings.Repeat("0", 400) + "1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := MGSMAnswer(s)
		if got == Invalid {
			return
		}
		if again := MGSMAnswer(got); again != got {
			t.Fatalf("%q gives %q, which gives %q", s, got, again)
		}
	})
}

func FuzzGSM8KAnswer(f *testing.F) {
	for _, s := range []string{"#### 18", "#### -1,000.", "####18", "#### #### 5", "#### $3\n#### 4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := GSM8KAnswer(s)
		if got != Invalid && strings.Trim(got, "-0123456789.") != "" {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}
