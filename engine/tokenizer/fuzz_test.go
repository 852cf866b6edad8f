package tokenizer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

// FuzzTokenizerRoundTrip: a text comes back from its ids; broken bytes come back as one U+FFFD each, and a "▁" of the
// text as a space where the vocabulary writes spaces so. A cut or joined encoding never panics.
func FuzzTokenizerRoundTrip(f *testing.F) {
	for _, text := range []string{"", " ", "  a", "the question: 東京都です。 0000", "\x00\ufeff\r\n", "か\u3099", "👩‍👩‍👧‍👦", "▁▁", "<s></s>",
		"<0xE3>", "\xe3\x81", "it's 12345  \n\n x", strings.Repeat(" ", 60), "[TOOL] zebra"} {
		f.Add(text)
	}
	marks := small(f)
	asJSON := loadFile(f, "testdata/small.tokenizer.json")
	bytes := loadFile(f, "testdata/bytelevel.tokenizer.json")
	spec := tokenizertest.Small()
	known := idsOf(spec)
	f.Fuzz(func(t *testing.T, text string) {
		want := string([]rune(text))
		ids := marks.Encode(text)
		require.Equal(t, strings.ReplaceAll(want, "▁", " "), marks.Decode(ids))
		require.Equal(t, ids, asJSON.Encode(text))
		require.Equal(t, len(ids), len(marks.Pieces(text)))
		require.Equal(t, want, bytes.Decode(bytes.Encode(text)))
		if len(text) < 200 {
			require.Equal(t, plainEncode(spec, known, text), ids)
		}
		cut := len(text) / 2
		ctx, cont := marks.EncodePair(text[:cut], text[cut:])
		require.LessOrEqual(t, len(cont), len(marks.Encode(text)))
		require.True(t, utf8.ValidString(marks.DecodeAfter(ctx, cont)))
		require.True(t, utf8.ValidString(marks.DecodeRaw(ids[:len(ids)/2])))
		list := bytes.Encode(text)
		require.True(t, utf8.ValidString(bytes.Decode(list[:len(list)/2])))
	})
}

// load loads content as a file of that name, and uses what loads.
func load(t *testing.T, name string, content []byte) {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	tok, err := tokenizer.LoadFile(path)
	if err != nil {
		require.NotContains(t, err.Error(), "\n")
		return
	}
	for _, text := range []string{"the question: 東京都です。 00000", " \x00\xff🦙", strings.Repeat("a", 100)} {
		for _, id := range tok.Encode(text) {
			require.True(t, id >= 0 && int(id) < tok.VocabSize())
		}
		require.True(t, utf8.ValidString(tok.Decode(tok.Encode(text))))
	}
	tok.EncodePair("a ", "b")
}

// FuzzSentencePieceModel: no file makes the loader panic, and what it accepts encodes within its vocabulary.
func FuzzSentencePieceModel(f *testing.F) {
	// Small seeds: what is searched are the ways through the reader, not large vocabularies.
	good := tokenizertest.Small()
	good.ByteFallback = false
	good.Pieces = append([]tokenizertest.Piece{{Text: "<unk>", Type: 2}, {Text: "the", Type: 4}}, good.Pieces[259:265]...)
	f.Add(good.Bytes())
	good.DummyPrefix, good.ExtraSpaces, good.BOS = false, true, "<unk>"
	f.Add(good.Bytes())
	f.Add(tokenizertest.Small().Bytes()[:300])
	f.Add([]byte{0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})
	f.Fuzz(func(t *testing.T, content []byte) { load(t, "tokenizer.model", content) })
}

// FuzzTokenizerJSON: the same for tokenizer.json.
func FuzzTokenizerJSON(f *testing.F) {
	f.Add([]byte(`{"model":{"type":"BPE","unk_token":"u","vocab":{"u":0,"a":1,"▁":2,"▁a":3},"merges":[["▁","a"]]},
		"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},
		"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"}]}}`))
	f.Add([]byte(`{"added_tokens":[{"id":2,"content":"x","special":false}],"pre_tokenizer":{"type":"Metaspace","replacement":"▁","split":true},
		"model":{"type":"BPE","unk_token":"u","fuse_unk":true,"vocab":{"u":0,"a":1},"merges":[]},
		"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"}]}}`))
	f.Add([]byte(`{"pre_tokenizer":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{},"merges":["a b"]}}`))
	f.Fuzz(func(t *testing.T, content []byte) { load(t, "tokenizer.json", content) })
}

// FuzzTokenizerConfig: tokenizer_config.json may name the special tokens and may add tokens; it never changes how plain
// text is cut, nor makes an id that the tokenizer does not have.
func FuzzTokenizerConfig(f *testing.F) {
	for _, s := range []string{`{}`, `{"bos_token":"<s>","eos_token":{"content":"</s>"},"unk_token":"<unk>"}`, `{"bos_token":"nowhere"}`,
		`{"add_prefix_space":false}`, `{"added_tokens_decoder":{"0":{"content":"<unk>","special":true}}}`,
		`{"added_tokens_decoder":{"70000":{"content":"<pad>","special":true}}}`, `{"added_tokens_decoder":{"99999999999":{"content":"x"}}}`,
		`{"pad_token":"the"}`, `{"eos_token":"<0x00>"}`, `<html>`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	require.NoError(f, os.WriteFile(filepath.Join(dir, "tokenizer.model"), tokenizertest.Small().Bytes(), 0o600))
	plain, err := tokenizer.Load(dir)
	require.NoError(f, err)
	texts := []string{"the question: 東京都です。 00000", " \x00\xff🦙", "a<s>b"}
	path := filepath.Join(dir, "tokenizer_config.json")
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		tok, err := tokenizer.Load(dir)
		if err != nil {
			require.ErrorContains(t, err, "tokenizer_config.json: ")
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.GreaterOrEqual(t, tok.VocabSize(), plain.VocabSize())
		require.LessOrEqual(t, tok.VocabSize(), plain.VocabSize()+1<<16)
		for _, text := range texts {
			ids := tok.Encode(text)
			for _, id := range ids {
				require.True(t, id >= 0 && int(id) < tok.VocabSize())
			}
			require.True(t, utf8.ValidString(tok.Decode(ids)))
		}
		for _, special := range []func() (int32, bool){tok.BOS, tok.EOS} {
			if id, ok := special(); ok {
				require.True(t, id >= 0 && int(id) < tok.VocabSize(), id)
			}
		}
	})
}
