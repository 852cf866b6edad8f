package serve

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
)

// speller writes tokens as the protocol's strings: their text, or where a token has no text of its own - part of a
// character, a special token - the vocabulary's spelling.
type speller struct {
	tok   *tokenizer.Tokenizer
	asIDs bool
}

func newSpeller(tok *tokenizer.Tokenizer, asIDs bool) speller { return speller{tok, asIDs} }

func (s speller) spell(id int32) string {
	if s.asIDs {
		return byID(id)
	}
	if text := s.text(id); text != "" {
		return text
	}
	return s.tok.Piece(id)
}

// byID is how vLLM spells a token where it is asked to (return_tokens_as_token_ids).
func byID(id int32) string { return "token_id:" + strconv.Itoa(int(id)) }

// text is a token's own text, "" where it has none.
func (s speller) text(id int32) string {
	if s.tok.IsByte(id) || s.tok.IsSpecial(id) {
		return ""
	}
	text := s.tok.DecodeRaw([]int32{id})
	if strings.ContainsRune(text, utf8.RuneError) {
		return ""
	}
	return text
}

// width is the number of characters of a token's own text. Of a character's bytes the first one counts.
func (s speller) width(id int32) int {
	if s.tok.IsByte(id) {
		b, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(s.tok.Piece(id), "<0x"), ">"), 16, 8)
		if err != nil || b&0xc0 == 0x80 {
			return 0
		}
		return 1
	}
	return utf8.RuneCountInString(s.text(id))
}

// both are the log-probabilities of a token and of the most probable one, under strings that differ where the tokens do.
func (s speller) both(id int32, lp float64, best engine.Best) map[string]float64 {
	own, other := s.spell(id), s.spell(best.Token)
	if own == other && id != best.Token {
		other = byID(best.Token)
	}
	return map[string]float64{own: lp, other: best.LogProb}
}

// removed is the number of characters that decoding takes away from the beginning of a text: its first token's space.
func (s speller) removed(ids []int32) int {
	return utf8.RuneCountInString(s.tok.DecodeRaw(ids)) - utf8.RuneCountInString(s.tok.Decode(ids))
}

func indexOf(text, stop string) int {
	if stop == "" {
		return -1
	}
	return strings.Index(text, stop)
}

// serial numbers answers.
type serial struct{ n atomic.Int64 }

// next is an id that no other answer of this server has.
func (s *serial) next(kind string) string {
	return kind + "-" + strconv.FormatInt(time.Now().UnixNano(), 36) + "-" + strconv.FormatInt(s.n.Add(1), 10)
}
