package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzMathVerdict: whatever two answers are, the verdict is the same from both sides, what is equal is certain, and what an answer says is itself.
func FuzzMathVerdict(f *testing.F) {
	for _, pair := range [][2]string{
		{`\frac{1}{2}`, "0.5"}, {`1+2\sqrt{3}`, `2\sqrt{3}+1`}, {"(x+1)^{8}", "x"}, {`\le(3,\frac{\pi}{2}\right)`, "[1,2)"}, {"((((((((((1))))))))))", "1"},
		{`\sqrt{\sqrt{\sqrt{2}}}`, `\frac{\frac{1}{2}}{3}`}, {"1/0", `\frac{1}{0}`}, {"-", "+"}, {"x^^2", "2^"}, {"1,2,3", ",,"}, {"abcdefgh", "(a+b+c)^8"}, {"9999999999^8", "1"}, {"((((((9^8)^8)^8)^8)^8)^8)^8", "1"}, {"((((x^8)^8)^8)^8)^8", "x"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		equal, certain := mathVerdict(a, b)
		back, same := mathVerdict(b, a)
		require.Equal(t, [2]bool{equal, certain}, [2]bool{back, same})
		require.False(t, equal && !certain)
		if self, certain := mathVerdict(a, a); certain {
			require.True(t, self, "an answer differs from itself")
		}
	})
}

// FuzzAnswers: what is found in completions is there again when it is looked at as what it is.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`\boxed{1}`, `\boxed 1$`, `\fbox{1}`, `\boxed{\boxed{}`, "the answer is (A).", "the answer is \n", "Final Answer: The final answer is $5$. I hope it is correct.", "#### 1,2.$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_ = MathAnswer(s)
		if got := BBHAnswer(s); got != Invalid {
			require.Contains(t, s, got)
		}
		if got := GSM8KStrict04(s); got != Invalid {
			require.Contains(t, s, "#### "+got)
		}
	})
}
