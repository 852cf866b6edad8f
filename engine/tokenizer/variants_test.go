package tokenizer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
)

// variant loads a tokenizer.json with some places changed: value, path, value, path...
func variant(t *testing.T, name string, changes ...change) *tokenizer.Tokenizer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	for _, c := range changes {
		content = editBytes(t, content, c.value, c.path...)
	}
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return loadFile(t, path)
}

type change struct {
	value any
	path  []any
}

func at(value any, path ...any) change { return change{value, path} }

type object = map[string]any

func metaspace(scheme any, split any) object {
	return object{"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}
}

// All spellings of one vocabulary give the same ids.
func TestSpellingsOfOneVocabulary(t *testing.T) {
	const name = "small.tokenizer.json"
	content, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	merges := member(t, content, "model", "merges").([]any)
	pairs := make([]any, len(merges))
	for i, m := range merges {
		left, right, _ := strings.Cut(m.(string), " ")
		pairs[i] = []any{left, right}
	}
	for spelling, tok := range map[string]*tokenizer.Tokenizer{
		"merges as pairs":           variant(t, name, at(pairs, "model", "merges")),
		"Metaspace first":           variant(t, name, at(nil, "normalizer"), at(metaspace("first", false), "pre_tokenizer")),
		"Metaspace always":          variant(t, name, at(nil, "normalizer"), at(metaspace("always", false), "pre_tokenizer")),
		"Metaspace before 2024":     variant(t, name, at(nil, "normalizer"), at(object{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "split": false}, "pre_tokenizer")),
		"null instead of absent":    variant(t, name, at(nil, "truncation"), at(nil, "padding"), at(nil, "pre_tokenizer")),
		"absent instead of null":    variant(t, name, at(deleted, "pre_tokenizer"), at(deleted, "truncation"), at(deleted, "version")),
		"an option that is not set": variant(t, name, at("", "model", "continuing_subword_prefix"), at(0, "model", "dropout")),
	} {
		t.Run(spelling, func(t *testing.T) {
			for _, r := range records(t, "small.sentencepiece.jsonl") {
				assert.Equal(t, r.IDs, tok.Encode(r.Text), "%q", r.Text)
			}
			assert.Equal(t, "the a", tok.Decode(tok.Encode("the a")))
		})
	}
}

func TestMetaspaceOptions(t *testing.T) {
	const name = "small.tokenizer.json"
	never := variant(t, name, at(nil, "normalizer"), at(metaspace("never", false), "pre_tokenizer"))
	assert.Equal(t, []string{"a", "▁the"}, never.Pieces("a the"))
	assert.Equal(t, []string{"▁the"}, never.Pieces(" the"))
	old := variant(t, name, at(nil, "normalizer"), at(object{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false, "split": false}, "pre_tokenizer"))
	assert.Equal(t, []string{"▁the"}, old.Pieces(" the"))
	replaceOnly := variant(t, name, at(object{"type": "Replace", "pattern": object{"String": " "}, "content": "▁"}, "normalizer"))
	assert.Equal(t, []string{"▁the"}, replaceOnly.Pieces(" the"))
	split := variant(t, name, at(nil, "normalizer"), at(metaspace("never", true), "pre_tokenizer"))
	assert.Equal(t, []string{"▁", "▁", "▁the", "。", "▁"}, split.Pieces("   the。 "), "nothing merges across the start of a mark")
}

func TestUnknownToken(t *testing.T) {
	const name = "small.tokenizer.json"
	noBytes := []any{object{"type": "Replace", "pattern": object{"String": "▁"}, "content": " "}, object{"type": "Fuse"}, object{"type": "Strip", "content": " ", "start": 1, "stop": 0}}
	fused := variant(t, name, at(false, "model", "byte_fallback"), at(noBytes, "decoder", "decoders"))
	assert.Equal(t, []string{"▁", "<unk>", "a", "<unk>"}, fused.Pieces("ㇰㇰaㇰ"))
	single := variant(t, name, at(false, "model", "byte_fallback"), at(noBytes, "decoder", "decoders"), at(false, "model", "fuse_unk"))
	assert.Equal(t, []string{"▁", "<unk>", "<unk>", "a", "<unk>"}, single.Pieces("ㇰㇰaㇰ"))
	assert.Equal(t, "a", single.Decode(single.Encode("ㇰㇰaㇰ")))
}

// The expected pieces are those of tokenizers 0.23.2.
func TestAddedTokens(t *testing.T) {
	added := func(normalized bool) []any {
		list := []any{}
		for i, text := range []string{"[T]", "[T]x", "  "} {
			list = append(list, object{"id": 501 + i, "content": text, "special": false, "normalized": normalized})
		}
		return list
	}
	const name = "small.tokenizer.json"
	each := variant(t, name, at(added(false), "added_tokens"))
	first := variant(t, name, at(added(true), "added_tokens"), at(nil, "normalizer"), at(metaspace("first", false), "pre_tokenizer"))
	for text, want := range map[string][2][]string{
		"a[T]b":      {{"▁a", "[T]", "▁", "b"}, {"▁a", "[T]", "b"}},
		"a[T]xb":     {{"▁a", "[T]x", "▁", "b"}, {"▁a", "[T]x", "b"}},
		"[T] the":    {{"[T]", "▁▁", "t", "h", "e"}, {"[T]", "▁the"}},
		"[T][T]":     {{"[T]", "[T]"}, {"[T]", "[T]"}},
		"a   the":    {{"▁a", "  ", "▁▁", "t", "h", "e"}, {"▁a", "  ", "▁the"}},
		"[T":         {{"▁", "[", "T"}, {"▁", "[", "T"}},
		"<s> a[T]日本": {{"▁", "<", "s", ">", "▁a", "[T]", "▁", "日本"}, {"▁", "<", "s", ">", "▁a", "[T]", "日本"}},
	} {
		assert.Equal(t, want[0], each.Pieces(text), "%q", text)
		assert.Equal(t, want[1], first.Pieces(text), "%q", text)
	}
	assert.Equal(t, 504, each.VocabSize())
	assert.Equal(t, "a[T] the", each.Decode(ids(t, each, []string{"▁a", "[T]", "▁the"})))
}

func TestByteLevelSpellings(t *testing.T) {
	const name = "bytelevel.tokenizer.json"
	split := func(behavior string, invert bool) object {
		return object{"type": "Split", "pattern": object{"Regex": llama3Pattern}, "behavior": behavior, "invert": invert}
	}
	removed := variant(t, name, at(split("Removed", true), "pre_tokenizer", "pretokenizers", 0))
	for _, r := range records(t, "bytelevel.tokenizers.jsonl") {
		assert.Equal(t, r.IDs, removed.Encode(r.Text), "%q", r.Text)
	}
	gpt2 := variant(t, name, at(object{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}, "pre_tokenizer"),
		at(false, "model", "ignore_merges"))
	assert.Equal(t, gpt2.Encode(" the"), gpt2.Encode("the"))
	assert.Equal(t, " the", gpt2.Decode(gpt2.Encode("the")), "a byte-level decoder removes no space")
	assert.Equal(t, gpt2.Encode("12345"), gpt2.Encode(" 12345"))
	zebra, ok := gpt2.ID("Ġzebra")
	require.True(t, ok)
	assert.NotContains(t, gpt2.Encode(" zebra"), zebra, "no merge makes it")
	assert.Contains(t, removed.Encode("a zebra"), zebra, "ignore_merges")
	assert.Equal(t, "<|end_of_text|>", variant(t, name, at(object{"type": "TemplateProcessing", "single": []any{
		object{"Sequence": object{"id": "A"}}, object{"SpecialToken": object{"id": "<|end_of_text|>"}}}}, "post_processor")).EOSText())
	bos, ok := removed.BOS()
	assert.True(t, ok)
	assert.Equal(t, "<|begin_of_text|>", removed.Piece(bos))
	assert.Empty(t, removed.EOSText(), "the file names none")
}
