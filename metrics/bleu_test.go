package metrics

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// closeTo requires got to be within 1e-9 of want, relative to want.
func closeTo(t *testing.T, want, got float64, what ...any) {
	t.Helper()
	if want == got {
		return
	}
	require.LessOrEqual(t, math.Abs(got-want), 1e-9*math.Abs(want), append([]any{"want %v, got %v: %v"}, want, got, what)...)
}

// translationCorpus is one line of the translation goldens: hypotheses, and streams of references.
type translationCorpus struct {
	Name    string
	Hyps    []string
	Refs    [][]*string
	Results []json.RawMessage
}

// targets turns streams of references into targets per segment; a nil reference is left out.
func (c translationCorpus) targets() [][]string {
	out := make([][]string, len(c.Hyps))
	for _, stream := range c.Refs {
		for i, r := range stream {
			if i < len(out) && r != nil {
				out[i] = append(out[i], *r)
			}
		}
	}
	return out
}

// even reports whether all streams have the hypotheses' length.
func (c translationCorpus) even() bool {
	for _, stream := range c.Refs {
		if len(stream) != len(c.Hyps) {
			return false
		}
	}
	return true
}

func corpora(t *testing.T, name string) []translationCorpus {
	t.Helper()
	var all []translationCorpus
	for _, line := range shared.Lines(t, "goldens/metrics/"+name) {
		var c translationCorpus
		require.NoError(t, json.Unmarshal(line, &c))
		all = append(all, c)
	}
	return all
}

func TestTokenizers(t *testing.T) {
	lines := shared.Lines(t, "goldens/metrics/tokenizers.jsonl.gz")
	for _, line := range lines {
		var c map[string]string
		require.NoError(t, json.Unmarshal(line, &c))
		for _, tok := range Tokenizers() {
			require.Equal(t, c[tok.Name], tok.Tokenize(c["input"]), "%s of %q", tok.Name, c["input"])
		}
		require.Equal(t, c["ter"], TER{}.tokenize(c["input"]), "ter of %q", c["input"])
	}
	t.Logf("%d lines", len(lines))
}

func TestTokenizerDetails(t *testing.T) {
	tests := []struct{ tokenizer, in, want string }{
		{"13a", "Hello, world...", "Hello , world . . ."},
		{"13a", "3.14 and 3,000, or 5-6.", "3.14 and 3,000 , or 5 - 6 ."},
		{"13a", "&amp;lt;", "<"},
		{"13a", "a-\nb\nc", "ab c"},
		{"13a", "don't「」。", "don't「」。"},
		{"intl", "「a」。b", "「 a  」   。 b"},
		{"intl", `a\b`, `a\b`},
		{"intl", "1.5€", "1.5 €"},
		{"zh", "a中b", "a 中 b"},
		{"zh", "\u2010x\u2a6d\u2a6e", "\u2010 x \u2a6d \u2a6e"},
		{"char", "日 本", "日   本"},
		{"none", " a ", " a "},
	}
	for _, test := range tests {
		tok, ok := TokenizerByName(test.tokenizer)
		require.True(t, ok)
		assert.Equal(t, test.want, tok.Tokenize(test.in), "%s of %q", test.tokenizer, test.in)
	}
	_, ok := TokenizerByName("mecab")
	assert.False(t, ok)
}

// bleuOpts are the keyword arguments of sacrebleu.corpus_bleu.
type bleuOpts struct {
	Tokenize  string
	Lowercase bool
	Smooth    Smoothing `json:"smooth_method"`
	Value     float64   `json:"smooth_value"`
	Effective bool      `json:"use_effective_order"`
	Force     bool      // silences a warning
}

func (o bleuOpts) bleu(t *testing.T) BLEU {
	b := BLEU{Smoothing: o.Smooth, Value: o.Value, Lowercase: o.Lowercase, EffectiveOrder: o.Effective}
	if o.Tokenize != "" {
		var ok bool
		b.Tokenizer, ok = TokenizerByName(o.Tokenize)
		require.True(t, ok, o.Tokenize)
	}
	return b
}

func TestBLEUCorpora(t *testing.T) {
	results := 0
	for _, c := range corpora(t, "bleu.jsonl.gz") {
		for _, raw := range c.Results {
			var r struct {
				Opts bleuOpts
				Out  struct {
					Score          float64
					Counts, Totals [4]float64
					Precisions     [4]float64
					BP             float64
					SysLen         float64 `json:"sys_len"`
					RefLen         float64 `json:"ref_len"`
					Error          string
				}
			}
			require.NoError(t, json.Unmarshal(raw, &r))
			results++
			b := r.Opts.bleu(t)
			sum := make(Stat, bleuWidth)
			var failed error
			for i, targets := range c.targets() {
				stat, err := b.Stats(c.Hyps[i], targets)
				if err != nil {
					failed = err
					break
				}
				sum.Add(stat)
			}
			if r.Out.Error != "" {
				require.True(t, failed != nil || !c.even(), "%s %s: want %s", c.Name, raw, r.Out.Error)
				continue
			}
			require.NoError(t, failed, "%s %s", c.Name, raw)
			got := b.Score(sum)
			require.Equal(t, r.Out.Counts, got.Counts, "%s %+v", c.Name, r.Opts)
			require.Equal(t, r.Out.Totals, got.Totals, "%s %+v", c.Name, r.Opts)
			require.Equal(t, r.Out.SysLen, got.HypothesisLength, "%s %+v", c.Name, r.Opts)
			require.Equal(t, r.Out.RefLen, got.ReferenceLength, "%s %+v", c.Name, r.Opts)
			closeTo(t, r.Out.Score, got.Score, c.Name, r.Opts)
			closeTo(t, r.Out.BP, got.BrevityPenalty, c.Name, r.Opts)
			for n, p := range r.Out.Precisions {
				closeTo(t, p, got.Precisions[n], c.Name, r.Opts, n)
			}
		}
	}
	require.Positive(t, results)
	t.Logf("%d results", results)
}

func TestSentenceBLEU(t *testing.T) {
	lines := shared.Lines(t, "goldens/metrics/sentence_bleu.jsonl.gz")
	for _, line := range lines {
		var c struct {
			Hyp       string
			Refs      []string
			Effective bool `json:"use_effective_order"`
			Out       struct {
				Score      float64
				Precisions [4]float64
				BP         float64
				Error      string
			}
		}
		require.NoError(t, json.Unmarshal(line, &c))
		b := BLEU{EffectiveOrder: c.Effective}
		stat, err := b.Stats(c.Hyp, c.Refs)
		if c.Out.Error != "" {
			require.ErrorIs(t, err, ErrNoReference, "%s", line)
			continue
		}
		require.NoError(t, err, "%s", line)
		got := b.Score(stat)
		closeTo(t, c.Out.Score, got.Score, string(line))
		closeTo(t, c.Out.BP, got.BrevityPenalty, string(line))
		for n, p := range c.Out.Precisions {
			closeTo(t, p, got.Precisions[n], string(line))
		}
	}
	t.Logf("%d sentences", len(lines))
}

func TestBLEUSignature(t *testing.T) {
	char, _ := TokenizerByName("char")
	tests := []struct {
		bleu BLEU
		want string
	}{
		{BLEU{}, "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:1.5.0"},
		{BLEU{Lowercase: true, EffectiveOrder: true, Tokenizer: char}, "nrefs:1|case:lc|eff:yes|tok:char|smooth:exp|version:1.5.0"},
		{BLEU{Smoothing: SmoothFloor}, "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.10]|version:1.5.0"},
		{BLEU{Smoothing: SmoothAddK, Value: 2}, "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[2.00]|version:1.5.0"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, test.bleu.Metric().Signature)
	}
}

func TestSegmented(t *testing.T) {
	segment := func(s string) string { return strings.Join(strings.Split(s, ""), " ") }
	plain := BLEU{}.Metric()
	m := Segmented(plain, "letters", segment)
	assert.Equal(t, "nrefs:1|case:mixed|eff:no|tok:letters+13a|smooth:exp|version:1.5.0", m.Signature)
	assert.Equal(t, plain.Each("東 京 都", []string{"京 都"}), m.Each("東京都", []string{"京都"}))
	assert.Equal(t, "nrefs:1|case:mixed|nc:6|nw:0|beta:2|space:no|tok:letters|version:1.5.0", Segmented(CHRF{}.Metric(), "letters", segment).Signature)
}

func TestNoReference(t *testing.T) {
	m := BLEU{}.Metric()
	_, err := BLEU{}.Stats("a", []string{"", ""})
	require.ErrorIs(t, err, ErrNoReference)
	got, stats := score(m, []string{"a b c d", "x"}, [][]string{{"a b c d"}, {""}})
	assert.True(t, math.IsNaN(got), "the hole is visible in the score")
	assert.Len(t, stats[1], m.Width)
}

func FuzzBLEUStats(f *testing.F) {
	f.Add("the cat sat on the mat", "the cat is on the mat", "a b c d e", "a b c")
	f.Add("", "x", "...", ". . .")
	f.Add("日本 の 首都", "日本 の 都", "a\x1cb", "a b")
	corpus, sentence := BLEU{}.Metric(), BLEU{EffectiveOrder: true}
	f.Fuzz(func(t *testing.T, hyp1, ref1, hyp2, ref2 string) {
		if ref1 == "" || ref2 == "" {
			return
		}
		one, err := sentence.Stats(hyp1, []string{ref1})
		if err != nil {
			t.Fatal(err)
		}
		two, err := sentence.Stats(hyp2, []string{ref2})
		if err != nil {
			t.Fatal(err)
		}
		// A corpus of one is the sentence, as long as every order has an n-gram.
		if one[bleuTotals+3] > 0 {
			if c, s := corpus.Corpus(one, 1), sentence.Score(one).Score; c != s {
				t.Fatalf("%q, %q: corpus %v, sentence %v", hyp1, ref1, c, s)
			}
		}
		forth, back := corpus.Sum([]Stat{one, two}), corpus.Sum([]Stat{two, one})
		for i := range forth {
			if forth[i] != back[i] || forth[i] != one[i]+two[i] || forth[i] != math.Trunc(forth[i]) {
				t.Fatalf("component %d: %v and %v", i, forth, back)
			}
		}
		for n := range bleuOrder {
			if one[bleuCounts+n] > one[bleuTotals+n] {
				t.Fatalf("%q, %q: more matches than n-grams: %v", hyp1, ref1, one)
			}
		}
		if s := sentence.Score(forth).Score; !(s >= 0 && s <= 100.0000001) {
			t.Fatalf("score %v of %v", s, forth)
		}
	})
}

func BenchmarkBLEUStats(b *testing.B) {
	hyp := strings.Repeat("The quick brown fox, 3.5 times, jumped over the lazy dogs. ", 5)
	ref := strings.Repeat("A quick brown fox jumped 3.5 times over lazy dogs. ", 6)
	for b.Loop() {
		if _, err := (BLEU{}).Stats(hyp, []string{ref}); err != nil {
			b.Fatal(err)
		}
	}
}
