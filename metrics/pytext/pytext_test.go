package pytext

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/unicode/norm"
)

func TestIsSpace(t *testing.T) {
	// Every code point for which str.isspace holds.
	want := []rune("\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008" +
		"\u2009\u200a\u2028\u2029\u202f\u205f\u3000")
	var got []rune
	for r := range rune(utf8.MaxRune + 1) {
		if IsSpace(r) {
			got = append(got, r)
		}
	}
	assert.Equal(t, want, got)
}

func TestIsWord(t *testing.T) {
	for _, r := range "aZ9_éあア一ー々〆〇ゝ½²Ⅷ①Σª٣" {
		assert.True(t, IsWord(r), "%c", r)
	}
	for _, r := range "・、。「」()～-., \u3099\u0301\ufe0f\u200b\ufffd😀€\x00" {
		assert.False(t, IsWord(r), "%+q", r)
	}
}

func TestPunctuation(t *testing.T) {
	assert.Len(t, ASCIIPunctuation, 32)
	for r := range rune(utf8.MaxRune + 1) {
		assert.Equal(t, strings.ContainsRune(ASCIIPunctuation, r), IsASCIIPunctuation(r), "%+q", r)
	}
	assert.Equal(t, "St Louis’", DeleteASCIIPunctuation("(St.) \"Louis’\""))
}

func TestTrimming(t *testing.T) {
	assert.Equal(t, "a\x1cb", Strip("\x1c\u3000a\x1cb\u0085\u00a0\n"))
	assert.Equal(t, "\u200ba", Strip("\x1f\u200ba\x1f"))
	assert.Equal(t, "a ", StripLeft("\x1e a "))
	assert.Equal(t, " a", StripRight(" a\x1d"))
	assert.Equal(t, []string{"a", "b"}, Fields("\x1ca\u3000 \x1fb\n"))
	assert.Empty(t, Fields(" \u2028"))
	assert.Equal(t, "a b", CollapseSpace(" a\t\u3000b "))
	assert.Equal(t, "a\rb\u2028c\v", FirstLine("a\rb\u2028c\v\nd"))
	assert.Equal(t, "", FirstLine("\nx"))
	assert.Equal(t, 3, Len("日é🚁"))
}

func TestLower(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"ascii", "ABC xyz", "abc xyz"},
		{"dotted capital i", "\u0130STANBUL", "i\u0307stanbul"},
		{"final sigma", "ΟΔΟΣ ΣΟΦΟΣ", "οδος σοφος"},
		{"lone sigma", "Σ", "σ"},
		{"sigma first in a word", "ΣΑ", "σα"},
		{"sigma before a mark at the end", "ΑΣ\u0301", "ας\u0301"},
		{"sigma after an apostrophe", "Α'Σ", "α'ς"},
		{"sigma before a full stop and a letter", "ΑΣ.Α", "ασ.α"},
		{"sigma before a full stop and a blank", "ΑΣ. Α", "ας. α"},
		{"sigma after a digit", "1Σ", "1σ"},
		{"sigma after kana", "あΣ", "あσ"},
		{"sigma beside a dotted capital i", "\u0130Σ", "i\u0307ς"},
		{"title case", "\u01c5", "\u01c6"},
		{"sharp s stays", "Straße ẞ", "straße ß"},
		{"roman numeral", "Ⅷ", "ⅷ"},
		{"full width", "ＡＢ", "ａｂ"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, Lower(test.in)) })
	}
}

func TestNFKC(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"half-width kana", "ｶﾞｷﾟ", "ガキ\u309a"},
		{"enclosed", "①㈱℃", "1(株)°C"},
		{"ideographic space", "a\u3000b", "a b"},
		{"hangul", "\u1112\u1161\u11ab", "한"},
		{"many acute accents", "e" + strings.Repeat("\u0301", 40), "é" + strings.Repeat("\u0301", 39)},
		{"many half-width voicing marks", "ｶ" + strings.Repeat("ﾞ", 35), "ガ" + strings.Repeat("\u3099", 34)},
		{"marks without a starter", strings.Repeat("\u0301", 33), strings.Repeat("\u0301", 33)},
		{"a long run put in order", "a" + strings.Repeat("\u0301", 31) + "\u0323", "ạ" + strings.Repeat("\u0301", 31)},
		{"the joiner of the input stays", "a\u034f\u0301", "a\u034f\u0301"},
		{"hangul after a long run", "e" + strings.Repeat("\u0323", 31) + "\u1112\u1161\u11ab\u3131",
			"ẹ" + strings.Repeat("\u0323", 30) + "한\u1100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, NFKC(test.in)) })
	}
}

// TestNFKCPathsAgree runs both paths on text that neither needs to cut, for every code point that normalisation moves.
func TestNFKCPathsAgree(t *testing.T) {
	for r := range rune(utf8.MaxRune + 1) {
		if p := norm.NFKC.PropertiesString(string(r)); p.Decomposition() == nil && p.CCC() == 0 && r > 0x3100 {
			continue
		}
		s := string([]rune{'か', r, 0x3099, 'e', r, 0x0323})
		if slow := compose(order(decompose(s))); slow != NFKC(s) {
			t.Fatalf("%+q: %+q one way, %+q the other", s, NFKC(s), slow)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"ｶﾞ①", "e" + strings.Repeat("\u0301", 40), "\u1112\u1161\u11ab", "\u0344\u0344", "\xff", "ﷺ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := NFKC(s)
		if twice := NFKC(once); twice != once {
			t.Fatalf("%+q gives %+q, which gives %+q", s, once, twice)
		}
		if utf8.ValidString(s) {
			// Normalisation only inserts what it decomposes: a joiner never appears from nowhere.
			if strings.Count(once, "\u034f") != strings.Count(s, "\u034f") {
				t.Fatalf("%+q gives %+q", s, once)
			}
			if first := FirstLine(once); first != NFKC(FirstLine(s)) {
				t.Fatalf("%+q: the first line depends on the order of the steps", s)
			}
		}
		if fields := Fields(Lower(s)); slices.Contains(fields, "") {
			t.Fatalf("%+q has an empty field", s)
		}
	})
}

func BenchmarkNFKC(b *testing.B) {
	s := strings.Repeat("東京工業大学の主なキャンパスは、ﾃｽﾄ①です。", 100)
	for b.Loop() {
		NFKC(s)
	}
}
