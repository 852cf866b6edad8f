package tokenizer

import (
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
			if len(given) >= worthKeeping && same.recall(given, used.last.prefix) > 0 {
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
	at := w.recall(text+"b", w.last.prefix)
	assert.Greater(t, at, len(text)-16)
	assert.NotEmpty(t, w.out)
	w.out = w.out[:0]
	assert.Zero(t, w.recall(text, !w.last.prefix), "a text with another space in front has other ids")
	assert.Equal(t, 64, common(strings.Repeat("x", 64), strings.Repeat("x", 70)))
	assert.Equal(t, 40, common(strings.Repeat("x", 64), strings.Repeat("x", 40)+"y"))
}
