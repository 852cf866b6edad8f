package tokenizer_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

// refuses loads content from a file of that name and checks the error: one line that names the file and the reason.
func refuses(t *testing.T, name string, content []byte, reason string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	_, err := tokenizer.LoadFile(path)
	refusal(t, err, path, reason)
}

func refusal(t *testing.T, err error, path, reason string) {
	t.Helper()
	require.Error(t, err)
	assert.True(t, strings.HasPrefix(err.Error(), path+": "), err)
	assert.Contains(t, err.Error(), reason)
	assert.NotContains(t, err.Error(), "\n")
	assert.Less(t, len(err.Error()), 400)
}

// The cases of group B, bad tokenizers, under the names of the list of faults.
func TestFaultsB(t *testing.T) {
	good := tokenizertest.Small().Bytes()

	t.Run("B1 vocabulary size is the highest id plus one", func(t *testing.T) {
		assert.Equal(t, tokenizertest.VocabSize, small(t).VocabSize())
		assert.Equal(t, 645, loadFile(t, "testdata/bytelevel.tokenizer.json").VocabSize(), "added tokens count")
	})
	t.Run("B2 no token begins or ends a text", func(t *testing.T) {
		spec := tokenizertest.Small()
		spec.BOS, spec.EOS = "<none>", "a" // missing, and not a control piece
		tok := model(t, spec)
		_, bos := tok.BOS()
		_, eos := tok.EOS()
		assert.False(t, bos)
		assert.False(t, eos)
		assert.Empty(t, tok.EOSText())
	})
	for name, c := range map[string]struct{ config, reason string }{
		"end not in the vocabulary":   {`{"eos_token": "<|end|>"}`, `eos_token "<|end|>" is not in the vocabulary`},
		"begin not in the vocabulary": {`{"bos_token": {"content": "<|begin|>"}}`, `bos_token "<|begin|>" is not in the vocabulary`},
		"byte token":                  {`{"eos_token": "<0x0A>"}`, "is a byte token"},
		"wrong type":                  {`{"eos_token": 2}`, "eos_token: want a string or an object"},
		"no content":                  {`{"eos_token": {}}`, "eos_token: no content"},
		"other content":               {`{"added_tokens_decoder": {"2": {"content": "<end>"}}}`, `id 2 is "<end>" here and "</s>"`},
		"huge id":                     {`{"added_tokens_decoder": {"2000000000": {"content": "x", "special": true}}}`, "not a possible token id"},
		"negative id":                 {`{"added_tokens_decoder": {"-1": {"content": "x", "special": true}}}`, "not a possible token id"},
		"second id":                   {`{"added_tokens_decoder": {"600": {"content": "</s>", "special": true}}}`, "two ids"},
		"added text":                  {`{"added_tokens_decoder": {"501": {"content": "x y"}}}`, "not special are not supported"},
		"no leading space":            {`{"add_prefix_space": false}`, "add_prefix_space"},
		"key twice":                   {`{"eos_token": "<s>", "eos_token": "</s>"}`, "occurs twice"},
		"broken":                      {`{"eos_token": `, "not JSON"},
		"an array":                    {`[]`, "want a JSON object"},
		"an LFS pointer":              {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"},
		"empty":                       {"", "empty file"},
	} {
		t.Run("B2 configuration: "+name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.model"), good, 0o600))
			path := filepath.Join(dir, "tokenizer_config.json")
			require.NoError(t, os.WriteFile(path, []byte(c.config), 0o600))
			_, err := tokenizer.Load(dir)
			refusal(t, err, path, c.reason)
		})
	}
	t.Run("B4 another vocabulary has another digest", func(t *testing.T) {
		spec := tokenizertest.Small()
		spec.Pieces[300].Score++
		assert.NotEqual(t, small(t).Digest(), model(t, spec).Digest())
		assert.NotEqual(t, small(t).Digest(), loadFile(t, "testdata/small.tokenizer.json").Digest())
	})
	t.Run("B5 awkward texts", func(t *testing.T) {
		tok := small(t)
		for _, text := range []string{"", "\xed\xa0\x80", "\x00", "\ufeffa", "a\r\nb", "e\u0301", "か\u3099", "👩‍👩‍👧‍👦", "ｶﾞ", "\u3000", "\xff"} {
			// Broken bytes, here half a surrogate pair and 0xFF, are one mark each.
			assert.Equal(t, string([]rune(text)), tok.Decode(tok.Encode(text)), "%q", text)
		}
	})
	t.Run("B6 a character cut at the end", func(t *testing.T) {
		tok := small(t)
		list := tok.Encode("a鷹")
		assert.Equal(t, "a鷹", tok.Decode(list))
		assert.Equal(t, "a\ufffd\ufffd", tok.Decode(list[:len(list)-1]))
		assert.Equal(t, "a\ufffd", tok.Decode(list[:len(list)-2]))
	})
	t.Run("B7 a stop string over two tokens", func(t *testing.T) {
		tok := small(t)
		prompt := tok.Encode("the answer:")
		assert.Equal(t, "\n### a", tok.DecodeAfter(prompt, ids(t, tok, []string{"<0x0A>", "#", "#", "#", "▁a"})))
		assert.Equal(t, "##", tok.DecodeAfter(tok.Encode("a#"), ids(t, tok, []string{"#", "#"})), "its first character is the prompt's")
	})
	t.Run("B8 a continuation that merges with its context", func(t *testing.T) {
		tok := small(t)
		ctx, cont := tok.EncodePair("東京", "都 the")
		assert.Equal(t, ids(t, tok, []string{"▁", "東京"}), ctx)
		assert.Equal(t, ids(t, tok, []string{"▁the"}), cont, "what follows as many tokens of the joint encoding")
	})
}

// B3 for tokenizer.model: what is no SentencePiece model, and models that would need other rules.
func TestFaultsB3Model(t *testing.T) {
	good := tokenizertest.Small().Bytes()
	spec := func(change func(*tokenizertest.Spec)) []byte {
		s := tokenizertest.Small()
		change(&s)
		return s.Bytes()
	}
	addPiece := func(p tokenizertest.Piece) []byte {
		return spec(func(s *tokenizertest.Spec) { s.Pieces = append(s.Pieces, p) })
	}
	for name, c := range map[string]struct {
		content []byte
		reason  string
	}{
		"empty file":             {nil, "empty file"},
		"one byte":               {[]byte{0x0A}, "not a SentencePiece model"},
		"zeros":                  {make([]byte, 1000), "not a SentencePiece model"},
		"text":                   {[]byte("hello\n"), "not a SentencePiece model"},
		"truncated":              {good[:len(good)/2], "reaches past the end"},
		"truncated by one":       {good[:len(good)-1], "reaches past the end"},
		"trailing bytes":         {append(bytes.Clone(good), 0xFF), "not a SentencePiece model"},
		"huge declared length":   {append(bytes.Clone(good), 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F), "reaches past the end"},
		"length of 2^64-1":       {append([]byte{0x0A}, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01), "reaches past the end"},
		"endless number":         {append(bytes.Clone(good), 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), "reaches past the end"},
		"group":                  {append(bytes.Clone(good), 0x0B, 0x0C), "wire type 3"},
		"piece that is a number": {append(bytes.Clone(good), 0x08, 0x01), "piece 501 has wire type 0"},
		"text that is a number":  {append(bytes.Clone(good), 0x0A, 0x02, 0x08, 0x01), "piece has wire type 0"},
		"score that is a number": {append(bytes.Clone(good), 0x0A, 0x02, 0x10, 0x01), "score has wire type 0"},
		"no pieces":              {spec(func(s *tokenizertest.Spec) { s.Pieces = nil }), "no pieces"},
		"LFS pointer":            {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:9e55\nsize 499723\n"), "Git LFS pointer"},
		"HTML page":              {[]byte("\n<!DOCTYPE html><html><head><title>404</title>"), "HTML page"},
		"GGUF":                   {[]byte("GGUF\x03\x00\x00\x00\x00\x00\x00"), "GGUF file"},
		"gzip":                   {[]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"), "gzip"},
		"zip":                    {[]byte("PK\x03\x04\x14\x00\x00\x00"), "zip archive"},
		"tiktoken ranks":         {[]byte("IQ== 0\nIg== 1\nIw== 2\n"), "tiktoken"},

		"Word":                    {spec(func(s *tokenizertest.Spec) { s.ModelType = 3 }), "type Word is not supported"},
		"Char":                    {spec(func(s *tokenizertest.Spec) { s.ModelType = 4 }), "type Char is not supported"},
		"unknown model type":      {spec(func(s *tokenizertest.Spec) { s.ModelType = 9 }), "type number 9 is not supported"},
		"character table":         {spec(func(s *tokenizertest.Spec) { s.Charsmap = []byte("table") }), "character table \"identity\" (5 bytes) is not supported"},
		"denormalizer table":      {append(bytes.Clone(good), 0x2A, 0x03, 0x12, 0x01, 'x'), "character table"},
		"space as suffix":         {spec(func(s *tokenizertest.Spec) { s.SuffixSpace = true }), "treat_whitespace_as_suffix is not supported"},
		"unused piece":            {addPiece(tokenizertest.Piece{Text: "new", Type: 5}), "unused pieces are not supported"},
		"unknown piece type":      {addPiece(tokenizertest.Piece{Text: "new", Type: 7}), "unknown type 7"},
		"duplicate piece":         {addPiece(tokenizertest.Piece{Text: "a", Type: 1}), `token "a" has two ids`},
		"piece like a special":    {addPiece(tokenizertest.Piece{Text: "<s>", Type: 1}), `token "<s>" has two ids`},
		"empty piece":             {addPiece(tokenizertest.Piece{Type: 1}), "piece 501 is empty"},
		"piece that is not UTF-8": {addPiece(tokenizertest.Piece{Text: "\xff\xfe", Type: 1}), "is not UTF-8"},
		"control in a piece":      {addPiece(tokenizertest.Piece{Text: "\x1b[31m\xff", Type: 1}), `"\x1b[31m\xff"`},
		"score not a number":      {addPiece(tokenizertest.Piece{Text: "new", Score: float32(math.NaN()), Type: 1}), "score NaN"},
		"score infinite":          {addPiece(tokenizertest.Piece{Text: "new", Score: float32(math.Inf(1)), Type: 1}), "score +Inf"},
		"two unknown pieces":      {addPiece(tokenizertest.Piece{Text: "<unk2>", Type: 2}), "one piece of type unknown, found 2"},
		"no unknown piece":        {spec(func(s *tokenizertest.Spec) { s.Pieces = s.Pieces[1:] }), "one piece of type unknown, found 0"},
		"missing byte piece":      {spec(func(s *tokenizertest.Spec) { s.Pieces = append(s.Pieces[:13:13], s.Pieces[14:]...) }), "<0x0A> is missing"},
		"byte piece of no byte":   {addPiece(tokenizertest.Piece{Text: "<0xGG>", Type: 6}), "not the name of a byte"},
		"bytes without fallback":  {spec(func(s *tokenizertest.Spec) { s.ByteFallback = false }), "byte_fallback is off"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, "tokenizer.model", c.content, c.reason) })
	}
	t.Run("every beginning of a model", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tokenizer.model")
		for n := 1; n < len(good); n += 37 {
			require.NoError(t, os.WriteFile(path, good[:n], 0o600))
			_, err := tokenizer.LoadFile(path)
			require.Error(t, err, "%d bytes", n)
		}
	})
}

func TestFaultsFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := tokenizer.Load(dir)
	refusal(t, err, dir, "neither tokenizer.model nor tokenizer.json")
	_, err = tokenizer.Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = tokenizer.LoadFile(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tokenizer.model"), 0o700))
	_, err = tokenizer.Load(dir)
	refusal(t, err, filepath.Join(dir, "tokenizer.model"), "not a regular file")
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, tokenizertest.Small().Bytes(), 0o600))
	_, err = tokenizer.Load(file)
	require.Error(t, err)
	link := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), link))
	_, err = tokenizer.Load(filepath.Dir(link))
	require.ErrorIs(t, err, os.ErrNotExist, "a link to nothing is not passed over")
	large := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, os.WriteFile(large, nil, 0o600))
	require.NoError(t, os.Truncate(large, 300<<20))
	_, err = tokenizer.LoadFile(large)
	refusal(t, err, large, "too many for a tokenizer")
}

// edit changes one place of a tokenizer.json, addressed by keys and list positions.
func edit(t *testing.T, name string, value any, path ...any) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return editBytes(t, content, value, path...)
}

func editBytes(t *testing.T, content []byte, value any, path ...any) []byte {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal(content, &document))
	at := document
	for i, step := range path {
		last := i == len(path)-1
		switch s := step.(type) {
		case string:
			object := at.(map[string]any)
			if !last {
				at = object[s]
			} else if value == any(deleted) {
				delete(object, s)
			} else {
				object[s] = value
			}
		case int:
			list := at.([]any)
			if !last {
				at = list[s]
			} else {
				list[s] = value
			}
		}
	}
	content, err := json.Marshal(document)
	require.NoError(t, err)
	return content
}

// member returns one place of a document.
func member(t *testing.T, content []byte, path ...string) any {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal(content, &document))
	for _, key := range path {
		document = document.(map[string]any)[key]
	}
	return document
}

// deleted as a value of edit removes the member.
const deleted = "(deleted)"

// B3 for tokenizer.json.
func TestFaultsB3JSON(t *testing.T) {
	const mark, byteLevel = "small.tokenizer.json", "bytelevel.tokenizer.json"
	good, err := os.ReadFile("testdata/" + mark)
	require.NoError(t, err)
	list := func(items ...any) []any { return items }
	for name, c := range map[string]struct {
		content []byte
		reason  string
	}{
		"empty file":     {nil, "empty file"},
		"truncated":      {good[:len(good)/2], "not JSON"},
		"trailing bytes": {append(bytes.Clone(good), "{}"...), "after the JSON object"},
		"an array":       {[]byte("[]"), "want a JSON object"},
		"no model":       {[]byte("{}"), "it has no model"},
		"not UTF-8":      {[]byte("{\"\xff\": 1}"), "not UTF-8"},
		"nested deeply":  {[]byte(strings.Repeat(`{"model":`, 100000)), "not JSON"},
		"model twice":    {bytes.Replace(good, []byte(`"model":`), []byte(`"model":null,"model":`), 1), "occurs twice"},
		"LFS pointer":    {[]byte("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer"},
		"HTML page":      {[]byte("<html><body>Not found"), "HTML page"},
		"unknown part":   {edit(t, mark, 1, "novelty"), `"novelty": unknown part`},

		"Unigram, BPE parts":  {edit(t, mark, "Unigram", "model", "type"), "model"},
		"Unigram, no vocab":   {edit(t, mark, object{"type": "Unigram", "unk_id": 0}, "model"), "a Unigram model needs vocab"},
		"Unigram, no unknown": {edit(t, mark, object{"type": "Unigram", "vocab": list(list("a", 0))}, "model"), "unk_id: missing"},
		"Unigram, unknown":    {edit(t, mark, object{"type": "Unigram", "unk_id": 1, "vocab": list(list("a", 0))}, "model"), "unk_id 1 is not in the vocabulary of 1 pieces"},
		"Unigram, no pair":    {edit(t, mark, object{"type": "Unigram", "unk_id": 0, "vocab": list("a")}, "model"), `piece 0, "\"a\"", is not [piece, score]`},
		"Unigram, no score":   {edit(t, mark, object{"type": "Unigram", "unk_id": 0, "vocab": list(list("a", "b"))}, "model"), "piece 0: want a"},
		"Unigram, twice":      {edit(t, mark, object{"type": "Unigram", "unk_id": 0, "vocab": list(list("a", 0), list("a", 0))}, "model"), "two ids"},
		"Unigram, novelty":    {edit(t, mark, object{"type": "Unigram", "unk_id": 0, "vocab": list(list("a", 0)), "x": 1}, "model"), "unknown part of a Unigram model"},
		"Unigram, bytes":      {edit(t, mark, object{"type": "Unigram", "unk_id": 0, "vocab": list(list("<unk>", 0), list("<s>", 0), list("</s>", 0)), "byte_fallback": true}, "model"), "is missing"},
		"Unigram, ByteLevel":  {edit(t, byteLevel, object{"type": "Unigram", "unk_id": 0, "vocab": list(list("a", 0))}, "model"), "a Unigram model with ByteLevel"},
		"WordPiece":           {edit(t, mark, "WordPiece", "model", "type"), `type "WordPiece" is not supported`},
		"no type":             {edit(t, mark, deleted, "model", "type"), "no type"},
		"unknown option":      {edit(t, mark, 1, "model", "novelty"), "unknown part of a BPE model"},
		"dropout":             {edit(t, mark, 0.1, "model", "dropout"), "dropout: not supported"},
		"subword prefix":      {edit(t, mark, "##", "model", "continuing_subword_prefix"), "not supported"},
		"word suffix":         {edit(t, mark, "</w>", "model", "end_of_word_suffix"), "not supported"},
		"no vocabulary":       {edit(t, mark, deleted, "model", "vocab"), "needs vocab and merges"},
		"no merges":           {edit(t, mark, deleted, "model", "merges"), "needs vocab and merges"},
		"id twice":            {edit(t, mark, 0, "model", "vocab", "a"), "id 0 is two tokens"},
		"negative id":         {edit(t, mark, -1, "model", "vocab", "a"), "want a non-negative integer"},
		"id with a fraction":  {edit(t, mark, 1.5, "model", "vocab", "a"), "want a non-negative integer"},
		"huge id":             {edit(t, mark, 4e9, "model", "vocab", "a"), "not"},
		"huge plain id":       {edit(t, mark, 4000000, "model", "vocab", "a"), "not a possible id"},
		"id as text":          {edit(t, mark, "7", "model", "vocab", "a"), "want a non-negative integer"},
		"empty token":         {edit(t, mark, 501, "model", "vocab", ""), "empty token"},
		"token twice":         {bytes.Replace(good, []byte(`"<s>":1`), []byte(`"</s>":1`), 1), "occurs twice"},
		"missing byte":        {edit(t, mark, deleted, "model", "vocab", "<0x0A>"), "<0x0A> is missing"},
		"unk not there":       {edit(t, mark, "<none>", "model", "unk_token"), `unk_token "<none>" is not in the vocabulary`},
		"merge of one":        {edit(t, mark, "a", "model", "merges", 3), "is not two tokens"},
		"merge of three":      {edit(t, mark, "a b c", "model", "merges", 3), "is not two tokens"},
		"merge of three, new": {edit(t, mark, list("a", "b", "c"), "model", "merges", 3), "is not two tokens"},
		"merge of numbers":    {edit(t, mark, list(1, 2), "model", "merges", 3), "is not two tokens"},
		"merge with nothing":  {edit(t, mark, "a ", "model", "merges", 3), "is not two tokens"},
		"merge to itself":     {edit(t, mark, list("", "a"), "model", "merges", 3), "is not two tokens"},
		"unknown part merges": {edit(t, mark, "a ぬぬ", "model", "merges", 3), "merge 3: \"\\u306c\\u306c\" is not in the vocabulary"},
		"merge to no token":   {edit(t, mark, "a z", "model", "merges", 3), `merge 3: "az" is not in the vocabulary`},
		"merge of a special":  {edit(t, mark, "<s> a", "model", "merges", 3), "is not a piece of text"},
		"no fallback":         {edit(t, mark, false, "model", "byte_fallback"), "do not go together"},
		"ignored merges":      {edit(t, mark, true, "model", "ignore_merges"), "ignore_merges is not supported"},

		"added id":          {edit(t, mark, 7, "added_tokens", 1, "id"), `added token "<s>" has the id 7, but 1`},
		"added without id":  {edit(t, mark, deleted, "added_tokens", 1, "id"), "has no id"},
		"added, no content": {edit(t, mark, "", "added_tokens", 1, "content"), "added token without content"},
		"added, huge id":    {edit(t, mark, object{"id": 4000000, "content": "x y", "special": true}, "added_tokens", 1), "not a possible token id"},
		"added, odd id":     {edit(t, mark, object{"id": "1", "content": "<s>"}, "added_tokens", 1), "not a possible token id"},
		"added, odd flag":   {edit(t, mark, 1, "added_tokens", 1, "special"), "want true or false"},
		"added, taken id":   {edit(t, mark, object{"id": 9, "content": "x y", "special": true}, "added_tokens", 1), "id 9 is two tokens"},
		"added, normalized": {edit(t, mark, object{"id": 501, "content": "x y", "special": false, "normalized": true}, "added_tokens", 1), "normalized is not supported"},

		"unknown normalizer":     {edit(t, mark, object{"type": "NFKC"}, "normalizer"), `normalizer: component "NFKC" is not supported`},
		"other prepended text":   {edit(t, mark, "x", "normalizer", "normalizers", 0, "prepend"), `component "Prepend" is not supported`},
		"other replacement":      {edit(t, mark, "_", "normalizer", "normalizers", 1, "content"), `component "Replace" is not supported`},
		"Replace by expression":  {edit(t, mark, object{"Regex": " +"}, "normalizer", "normalizers", 1, "pattern"), `component "Replace" is not supported`},
		"NFC and marks":          {edit(t, mark, object{"type": "NFC"}, "normalizer", "normalizers", 0), `component "NFC" is not supported`},
		"Prepend alone":          {edit(t, mark, object{"type": "Prepend", "prepend": "▁"}, "normalizer"), "without a Replace"},
		"Sequence of nothing":    {edit(t, mark, object{"type": "Sequence"}, "normalizer"), "Sequence without parts"},
		"component without type": {edit(t, mark, object{}, "normalizer"), "no type"},
		"nothing writes marks":   {edit(t, mark, nil, "normalizer"), "no normalizer that writes spaces as ▁"},
		"both write marks":       {edit(t, mark, metaspace("first", false), "pre_tokenizer"), "not supported behind a normalizer"},
		"unknown pre-tokenizer":  {edit(t, byteLevel, object{"type": "Whitespace"}, "pre_tokenizer"), `component "Whitespace" is not supported`},
		"unknown decoder":        {edit(t, mark, object{"type": "WordPiece"}, "decoder"), `decoder: ["WordPiece"] is not supported`},
		"no decoder":             {edit(t, mark, nil, "decoder"), "decoder: [] is not supported"},
		"stripping two":          {edit(t, mark, 2, "decoder", "decoders", 3, "start"), "is not supported"},

		"escape":                {edit(t, byteLevel, object{"Regex": `\d`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), `the escape "\\d" is not supported`},
		"word boundary":         {edit(t, byteLevel, object{"Regex": `a\b`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), `the escape "\\b" is not supported`},
		"possessive":            {edit(t, byteLevel, object{"Regex": `\s++`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "possessive"},
		"anchor":                {edit(t, byteLevel, object{"Regex": `^a`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "'^' is not supported"},
		"ignoring case":         {edit(t, byteLevel, object{"Regex": `(?i:k)`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), `the group "(?i:" is not supported`},
		"intersection":          {edit(t, byteLevel, object{"Regex": `[a&&b]`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "sets of classes"},
		"class in a class":      {edit(t, byteLevel, object{"Regex": `[a[b]]`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "sets of classes"},
		"unknown class":         {edit(t, byteLevel, object{"Regex": `\p{Greek}`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), `the class "\\p{Greek}" is not supported`},
		"broken expression":     {edit(t, byteLevel, object{"Regex": `(a`}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "splitting expression"},
		"empty pattern":         {edit(t, byteLevel, object{"String": ""}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "an empty pattern"},
		"two patterns":          {edit(t, byteLevel, object{"String": "a", "Regex": "b"}, "pre_tokenizer", "pretokenizers", 0, "pattern"), "a String or a Regex"},
		"unknown behavior":      {edit(t, byteLevel, "Sideways", "pre_tokenizer", "pretokenizers", 0, "behavior"), "behavior"},
		"split alone":           {edit(t, byteLevel, list(object{"type": "Split", "pattern": object{"Regex": llama3Pattern}, "behavior": "Isolated", "invert": false}), "pre_tokenizer", "pretokenizers"), "with ByteLevel at the end"},
		"prefix behind a split": {edit(t, byteLevel, true, "pre_tokenizer", "pretokenizers", 1, "add_prefix_space"), "only with add_prefix_space off"},
		"no expression":         {edit(t, byteLevel, object{"type": "ByteLevel", "use_regex": false}, "pre_tokenizer"), "without any splitting expression"},
		"odd option":            {edit(t, byteLevel, 1, "pre_tokenizer", "pretokenizers", 1, "novelty"), `option "novelty" is not supported`},
		"byte not there":        {edit(t, byteLevel, deleted, "model", "vocab", "Ġ"), "byte 0x20"},
		"bytes by fallback":     {edit(t, byteLevel, true, "model", "byte_fallback"), "not supported together with ByteLevel"},
		"decoder of other kind": {edit(t, byteLevel, object{"type": "Fuse"}, "decoder"), "is not supported with ByteLevel"},
		"normalizer, NFKC":      {edit(t, byteLevel, object{"type": "NFKC"}, "normalizer"), `component "NFKC" is not supported`},
		"odd template":          {edit(t, byteLevel, object{"type": "TemplateProcessing", "single": 1}, "post_processor"), "post_processor"},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, "tokenizer.json", c.content, c.reason) })
	}
}

const llama3Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
