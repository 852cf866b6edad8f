// Package tokenizertest writes a small SentencePiece model for the tests of other packages, so that they can make a
// complete model directory without a real vocabulary. It is imported by tests only.
package tokenizertest

import (
	"fmt"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/protowire"
)

// VocabSize is the number of pieces of the model that WriteModel writes.
const VocabSize = 501

// Piece is one entry of a SentencePiece model.
type Piece struct {
	Text  string
	Score float32
	Type  int // 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
}

// Spec is the part of a SentencePiece model that tests vary.
type Spec struct {
	Pieces       []Piece
	ModelType    int // 1 Unigram, 2 BPE, 3 Word, 4 Char
	ByteFallback bool
	SuffixSpace  bool // treat_whitespace_as_suffix
	DummyPrefix  bool
	ExtraSpaces  bool // remove_extra_whitespaces
	RawSpaces    bool // the opposite of escape_whitespaces
	Charsmap     []byte
	BOS, EOS     string // bos_piece and eos_piece; "" leaves the default
}

// words are what the small model has tokens for, together with their beginnings. Their order is the order of merging.
var words = []string{
	"▁▁▁▁", "▁the", "▁and", "▁of", "▁question", "▁answer", "ing", "er", "es", "ion", "▁is", "▁to", "▁a", "▁in",
	"00", "です", "ます", "して", "した", "質問", "回答", "選択肢", "日本", "東京都", "こと", "から", "▁###", "。▁",
}

// characters are the single characters of the small model beside printable ASCII.
const characters = "▁あいうえおかがきくけこさしすせそただちつてでとどなにぬねのはばひふへほまみむめもやゆよらりるれろわをん" +
	"アイウカキクケコサシスタテトナニハラリルレロンー、。「」：？質問回答選択肢日本東京都人大年"

// Small is a BPE model like Llama's: <unk>, <s> and </s>, 256 byte pieces, merges by falling score, single characters.
func Small() Spec {
	s := Spec{ModelType: 2, ByteFallback: true, DummyPrefix: true}
	s.Pieces = append(s.Pieces, Piece{"<unk>", 0, 2}, Piece{"<s>", 0, 3}, Piece{"</s>", 0, 3})
	for b := range 256 {
		s.Pieces = append(s.Pieces, Piece{fmt.Sprintf("<0x%02X>", b), 0, 6})
	}
	seen := make(map[string]bool)
	score := float32(0)
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			s.Pieces = append(s.Pieces, Piece{text, score, 1})
			score--
		}
	}
	for _, w := range words {
		runes := []rune(w)
		for n := 2; n <= len(runes); n++ {
			add(string(runes[:n]))
		}
	}
	for r := '!'; r <= '~'; r++ {
		add(string(r))
	}
	for _, r := range characters {
		add(string(r))
	}
	return s
}

// Bytes returns the model in SentencePiece's file format (sentencepiece_model.proto).
func (s Spec) Bytes() []byte {
	var b []byte
	for _, p := range s.Pieces {
		var m []byte
		m = message(m, 1, []byte(p.Text))
		m = protowire.AppendTag(m, 2, protowire.Fixed32Type)
		m = protowire.AppendFixed32(m, math.Float32bits(p.Score))
		m = number(m, 3, uint64(p.Type))
		b = message(b, 1, m)
	}
	var trainer []byte
	trainer = number(trainer, 3, uint64(s.ModelType))
	trainer = number(trainer, 4, uint64(len(s.Pieces)))
	trainer = number(trainer, 24, flag(s.SuffixSpace))
	trainer = number(trainer, 35, flag(s.ByteFallback))
	if s.BOS != "" {
		trainer = message(trainer, 46, []byte(s.BOS))
	}
	if s.EOS != "" {
		trainer = message(trainer, 47, []byte(s.EOS))
	}
	b = message(b, 2, trainer)
	normalizer := message(nil, 1, []byte("identity"))
	normalizer = message(normalizer, 2, s.Charsmap)
	normalizer = number(normalizer, 3, flag(s.DummyPrefix))
	normalizer = number(normalizer, 4, flag(s.ExtraSpaces))
	normalizer = number(normalizer, 5, flag(!s.RawSpaces))
	return message(b, 3, normalizer)
}

// WriteModel writes the small model, VocabSize pieces, to a file such as DIR/tokenizer.model.
func WriteModel(path string) error { return os.WriteFile(path, Small().Bytes(), 0o644) }

func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func number(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

func flag(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}
