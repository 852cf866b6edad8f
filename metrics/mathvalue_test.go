package metrics

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBrokenBrackets: \left( is \le( after the harness's normalising, an error to the reference's parser, which then finds two answers unequal:
// equality is not claimed (nor denied) of single expressions with it, as sympy 1.14 confirmed.
func TestBrokenBrackets(t *testing.T) {
	for _, pair := range [][2]string{{`\le(143)`, "143"}, {`\le(y^{2})(22+a^{2})`, "(y^{2})(22+a^{2})"}, {`\le(\frac{9}{100}\right)`, `\frac{9}{100}`}} {
		equal, certain := mathVerdict(pair[0], pair[1])
		require.Equal(t, [2]bool{}, [2]bool{equal, certain}, pair)
	}
	equal, certain := mathVerdict("-26-8.4+0", "-26-8.4") // sympy's sums of decimals are rounded
	require.Equal(t, [2]bool{}, [2]bool{equal, certain})
	equal, certain = mathVerdict("(143)", "143")
	require.Equal(t, [2]bool{true, true}, [2]bool{equal, certain})
}

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
