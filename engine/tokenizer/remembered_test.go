package tokenizer

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestRemembered: a text that begins as the one before has the ids that it has alone, wherever the two part.
func TestRemembered(t *testing.T) {
	t.Run("tokenizer.json", func(t *testing.T) { rememberedAlike(t, "testdata/small.tokenizer.json") })
	t.Run("tokenizer.model", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tokenizer.model")
		require.NoError(t, tokenizertest.WriteModel(path))
		rememberedAlike(t, path)
	})
	t.Run("byte level", func(t *testing.T) { rememberedAlike(t, "testdata/bytelevel.tokenizer.json") })
	t.Run("llama2", func(t *testing.T) { rememberedAlike(t, shared.Path(t, "goldens/tokenizers/llama2.tokenizer.model")) })
}

func rememberedAlike(t *testing.T, path string) {
	tok, err := LoadFile(path)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	bits := []string{" ", "\n", "the", "question", "東京", "都", "😀", "\x00", "e", "  ", "▁", "0", "\xff", "é", "<s>"}
	first := strings.Repeat("the question: 東京都です。 ", 20)
	used, before, reused := new(workspace), first, 0
	for range 2000 {
		text := before[:rng.IntN(len(before)+1)]
		for range rng.IntN(12) {
			text += bits[rng.IntN(len(bits))]
		}
		if rng.IntN(4) == 0 {
			text += before[rng.IntN(len(before)):]
		}
		if len(text) > 2000 || len(text) < worthKeeping {
			text = first
		}
		for _, given := range []string{text, text[:rng.IntN(40)]} { // a short one displaces nothing
			same := &workspace{last: used.last}
			same.last.parts = slices.Clone(used.last.parts)
			if len(given) >= worthKeeping && same.recall(given, used.last.prefix, 0) > 0 {
				reused++
			}
			used.out = used.out[:0]
			tok.coder.encode(used, given, tok.added)
			fresh := &workspace{out: []int32{}}
			tok.coder.encode(fresh, given, tok.added)
			require.Equal(t, fresh.out, used.out, "%q after %q", given, before)
		}
		before = text
	}
	assert.Greater(t, reused, 1000)
}

// TestRecall: what is common is not encoded again.
func TestRecall(t *testing.T) {
	tok, err := LoadFile("testdata/small.tokenizer.json")
	require.NoError(t, err)
	w := new(workspace)
	text := strings.Repeat("the question ", 30)
	tok.coder.encode(w, text+"a", tok.added)
	w.out = w.out[:0]
	at := w.recall(text+"b", w.last.prefix, 0)
	assert.Greater(t, at, len(text)-16)
	assert.NotEmpty(t, w.out)
	w.out = w.out[:0]
	assert.Zero(t, w.recall(text, !w.last.prefix, 0), "a text with another space in front has other ids")
}

// TestRememberedWords: with every known expression, a text that begins as the one before is cut as it is alone. Texts part among
// characters at which the expressions turn.
func TestRememberedWords(t *testing.T) {
	tok, err := LoadFile("testdata/bytelevel.tokenizer.json")
	require.NoError(t, err)
	rng, table := rand.New(rand.NewPCG(7, 8)), newClassTable()
	for _, pattern := range slices.Sorted(maps.Keys(oracles(t))) {
		c := *tok.coder.(*byteCoder)
		c.steps = []split{{words: newWords(pattern, table)}}
		begin := strings.Repeat("the question: 東京都です。 ", 10)
		used, before, reused := new(workspace), begin, 0
		for range rounds(20_000) {
			few, from := 2+rng.IntN(len(letters)-1), rng.IntN(len(letters))
			text := begin + before[len(begin):][:rng.IntN(len(before)-len(begin)+1)]
			for range rng.IntN(8) {
				text += letters[(from+rng.IntN(few))%len(letters)]
			}
			text = strings.ToValidUTF8(text, "")
			if len(text) > len(begin)+60 {
				text = begin
			}
			same := &workspace{last: used.last}
			same.last.parts = slices.Clone(used.last.parts)
			if same.recall(text, false, readAhead) > 0 {
				reused++
			}
			used.out = used.out[:0]
			c.encodePlain(used, text)
			fresh := &workspace{out: []int32{}}
			c.split(fresh, text, c.steps)
			require.Equal(t, fresh.out, used.out, "%s: %q after %q", pattern, text[len(begin):], before[len(begin):])
			// Few parts merge in this vocabulary, so the cuts are compared, too.
			var cuts, want []int
			for _, part := range used.last.parts {
				cuts = append(cuts, int(part.at))
			}
			for at := c.steps[0].words.next(text); at < len(text); at += c.steps[0].words.next(text[at:]) {
				want = append(want, at)
			}
			require.Equal(t, want, cuts, "%s: %q after %q", pattern, text[len(begin):], before[len(begin):])
			before = text
		}
		assert.Greater(t, reused, rounds(20_000)/2, pattern)
	}
}
