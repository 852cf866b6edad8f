package tokenizer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

func TestVocabulary(t *testing.T) {
	tok := small(t)
	assert.Equal(t, tokenizertest.VocabSize, tok.VocabSize())
	assert.Equal(t, "<0x0A>", tok.Piece(13))
	assert.Empty(t, tok.Piece(-1))
	assert.Empty(t, tok.Piece(tokenizertest.VocabSize))
	id, ok := tok.ID("東京都")
	require.True(t, ok)
	assert.Equal(t, "東京都", tok.Piece(id))
	_, ok = tok.ID("大阪府")
	assert.False(t, ok)
	for id, want := range map[int32][2]bool{0: {false, true}, 1: {false, true}, 2: {false, true}, 3: {true, false}, 258: {true, false}, 259: {}, -1: {}, 1 << 30: {}} {
		assert.Equal(t, want, [2]bool{tok.IsByte(id), tok.IsSpecial(id)}, "%d", id)
	}
	bos, ok := tok.BOS()
	assert.True(t, ok)
	assert.Equal(t, int32(1), bos)
	eos, ok := tok.EOS()
	assert.True(t, ok)
	assert.Equal(t, int32(2), eos)
	assert.Equal(t, "</s>", tok.EOSText())
	sum := sha256.Sum256(tokenizertest.Small().Bytes())
	assert.Equal(t, "sha256:"+hex.EncodeToString(sum[:]), tok.Digest())
}

func TestPieces(t *testing.T) {
	tok := small(t)
	for text, want := range map[string][]string{
		"":              {},
		" ":             {"▁▁"},
		"the question":  {"▁the", "▁question"},
		" the":          {"▁▁", "t", "h", "e"},
		"ㇰ":             {"▁", "<0xE3>", "<0x87>", "<0xB0>"},
		"<s>":           {"▁", "<", "s", ">"},
		"<0x41>":        {"▁", "<", "0", "x", "4", "1", ">"},
		"\xff":          {"▁", "<0xEF>", "<0xBF>", "<0xBD>"},
		"\xe3\x81":      {"▁", "<0xEF>", "<0xBF>", "<0xBD>", "<0xEF>", "<0xBF>", "<0xBD>"},
		"日本です。 東京都":     {"▁", "日本", "です", "。▁", "東京都"},
		"\n":            {"▁", "<0x0A>"},
		"a\x00":         {"▁a", "<0x00>"},
		"\ufeffthe":     {"▁", "<0xEF>", "<0xBB>", "<0xBF>", "t", "h", "e"},
		"\u3000the":     {"▁", "<0xE3>", "<0x80>", "<0x80>", "t", "h", "e"},
		"▁the":          {"▁▁", "t", "h", "e"},
		"か\u3099":       {"▁", "か", "<0xE3>", "<0x82>", "<0x99>"},
		"the\r\nanswer": {"▁the", "<0x0D>", "<0x0A>", "a", "n", "s", "w", "er"},
	} {
		assert.Equal(t, want, tok.Pieces(text), "%q", text)
		assert.Equal(t, len(want), tok.Count(text), "%q", text)
	}
}

// Every option of the normalizer specification; the expected ids are SentencePiece's rules applied by hand.
func TestNormalizerOptions(t *testing.T) {
	base := tokenizertest.Small()
	cases := []struct {
		name  string
		set   func(*tokenizertest.Spec)
		text  string
		want  []string
		again string // what decoding gives
	}{
		{"no dummy prefix", func(s *tokenizertest.Spec) { s.DummyPrefix = false }, "the the", []string{"t", "h", "e", "▁the"}, "the the"},
		{"no dummy prefix keeps a leading space", func(s *tokenizertest.Spec) { s.DummyPrefix = false }, " the", []string{"▁the"}, " the"},
		{"extra spaces", func(s *tokenizertest.Spec) { s.ExtraSpaces = true }, "  the   the \n ", []string{"▁the", "▁the", "▁", "<0x0A>"}, "the the \n"},
		{"extra spaces only", func(s *tokenizertest.Spec) { s.ExtraSpaces = true }, "   ", []string{}, ""},
		{"raw spaces", func(s *tokenizertest.Spec) { s.RawSpaces = true }, "a b", []string{"<0x20>", "a", "<0x20>", "b"}, "a b"},
		{"no byte fallback", func(s *tokenizertest.Spec) {
			s.ByteFallback = false
			s.Pieces = append(s.Pieces[:3:3], s.Pieces[259:]...)
		}, "ㇰㇰaㇰ", []string{"▁", "<unk>", "a", "<unk>"}, "a"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			spec := base
			c.set(&spec)
			tok := model(t, spec)
			assert.Equal(t, c.want, tok.Pieces(c.text))
			assert.Equal(t, c.again, tok.Decode(tok.Encode(c.text)))
		})
	}
}

func TestUserDefinedSymbols(t *testing.T) {
	spec := tokenizertest.Small()
	for _, text := range []string{"<sep>", "<sep>x", "  ", "東京都民", "the"} {
		spec.Pieces = append(spec.Pieces, tokenizertest.Piece{Text: text, Type: 4})
	}
	tok := model(t, spec)
	for text, want := range map[string][]string{
		"a<sep>b":    {"▁a", "<sep>", "b"},
		"a<sep>xb":   {"▁a", "<sep>x", "b"},
		"東京都民 東京都":   {"▁", "東京都民", "▁", "東京都"},
		"the the":    {"▁", "the", "▁", "the"}, // nothing merges with a user-defined symbol
		"<se":        {"▁", "<", "s", "e"},
		"<sep><sep>": {"▁", "<sep>", "<sep>"},
	} {
		assert.Equal(t, want, tok.Pieces(text), "%q", text)
	}
	id, _ := tok.ID("<sep>")
	assert.False(t, tok.IsSpecial(id))
	assert.Equal(t, "a<sep>", tok.Decode(tok.Encode("a<sep>")))
}

func TestDecode(t *testing.T) {
	tok := small(t)
	id := func(piece string) int32 {
		n, ok := tok.ID(piece)
		require.True(t, ok, piece)
		return n
	}
	b := func(values ...byte) []int32 {
		var ids []int32
		for _, v := range values {
			ids = append(ids, int32(v)+3)
		}
		return ids
	}
	join := func(parts ...[]int32) []int32 {
		var ids []int32
		for _, p := range parts {
			ids = append(ids, p...)
		}
		return ids
	}
	the, a := []int32{id("▁the")}, []int32{id("a")}
	cases := []struct {
		name      string
		ids       []int32
		text, raw string
	}{
		{"nothing", nil, "", ""},
		{"one leading space goes", the, "the", " the"},
		{"only one", []int32{id("▁▁"), id("▁▁")}, "   ", "    "},
		{"none inside", join(a, the), "a the", "a the"},
		{"special tokens vanish", join([]int32{1, 0}, the, []int32{2}), "the", " the"},
		{"unknown ids vanish", []int32{-5, 1 << 20}, "", ""},
		{"bytes of a character", b(0xF0, 0x9F, 0xA6, 0x99), "🦙", "🦙"},
		{"a cut character", b(0xF0, 0x9F, 0xA6), "\ufffd\ufffd\ufffd", "\ufffd\ufffd\ufffd"},
		{"spoils its whole run", b(0xE3, 0x81, 0x82, '\n', 0xE3), strings.Repeat("\ufffd", 5), strings.Repeat("\ufffd", 5)},
		{"but no other run", join(b('\n'), a, b(0xE3)), "\na\ufffd", "\na\ufffd"},
		{"special tokens do not end a run", join(b(0xE3, 0x81), []int32{2}, b(0x82)), "あ", "あ"},
		{"a space byte is a space too", b(' ', 'x'), "x", " x"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.text, tok.Decode(c.ids))
			assert.Equal(t, c.raw, tok.DecodeRaw(c.ids))
		})
	}
}

func TestDecodeAfter(t *testing.T) {
	tok := small(t)
	cases := []struct {
		name        string
		prompt, ids []string
		want        string
	}{
		{"a leading space stays", []string{"▁a"}, []string{"▁the"}, " the"},
		{"without a prompt it goes", nil, []string{"▁the"}, "the"},
		{"nothing new", []string{"▁a"}, nil, ""},
		{"a run from the prompt's newline", []string{"▁a", "<0x0A>"}, []string{"<0xE3>", "<0x81>", "<0x82>"}, "あ"},
		{"broken, the newline with it", []string{"▁a", "<0x0A>"}, []string{"<0xE3>", "<0x81>"}, "\ufffd\ufffd"},
		// Four marks in the prompt become one character: more is cut than the ids gave.
		{"a character completed", []string{"<0xF0>", "<0x9F>", "<0xA6>"}, []string{"<0x99>", "a", "b", "c"}, "c"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, tok.DecodeAfter(ids(t, tok, c.prompt), ids(t, tok, c.ids)))
		})
	}
}

func ids(t *testing.T, tok *tokenizer.Tokenizer, pieces []string) []int32 {
	t.Helper()
	list := make([]int32, len(pieces))
	for i, p := range pieces {
		id, ok := tok.ID(p)
		require.True(t, ok, p)
		list[i] = id
	}
	return list
}

func TestEncodePair(t *testing.T) {
	tok := small(t)
	cases := []struct {
		name, context, continuation string
		ctx, cont                   []string
	}{
		{"plain", "a", " the", []string{"▁a"}, []string{"▁the"}},
		{"empty context", "", "the", []string{"</s>"}, []string{"▁the"}},
		{"nothing", "", "", []string{"</s>"}, []string{}},
		{"a space moves", "a ", "the", []string{"▁a"}, []string{"▁the"}},
		{"so do newlines", "a\n\n", "b", []string{"▁a"}, []string{"<0x0A>", "<0x0A>", "b"}},
		{"and Python's own spaces", "a\x1c\u3000", "b", []string{"▁a"}, []string{"<0x1C>", "<0xE3>", "<0x80>", "<0x80>", "b"}},
		{"but no zero-width ones", "a\u200b", "b", []string{"▁a", "<0xE2>", "<0x80>", "<0x8B>"}, []string{"b"}},
		{"white space only", " ", "the", []string{}, []string{"▁▁", "t", "h", "e"}},
		{"a merge across the boundary", "a 東京", "都", []string{"▁a", "▁", "東京"}, []string{}},
		{"a shorter whole", "東 00", "0", []string{"▁", "東", "▁", "00"}, []string{"0"}},
		{"empty continuation", "a", "", []string{"▁a"}, []string{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cont := tok.EncodePair(c.context, c.continuation)
			assert.Equal(t, ids(t, tok, c.ctx), ctx)
			assert.Equal(t, ids(t, tok, c.cont), cont)
		})
	}
	t.Run("no token ends a text", func(t *testing.T) {
		spec := tokenizertest.Small()
		spec.EOS = "<none>"
		ctx, cont := model(t, spec).EncodePair("", "a")
		assert.Empty(t, ctx)
		assert.Len(t, cont, 1)
	})
}

// Python's white space, over all code points: '[c for c in range(0x110000) if chr(c).isspace()]' of Python 3.11.
func TestTrailingWhiteSpaceIsPythons(t *testing.T) {
	tok := small(t)
	spaces := []rune{9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
		0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
	is := make(map[rune]bool)
	for _, r := range spaces {
		is[r] = true
	}
	for r := range rune(0x3100) {
		ctx, _ := tok.EncodePair("~"+string(r), "b")
		assert.Equal(t, is[r], len(ctx) == 2, "%U", r)
	}
}

func TestLoadDirectory(t *testing.T) {
	write := func(t *testing.T, files map[string]string) string {
		dir := t.TempDir()
		for name, content := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		}
		return dir
	}
	model := string(tokenizertest.Small().Bytes())
	content, err := os.ReadFile("testdata/small.tokenizer.json")
	require.NoError(t, err)
	asJSON := string(content)

	t.Run("the model alone", func(t *testing.T) {
		tok, err := tokenizer.Load(write(t, map[string]string{"tokenizer.model": model}))
		require.NoError(t, err)
		assert.Equal(t, "</s>", tok.EOSText())
	})
	t.Run("the model beside a JSON that cannot be read", func(t *testing.T) {
		_, err := tokenizer.Load(write(t, map[string]string{"tokenizer.model": model, "tokenizer.json": "broken"}))
		require.ErrorContains(t, err, "tokenizer.json: not JSON at byte 1")
		assert.ErrorContains(t, err, "tokenizer.model lies beside it: if that is the one to be used, move this file away")
	})
	t.Run("the JSON alone", func(t *testing.T) {
		tok, err := tokenizer.Load(write(t, map[string]string{"tokenizer.json": asJSON}))
		require.NoError(t, err)
		bos, ok := tok.BOS()
		assert.True(t, ok)
		assert.Equal(t, int32(1), bos)
		assert.Equal(t, "</s>", tok.EOSText())
	})
	for _, name := range []string{"tokenizer.model", "tokenizer.json"} {
		file := map[string]string{"tokenizer.model": model, "tokenizer.json": asJSON}[name]
		t.Run("names from the configuration beside "+name, func(t *testing.T) {
			tok, err := tokenizer.Load(write(t, map[string]string{name: file, "tokenizer_config.json": `{"bos_token": null,
				"eos_token": {"content": "<s>", "lstrip": false}, "pad_token": "</s>", "sep_token": "<none>", "unk_token": "<unk>"}`}))
			require.NoError(t, err)
			assert.Equal(t, "<s>", tok.EOSText())
		})
	}
	t.Run("added tokens beside the model", func(t *testing.T) {
		tok, err := tokenizer.Load(write(t, map[string]string{"tokenizer.model": model, "tokenizer_config.json": `{
			"added_tokens_decoder": {"0": {"content": "<unk>", "special": true}, "503": {"content": "<|end|>", "special": true}},
			"eos_token": "<|end|>"}`}))
		require.NoError(t, err)
		assert.Equal(t, tokenizertest.VocabSize, tok.VocabSize(), "not counted: the model may have no row for it")
		eos, ok := tok.EOS()
		assert.True(t, ok)
		assert.Equal(t, int32(503), eos)
		assert.Equal(t, "<|end|>", tok.EOSText())
		assert.Empty(t, tok.Piece(502))
		assert.Equal(t, "a", tok.Decode([]int32{502, 503, tok.Encode("a")[0]}))
		assert.NotContains(t, tok.Encode("<|end|>"), int32(503), "special text is ordinary text")
	})
	t.Run("a special token is left out of decoded text", func(t *testing.T) {
		tok, err := tokenizer.Load(write(t, map[string]string{"tokenizer.model": model, "tokenizer_config.json": `{"pad_token": "~"}`}))
		require.NoError(t, err)
		assert.Equal(t, "a!", tok.Decode(tok.Encode("a~!")))
	})
}

func TestConcurrentUse(t *testing.T) {
	tok := small(t)
	list := records(t, "small.sentencepiece.jsonl")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, r := range list {
				assert.Equal(t, r.IDs, tok.Encode(r.Text))
			}
		})
	}
	group.Wait()
}

// One allocation is the result; under the race detector the pool forgets its workspace now and then.
func TestEncodingDoesNotAllocatePerToken(t *testing.T) {
	tok := small(t)
	text := strings.Repeat("the question: 東京都です。 0000 ", 20)
	require.Greater(t, len(tok.Encode(text)), 150)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { tok.Encode(text) }), 10.0)
}

// TestDecodeSpelled: special tokens stand where they are, and what is not special reads as in DecodeAfter.
func TestDecodeSpelled(t *testing.T) {
	tok := small(t)
	prompt := ids(t, tok, []string{"<s>", "▁a"})
	for want, pieces := range map[string][]string{
		" the":             {"▁the"},
		"":                 nil,
		"</s>":             {"</s>"},
		" the<s> the</s>あ": {"▁the", "<s>", "▁the", "</s>", "<0xE3>", "<0x81>", "<0x82>"},
		"<s><s>b":          {"<s>", "<s>", "b"},
	} {
		assert.Equal(t, want, tok.DecodeSpelled(prompt, ids(t, tok, pieces)))
	}
}
