package tokenizer_test

import (
	"math"
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

// loadGGUF loads the vocabulary of a file.
func loadGGUF(t testing.TB, f *gguftest.File) (*tokenizer.Tokenizer, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.gguf")
	require.NoError(t, os.WriteFile(path, f.Bytes(), 0o644))
	return tokenizer.Load(path)
}

// smallGGUF is the model of package tokenizertest as GGUF.
func smallGGUF(t testing.TB) *gguftest.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, tokenizertest.WriteModel(path))
	f, err := gguftest.Vocabulary(path, 1, 2)
	require.NoError(t, err)
	return f
}

// agrees compares two tokenizers on a text.
func agrees(t *testing.T, want, got *tokenizer.Tokenizer, text string) {
	t.Helper()
	ids := want.Encode(text)
	require.Equal(t, ids, got.Encode(text), "%q", text)
	require.Equal(t, want.Decode(ids), got.Decode(ids), "%q", text)
	require.Equal(t, want.Pieces(text), got.Pieces(text), "%q", text)
}

// TestGGUFVocabulary: the vocabulary inside a file gives the ids of the tokenizer.model that it was made from.
func TestGGUFVocabulary(t *testing.T) {
	tok, err := loadGGUF(t, smallGGUF(t))
	require.NoError(t, err)
	for _, r := range records(t, "small.sentencepiece.jsonl") {
		agrees(t, small(t), tok, r.Text)
	}
	bos, _ := tok.BOS()
	eos, _ := tok.EOS()
	assert.Equal(t, [2]int32{1, 2}, [2]int32{bos, eos})
	assert.Equal(t, "</s>", tok.EOSText())
	assert.Equal(t, tokenizertest.VocabSize, tok.VocabSize())

	again := smallGGUF(t)
	again.Set("general.name", "of no consequence")
	same, err := loadGGUF(t, again)
	require.NoError(t, err)
	assert.Equal(t, tok.Digest(), same.Digest())
	again.Set("tokenizer.ggml.add_space_prefix", false)
	bare, err := loadGGUF(t, again)
	require.NoError(t, err)
	assert.NotEqual(t, tok.Digest(), bare.Digest())
	spec := tokenizertest.Small()
	spec.DummyPrefix = false
	agrees(t, model(t, spec), bare, "the 東京")
}

// TestGGUFOfLlama2: 32,000 pieces of the published model, by way of the golden texts.
func TestGGUFOfLlama2(t *testing.T) {
	want := goldenFile(t, llama2)
	f, err := gguftest.Vocabulary(shared.Path(t, llama2), 1, 2)
	require.NoError(t, err)
	got, err := loadGGUF(t, f)
	require.NoError(t, err)
	for _, r := range records(t, "llama2.sentencepiece.jsonl") {
		agrees(t, want, got, r.Text)
	}
}

// TestGGUFByteLevel: the same of a byte-level vocabulary with Llama 3's splitting.
func TestGGUFByteLevel(t *testing.T) {
	const path = "testdata/bytelevel.tokenizer.json"
	f, err := gguftest.ByteLevel(path, "llama-bpe", 642, 643)
	require.NoError(t, err)
	got, err := loadGGUF(t, f)
	require.NoError(t, err)
	want := loadFile(t, path)
	for _, r := range records(t, "bytelevel.tokenizers.jsonl") {
		agrees(t, want, got, r.Text)
	}
	assert.Equal(t, "<|end_of_text|>", got.EOSText())
	assert.Equal(t, want.VocabSize(), got.VocabSize())
}

// TestGGUFSplitting: what tokenizer.ggml.pre names is the pipeline of the tokenizer.json.
func TestGGUFSplitting(t *testing.T) {
	for pre, want := range map[string]string{"qwen2": "qwen2 with NFC", "tekken": "tekken", "gpt-2": "gpt-2"} {
		f, err := gguftest.ByteLevel("testdata/bytelevel.tokenizer.json", pre, 642, 643)
		require.NoError(t, err)
		tok, err := loadGGUF(t, f)
		require.NoError(t, err)
		for _, v := range variants(t) {
			if v.Name != want {
				continue
			}
			for _, r := range v.Texts {
				assert.Equal(t, r.IDs, tok.EncodeSpecial(r.Text), "%s: %q", pre, r.Text)
			}
		}
	}
}

func TestGGUFVocabularyRefusals(t *testing.T) {
	bytesFile := func(pre string, leaveOut ...string) *gguftest.File {
		f, err := gguftest.ByteLevel("testdata/bytelevel.tokenizer.json", pre, 642, 643, leaveOut...)
		require.NoError(t, err)
		return f
	}
	marks := func(change func(tokens []string, scores []float32, kinds []int32)) *gguftest.File {
		f := smallGGUF(t)
		var tokens []string
		var scores []float32
		var kinds []int32
		for _, p := range f.Pairs {
			switch v := p.Value.(type) {
			case []string:
				tokens = v
			case []float32:
				scores = v
			case []int32:
				kinds = v
			}
		}
		change(tokens, scores, kinds)
		return f
	}
	set := func(key string, v any) *gguftest.File {
		f := smallGGUF(t)
		f.Set("tokenizer.ggml."+key, v)
		return f
	}
	for _, c := range []struct {
		name string
		file *gguftest.File
		want string
	}{
		{"no vocabulary", set("model", nil), "x.gguf: tokenizer.ggml.model: missing"},
		{"another kind", set("model", "t5"), `x.gguf: tokenizer.ggml.model "t5" is not supported, only llama and gpt2`},
		{"no tokens", set("tokens", nil), "tokenizer.ggml.tokens: missing"},
		{"tokens of another type", set("tokens", []int32{1}), "tokenizer.ggml.tokens: want an array of string, found one of int32"},
		{"fewer scores", set("scores", []float32{1}), "tokenizer.ggml.scores has 1 elements for 501 tokens"},
		{"no scores", set("scores", nil), "needs tokenizer.ggml.scores and token_type"},
		{"a table", set("precompiled_charsmap", []int32{1}), "normalization tables are not supported"},
		{"the end is a byte", set("eos_token_id", uint32(5)), "tokenizer.ggml.eos_token_id 5 is not a token that could be one"},
		{"the end outside", set("eos_token_id", uint32(501)), "tokenizer.ggml.eos_token_id: 501 is outside the vocabulary of 501"},
		{"the end negative", set("eos_token_id", int32(-1)), "tokenizer.ggml.eos_token_id: -1 is outside"},
		{"merges lost", marks(func(_ []string, scores []float32, _ []int32) {
			for i := range scores {
				scores[i] = -1000
			}
		}), "all tokens have the same score"},
		{"user-defined", marks(func(_ []string, _ []float32, kinds []int32) { kinds[300] = 4 }), "is user-defined: whether SentencePiece or Hugging Face added it"},
		{"two unknown", marks(func(_ []string, _ []float32, kinds []int32) { kinds[1] = 2 }), "want one piece of type unknown, found 2"},
		{"unknown type", marks(func(_ []string, _ []float32, kinds []int32) { kinds[300] = 9 }), "has the unknown type 9"},
		{"twice", marks(func(tokens []string, _ []float32, _ []int32) { tokens[301] = tokens[300] }), "has two ids"},
		{"not a score", marks(func(_ []string, scores []float32, _ []int32) { scores[300] = float32(math.NaN()) }), "has the score NaN"},
		{"splitting not known", bytesFile("deepseek-llm", "[TOOL]"), `tokenizer.ggml.pre "deepseek-llm" is not supported, only llama-bpe, qwen2, tekken and gpt-2`},
		{"splitting not said", bytesFile("", "[TOOL]"), `tokenizer.ggml.pre: missing`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadGGUF(t, c.file)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	f := bytesFile("gpt-2", "[TOOL]")
	f.Set("tokenizer.ggml.merges", []string{"a b c"})
	_, err := loadGGUF(t, f)
	assert.ErrorContains(t, err, `merge 0, "a b c", is not two tokens`)
}
