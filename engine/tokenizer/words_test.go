package tokenizer

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dlclark/regexp2/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// oracles are the expressions that are matched by hand.
func oracles(t testing.TB) map[string]*regexp2.Regexp {
	t.Helper()
	all := make(map[string]*regexp2.Regexp)
	for _, pattern := range []string{gpt2Pattern, llama3Pattern, qwen2Pattern, tekkenPattern, o200kPattern} {
		r, err := regexp2.Compile(strings.ReplaceAll(pattern, foldedContractions, plainContractions))
		require.NoError(t, err)
		all[pattern] = r
	}
	return all
}

// sameWords compares the cutting by hand with that of the expression.
func sameWords(t testing.TB, pattern string, oracle *regexp2.Regexp, table *classTable, text string) {
	t.Helper()
	s := split{regex: oracle}
	want := s.parts(text)
	w, got := newWords(pattern, table), []string{}
	for rest := text; rest != ""; {
		n := w.next(rest)
		got = append(got, rest[:n])
		rest = rest[n:]
	}
	require.Equal(t, want, got, "%s of %q", pattern, text)
}

// letters holds one character of every class, and those at which the expressions turn.
var letters = []string{
	"a", "b", "S", "s", "t", "T", "L", "l", "d", "re", "VE", "'", "'", "ſ", "É", "ǅ", "ʰ", "ー", "日", "あ", "\u0301", "\u093e", "\u20dd",
	"1", "٣", "½", "Ⅷ", " ", " ", "  ", "\n", "\r", "\r\n", "\t", "\u0085", "\u00a0", "\u3000", ".", "/", "!", "-", "🦙", "\u200d", "\x00", "\ufeff", "𠮷", "𝔘",
}

func TestWordsAreTheMatches(t *testing.T) {
	rng, table := rand.New(rand.NewPCG(5, 6)), newClassTable()
	for pattern, oracle := range oracles(t) {
		for range 4000 {
			few := 2 + rng.IntN(len(letters)-1)
			from := rng.IntN(len(letters))
			var text strings.Builder
			for range 1 + rng.IntN(14) {
				text.WriteString(letters[(from+rng.IntN(few))%len(letters)])
			}
			sameWords(t, pattern, oracle, table, text.String())
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"it's IT'LL 'ſx", "CamelCaseABCdef", "a/b\r\n/ \n\n x", "1234567 ½", "\u0301\u0301x日本e\u0301"} {
		f.Add(s)
	}
	all, table := oracles(f), newClassTable()
	f.Fuzz(func(t *testing.T, text string) {
		if text = string([]rune(text)); text == "" || len(text) > 300 {
			return
		}
		for pattern, oracle := range all {
			sameWords(t, pattern, oracle, table, text)
		}
	})
}

// Character by character, the table has the classes of the expressions (of Unicode 15.0, where regexp2 has those).
func TestClassesAreThoseOfTheExpressions(t *testing.T) {
	table := newClassTable()
	later := func(r rune) bool {
		for _, x := range laterRanges() {
			if x.first <= r && r <= x.last {
				return true
			}
		}
		return false
	}
	for class, expression := range map[class]string{
		upper: `[\p{Lu}\p{Lt}]`, lower: `\p{Ll}`, caseless: `[\p{Lm}\p{Lo}]`, letter: `\p{L}`, accent: `\p{M}`, number: `\p{N}`, blank: `\s`, newline: `[\r\n]`,
	} {
		re := regexp2.MustCompile("^" + expression + "$")
		for r := rune(1); r < 0x32000; r += 1 + r/0x3000 {
			if r >= 0xD800 && r < 0xE000 || later(r) || r == '\n' {
				continue
			}
			want, err := re.MatchRunes([]rune{r})
			require.NoError(t, err)
			require.Equal(t, want, table.of(r)&class != 0, "%s %U", expression, r)
		}
	}
}

// What tokenizers 0.23.2 says of runs of more than 30 marks, and of marks that are younger than its tables.
func TestNFCOfTokenizers(t *testing.T) {
	for text, want := range map[string]string{
		"a" + strings.Repeat("\u0301", 40): "á" + strings.Repeat("\u0301", 39),
		strings.Repeat("\u0301\u0323", 20): strings.Repeat("\u0323", 20) + strings.Repeat("\u0301", 20),
		"e\u0301\u1df8\U0001d243\u1df8":    "é\u1df8\U0001d243\u1df8", // U+1DF8 would move in front of U+1D243
		"e\u1df8\u0301":                    "e\u1df8\u0301",
		"\U00011935\U00011930e\u0301":      "\U00011935\U00011930é",
		"가\u11a8 각 ガ か\u3099\u0301 \u0958": "각 각 ガ が\u0301 \u0915\u093c",
	} {
		require.Equal(t, want, nfc(text), "%+q", text)
	}
}

func TestPlainNFCIsNFC(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	alphabet := []rune("aeqAÅΩ\u212b\u0301\u0323\u0307\u0345\u0334각가\u1100\u1161\u11a8かハ\u3099\u309a\u0915\u093c\u0958\u0344\u1e9b\u0f43\ufb2c\u1e69 ")
	for range rounds(20000) {
		var text []rune
		for range 1 + rng.IntN(12) {
			text = append(text, alphabet[rng.IntN(len(alphabet))])
		}
		require.Equal(t, norm.NFC.String(string(text)), plainNFC(string(text)), "%+q", string(text))
	}
}

// rounds is how many made-up texts a test looks at, or fewer with -short, for emulated machines: nothing in them is of one machine.
func rounds(n int) int { return shorttest.Few(n, n/50) }
