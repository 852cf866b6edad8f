package mecab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sentence is a line of testdata/wakati.jsonl: a sentence made up for this test and what `mecab -Owakati` of MeCab
// 0.996 with Debian's mecab-ipadic-utf8 printed for it.
type sentence struct {
	Text  string   `json:"text"`
	Words []string `json:"words"`
}

func sentences(t testing.TB) []sentence {
	t.Helper()
	b, err := os.ReadFile("testdata/wakati.jsonl")
	require.NoError(t, err)
	var all []sentence
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		var s sentence
		require.NoError(t, json.Unmarshal(sc.Bytes(), &s))
		all = append(all, s)
	}
	require.Greater(t, len(all), 60)
	return all
}

func segmenter(t testing.TB) *Segmenter {
	t.Helper()
	g, err := New()
	require.NoError(t, err)
	return g
}

func TestWordsEqualMeCab(t *testing.T) {
	g := segmenter(t)
	for _, s := range sentences(t) {
		assert.Equal(t, s.Words, g.Words(s.Text), "%q", s.Text)
	}
}

// Rules of MeCab that ordinary text seldom shows, each with the smallest text that does.
func TestWordsRules(t *testing.T) {
	g := segmenter(t)
	for _, c := range []struct {
		rule, text string
		want       []string
	}{
		{"nothing", "", []string{}},
		{"white space only", " \t\n\v ", []string{}},
		{"white space separates and vanishes", "  a \t b\n", []string{"a", "b"}},
		{"carriage return is a character", "a\rb", []string{"a", "\r", "b"}},
		{"ideographic space is a symbol", "a\u3000b", []string{"a", "\u3000", "b"}},
		{"a known word does not stop a symbol run", "%、", []string{"%、"}},
		{"a run of 25 is one word", strings.Repeat("ж", 25), []string{strings.Repeat("ж", 25)}},
		{"a run of 26 is not", strings.Repeat("ж", 26), []string{"ж", strings.Repeat("ж", 25)}},
		{"beyond the basic plane all is one kind", "😀𠮷", []string{"😀𠮷"}},
		{"wave dash is the dictionary's", "カチョ〜", []string{"カチョ〜"}},
		{"full-width tilde is not", "カチョ～", []string{"カチョ", "～"}},
		{"incomplete characters are of no kind", "\xff\xe3\x81", []string{"\xff\xe3\x81"}},
		{"NUL", "猫\x00猫", []string{"猫", "\x00", "猫"}},
	} {
		assert.Equal(t, c.want, g.Words(c.text), c.rule)
	}
}

// The tables of categories repeat what kagome-dict read from the same char.def and unk.def; only the order of unknown
// words of one category is lost there.
func TestCategoriesMatchDictionary(t *testing.T) {
	d := ipa.DictShrink()
	require.Len(t, d.CharClass, len(categories))
	for i, c := range categories {
		assert.Equal(t, d.CharClass[i], c.name)
		assert.Equal(t, d.InvokeList[i], c.invoke, c.name)
		assert.Equal(t, d.GroupList[i], c.group, c.name)
		var want []morph
		first := d.UnkDict.Index[int32(i)]
		for _, m := range d.UnkDict.Morphs[first : first+1+d.UnkDict.IndexDup[int32(i)]] {
			want = append(want, morph{m.LeftID, m.RightID, m.Weight})
		}
		assert.ElementsMatch(t, want, c.unknown, c.name)
	}
}

func TestCharTable(t *testing.T) {
	g := segmenter(t)
	for _, c := range []struct {
		char  string
		kinds []uint8
	}{
		{"\x00", []uint8{catDefault}},
		{" ", []uint8{catSpace}},
		{"\r", []uint8{catDefault}},
		{"Ð", []uint8{catAlpha}},
		{"々", []uint8{catSymbol}},
		{"〇", []uint8{catSymbol, catKanjiNumeric}},
		{"一", []uint8{catKanjiNumeric, catKanji}},
		{"丁", []uint8{catKanji}},
		{"ー", []uint8{catKatakana}},
		{"\u30a0", []uint8{catDefault}},
		{"ﾟ", []uint8{catKatakana}},
		{"²", []uint8{catSymbol}},
		{"⁵", []uint8{catNumeric}},
		{"\ufffe", []uint8{catDefault}},
		{"\uffff", nil},
		{"😀", []uint8{catDefault}},
	} {
		info, size := g.char(c.char)
		var kinds uint16
		for _, k := range c.kinds {
			kinds |= 1 << k
		}
		assert.Equal(t, kinds, info.kinds, "%q", c.char)
		if len(c.kinds) > 0 {
			assert.Equal(t, c.kinds[0], info.first, "%q", c.char)
		}
		assert.Len(t, c.char, size)
	}
}

// Every entry whose contexts fall outside the matrix would be a panic in the middle of a run.
func TestCheckRefusesInconsistentDictionary(t *testing.T) {
	g := segmenter(t)
	broken := *g
	broken.morphs = append(broken.morphs[:1:1], broken.morphs[1])
	broken.morphs[1].LeftID = int16(broken.stride)
	assert.ErrorContains(t, broken.check(broken.stride), "entry 1 has contexts 1316")
	broken = *g
	broken.matrix = broken.matrix[1:]
	assert.ErrorContains(t, broken.check(broken.stride), "1731855 costs for 1316 x 1316 contexts")
}

func TestConcurrentUse(t *testing.T) {
	all := sentences(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			g, err := New()
			if !assert.NoError(t, err) {
				return
			}
			for _, s := range all {
				assert.Equal(t, s.Words, g.Words(s.Text))
			}
		})
	}
	group.Wait()
}

func TestName(t *testing.T) {
	assert.Equal(t, "mecab-ipadic-2.7.0", segmenter(t).Name())
}

func FuzzWords(f *testing.F) {
	for _, s := range sentences(f) {
		f.Add(s.Text)
	}
	f.Add("\xf0\x9f \xe3\x80£￡‖∥")
	g := segmenter(f)
	separators := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\v", "")
	f.Fuzz(func(t *testing.T, text string) {
		words := g.Words(text)
		require.NotContains(t, words, "")
		if utf8.ValidString(text) {
			require.Equal(t, separators.Replace(text), strings.Join(words, ""))
			return
		}
		for _, w := range words {
			_, after, found := strings.Cut(text, w)
			require.True(t, found, "%q is out of order", w)
			text = after
		}
	})
}

func BenchmarkWords(b *testing.B) {
	g := segmenter(b)
	all := sentences(b)
	size := 0
	for _, s := range all {
		size += len(s.Text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, s := range all {
			g.Words(s.Text)
		}
	}
}
