package tokenizer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestDifference: a GGUF file has the vocabulary of the tokenizer.model that it was made from, whatever fills its rows; the first id
// that means something else is named with both meanings, from either side.
func TestDifference(t *testing.T) {
	whole := small(t)
	changed := func(change func(pieces []tokenizertest.Piece) []tokenizertest.Piece) *tokenizer.Tokenizer {
		s := tokenizertest.Small()
		s.Pieces = change(s.Pieces)
		return model(t, s)
	}
	file := func(change func(f *gguftest.File)) *tokenizer.Tokenizer {
		f := smallGGUF(t)
		change(f)
		tok, err := loadGGUF(t, f)
		require.NoError(t, err)
		return tok
	}
	last := len(tokenizertest.Small().Pieces) - 1
	for name, c := range map[string]struct {
		other    *tokenizer.Tokenizer
		is, back string
	}{
		"itself":                           {small(t), "", ""},
		"a file":                           {file(func(*gguftest.File) {}), "", ""},
		"a file that cuts texts otherwise": {file(func(f *gguftest.File) { f.Set("tokenizer.ggml.add_space_prefix", false) }), "", ""},
		"a file that names no ends": {file(func(f *gguftest.File) {
			f.Set("tokenizer.ggml.bos_token_id", nil)
			f.Set("tokenizer.ggml.eos_token_id", nil)
		}), "", ""},
		"rows without tokens": {file(func(f *gguftest.File) { pad(f, 3) }), "", ""},
		"one less": {changed(func(p []tokenizertest.Piece) []tokenizertest.Piece { return p[:last] }),
			"it has 501 tokens, not 500", "it has 500 tokens, not 501"},
		"one less among rows without tokens": {file(func(f *gguftest.File) { pad(f, 3); retire(f, last) }),
			"it has 501 tokens, not 500", "it has 500 tokens, not 501"},
		"none in the middle": {file(func(f *gguftest.File) { retire(f, last-1) }),
			`token 499 is "\u5927", not none`, `token 499 is none, not "\u5927"`},
		"a piece": {changed(func(p []tokenizertest.Piece) []tokenizertest.Piece { p[last].Text = "猫"; return p }),
			`token 500 is "\u5e74", not "\u732b"`, `token 500 is "\u732b", not "\u5e74"`},
		"an earlier piece and the size": {changed(func(p []tokenizertest.Piece) []tokenizertest.Piece { p[1].Text = "<S>"; return p[:last] }),
			`token 1 is "<s>", not "<S>"`, `token 1 is "<S>", not "<s>"`},
		"the end": {file(func(f *gguftest.File) { f.Set("tokenizer.ggml.eos_token_id", uint32(1)) }),
			`a text ends with token 2, "</s>", not with 1, "<s>"`, `a text ends with token 1, "<s>", not with 2, "</s>"`},
		"the beginning": {file(func(f *gguftest.File) { f.Set("tokenizer.ggml.bos_token_id", uint32(2)) }),
			`a text begins with token 1, "<s>", not with 2, "</s>"`, `a text begins with token 2, "</s>", not with 1, "<s>"`},
	} {
		assert.Equal(t, c.is, whole.Difference(c.other), name)
		assert.Equal(t, c.back, c.other.Difference(whole), name)
		same := c.is == "" && name != "a file that names no ends" || name == "the end"
		assert.Equal(t, same, whole.VocabularyDigest() == c.other.VocabularyDigest(), name)
	}
}

// pad adds unused tokens, as conversions do.
func pad(f *gguftest.File, n int) {
	for i := range f.Pairs {
		for range n {
			switch v := f.Pairs[i].Value.(type) {
			case []string:
				f.Pairs[i].Value = append(v, "[PAD"+string(rune('0'+len(v)%10))+"]")
			case []float32:
				f.Pairs[i].Value = append(v, -1000)
			case []int32:
				f.Pairs[i].Value = append(v, 5)
			}
		}
	}
}

// retire makes a token an unused one.
func retire(f *gguftest.File, id int) {
	for _, p := range f.Pairs {
		if types, ok := p.Value.([]int32); ok {
			types[id] = 5
		}
	}
}

// TestDifferenceOfBytes: a byte is not the text that spells it, and pieces in the alphabet of bytes are no texts.
func TestDifferenceOfBytes(t *testing.T) {
	spec := tokenizertest.Small()
	spec.ByteFallback = false
	for i := range spec.Pieces {
		if spec.Pieces[i].Type == 6 {
			spec.Pieces[i].Type = 1
		}
	}
	const byteLevelFile = "testdata/bytelevel.tokenizer.json"
	assert.Equal(t, `token 3 is the byte 0x00, not "<0x00>"`, small(t).Difference(model(t, spec)))
	assert.NotEqual(t, small(t).VocabularyDigest(), model(t, spec).VocabularyDigest())
	assert.Equal(t, "its pieces are text, not bytes", small(t).Difference(loadFile(t, byteLevelFile)))

	elsewhere, err := tokenizer.FromRemote(nil, tokenizer.RemoteFacts{Digest: "x"})
	require.NoError(t, err)
	assert.NotEmpty(t, small(t).Difference(elsewhere))
	assert.NotEmpty(t, elsewhere.Difference(small(t)))
	assert.Empty(t, elsewhere.Difference(elsewhere))
	assert.Empty(t, elsewhere.VocabularyDigest())

	f, err := gguftest.ByteLevel(byteLevelFile, "llama-bpe", 642, 643)
	require.NoError(t, err)
	got, err := loadGGUF(t, f)
	require.NoError(t, err)
	assert.Empty(t, got.Difference(loadFile(t, byteLevelFile)))
}

// TestDifferenceOfNames: names behind the vocabulary do not count where the other lacks them, and do where it has others.
func TestDifferenceOfNames(t *testing.T) {
	beside := func(name string) *tokenizer.Tokenizer {
		dir := t.TempDir()
		require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer_config.json"),
			[]byte(`{"added_tokens_decoder":{"501":{"content":"`+name+`","special":true}}}`), 0o600))
		tok, err := tokenizer.Load(dir)
		require.NoError(t, err)
		return tok
	}
	padded, err := loadGGUF(t, smallGGUF(t))
	require.NoError(t, err)
	assert.Empty(t, beside("<pad>").Difference(padded))
	assert.Empty(t, padded.Difference(beside("<pad>")))
	taken := smallGGUF(t)
	pad(taken, 1)
	for _, p := range taken.Pairs {
		if types, ok := p.Value.([]int32); ok {
			types[len(types)-1] = 3
		}
	}
	other, err := loadGGUF(t, taken)
	require.NoError(t, err)
	assert.Equal(t, `token 501 is "<pad>", not "[PAD1]"`, beside("<pad>").Difference(other))
	assert.Empty(t, beside("[PAD1]").Difference(other))
}

// TestDifferenceOfFormats: the published tokenizers in their formats.
func TestDifferenceOfFormats(t *testing.T) {
	sentencePiece, fast := goldenFile(t, llama2), goldenFile(t, llama2JSON)
	assert.Empty(t, sentencePiece.Difference(fast))
	f, err := gguftest.Vocabulary(shared.Path(t, llama2), 1, 2)
	require.NoError(t, err)
	file, err := loadGGUF(t, f)
	require.NoError(t, err)
	assert.Empty(t, file.Difference(fast))
	assert.Equal(t, sentencePiece.VocabularyDigest(), file.VocabularyDigest())
	assert.NotEmpty(t, goldenFile(t, extended).Difference(fast))
}
