package tokenizer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// folder writes files into a directory.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return dir
}

// A tokenizer.json beside a tokenizer.model must be the same tokenizer; what it adds is known.
func TestBothFilesBesideEachOther(t *testing.T) {
	model := tokenizertest.Small().Bytes()
	json, err := os.ReadFile("testdata/small.tokenizer.json")
	require.NoError(t, err)
	added := func(special bool) []byte {
		list := member(t, json, "added_tokens").([]any)
		return editBytes(t, json, append(list, object{"id": 501, "content": "<pad>", "special": special}), "added_tokens")
	}
	tok, err := tokenizer.Load(folder(t, map[string][]byte{"tokenizer.model": model, "tokenizer.json": json}))
	require.NoError(t, err)
	assert.Equal(t, small(t).Digest(), tok.Digest())
	tok, err = tokenizer.Load(folder(t, map[string][]byte{"tokenizer.model": model, "tokenizer.json": added(true), "tokenizer_config.json": []byte(`{"eos_token":"<pad>"}`)}))
	require.NoError(t, err)
	assert.Equal(t, "<pad>", tok.EOSText())
	assert.Equal(t, []int32{501}, tok.EncodeSpecial("<pad>"))
	assert.Equal(t, tokenizertest.VocabSize, tok.VocabSize())

	merges := member(t, json, "model", "merges").([]any)
	for name, c := range map[string]struct {
		json []byte
		want string
	}{
		"another piece":        {editBytes(t, editBytes(t, editBytes(t, json, deleted, "model", "vocab", "年"), 500, "model", "vocab", "㌀"), true, "model", "byte_fallback"), `id 500 is "\u5e74" in tokenizer.model and "\u3300" in tokenizer.json`},
		"merges lost":          {editBytes(t, json, merges[:40], "model", "merges"), "not the tokenizer of tokenizer.model beside it: they cut"},
		"no space in front":    {editBytes(t, editBytes(t, json, nil, "normalizer"), metaspace("never", false), "pre_tokenizer"), "they cut"},
		"another kind":         {editBytes(t, json, "WordPiece", "model", "type"), `model type "WordPiece" is not supported, only BPE and Unigram; tokenizer.model lies beside it`},
		"a pointer":            {[]byte("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer"},
		"added, found in text": {added(false), `a token that is not special beyond tokenizer.model, "<pad>" (id 501)`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string][]byte{"tokenizer.model": model, "tokenizer.json": c.json})
			_, err := tokenizer.Load(dir)
			require.ErrorContains(t, err, c.want)
			assert.Contains(t, err.Error(), "tokenizer.json")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestLlama2BothFilesAgree(t *testing.T) {
	tok, err := tokenizer.Load(folder(t, map[string][]byte{"tokenizer.model": shared.Bytes(t, llama2), "tokenizer.json": shared.Bytes(t, llama2JSON)}))
	require.NoError(t, err)
	assert.Equal(t, 32000, tok.VocabSize())
	_, err = tokenizer.Load(folder(t, map[string][]byte{"tokenizer.model": shared.Bytes(t, extended), "tokenizer.json": shared.Bytes(t, llama2JSON)}))
	require.ErrorContains(t, err, "they cut")
}

// added_tokens.json is read: what it says must be so, or become so where it is harmless.
func TestAddedTokensFile(t *testing.T) {
	model := tokenizertest.Small().Bytes()
	json, err := os.ReadFile("testdata/small.tokenizer.json")
	require.NoError(t, err)
	load := func(added, specials string, asJSON bool) (*tokenizer.Tokenizer, error) {
		files := map[string][]byte{"tokenizer.model": model, "added_tokens.json": []byte(added)}
		if asJSON {
			files = map[string][]byte{"tokenizer.json": json, "added_tokens.json": []byte(added)}
		}
		if specials != "" {
			files["special_tokens_map.json"] = []byte(specials)
		}
		return tokenizer.Load(folder(t, files))
	}
	tok, err := load(`{"</s>": 2, "<pad>": 501, "<x>": 502}`, `{"pad_token": {"content": "<pad>"}, "additional_special_tokens": ["<x>"]}`, false)
	require.NoError(t, err)
	assert.Equal(t, []int32{501, 502, 2}, tok.EncodeSpecial("<pad><x></s>"))
	assert.Equal(t, small(t).Encode("<pad>"), tok.Encode("<pad>"))
	_, err = load(`{"<s>": 1}`, "", true)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		added, specials string
		json            bool
		want            string
	}{
		"another id":            {`{"</s>": 3}`, "", false, `"</s>" has the id 3 here and 2 in the tokenizer`},
		"another piece":         {`{"<pad>": 2}`, "", false, `id 2 is "<pad>" here and "</s>" in the tokenizer`},
		"found in text":         {`{"[TOOL]": 501}`, "", false, `"[TOOL]", id 501, is not in tokenizer.model, and nothing says that it is special`},
		"not in tokenizer.json": {`{"<pad>": 501}`, `{"pad_token": "<pad>"}`, true, `"<pad>", id 501, is not in tokenizer.json`},
		"no id":                 {`{"<pad>": "x"}`, "", false, "is not a possible token id"},
		"a huge id":             {`{"<pad>": 4000000000}`, "", false, "is not a possible token id"},
		"no object":             {`[]`, "", false, "want a JSON object"},
		"broken map":            {`{"<pad>": 501}`, `{"additional_special_tokens": 1}`, false, "special_tokens_map.json: additional_special_tokens: want"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(c.added, c.specials, c.json)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}
