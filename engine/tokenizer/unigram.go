package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// unigram cuts a normal form into the pieces with the highest sum of scores (Kudo, "Subword Regularization", 2018; Viterbi
// search). It gives what unigram_model.cc of SentencePiece v0.1.97 (EncodeOptimized) and models/unigram/model.rs of
// tokenizers (encode_optimized) give, rounding included: the first adds up scores in float32, the second in float64, and
// where two ways to cut are worth nearly the same, that decides.
type unigram struct {
	pieces  *trie
	scores  []float64 // by id
	bonus   []bool    // by id: a user-defined symbol, which wins over all else; nil where there is none
	unknown float64   // the score of a character that is no piece
	single  bool      // sums are rounded to float32
}

// unknownPenalty is how much worse than the worst piece an unknown character is (kUnkPenalty).
const unknownPenalty = 10

// best holds, by the number of bytes, the best way to cut a beginning of the text.
type best struct {
	score float64
	from  int32 // where its last piece begins; -1: no way is known
	id    int32 // the last piece, or none for an unknown character
}

// encode appends the ids of a normal form, which is UTF-8. Each unknown character is spelled by the coder.
func (u *unigram) encode(w *workspace, text string, c *markCoder) {
	w.best = slices.Grow(w.best[:0], len(text)+1)[:len(text)+1]
	for i := range w.best {
		w.best[i] = best{from: -1}
	}
	for at := 0; at < len(text); {
		_, size := utf8.DecodeRuneInString(text[at:])
		u.extend(w.best, text, at, size)
		at += size
	}
	w.cuts = w.cuts[:0]
	for end := int32(len(text)); end > 0; end = w.best[end].from {
		w.cuts = append(w.cuts, end)
	}
	for _, end := range slices.Backward(w.cuts) {
		b := w.best[end]
		if b.id != none {
			w.out = append(w.out, b.id)
			continue
		}
		r, _ := utf8.DecodeRuneInString(text[b.from:])
		c.spell(w, r)
	}
}

// extend goes from a place where a character of that size begins along every piece that begins there.
func (u *unigram) extend(list []best, text string, at, size int) {
	till := list[at].score
	alone := false // is the character itself a piece?
	node := int32(0)
	for end := at; end < len(text); {
		if node = u.pieces.step(node, text[end]); node < 0 {
			break
		}
		end++
		id := u.pieces.ids[node]
		if id == none {
			continue
		}
		score := u.scores[id]
		if u.bonus != nil && u.bonus[id] {
			// unigram_model.cc: length * max_score - 0.1, whose max_score is at least the smallest normal float32.
			score = float64(float32(end-at)*float32(score)) - 0.1
		}
		u.offer(&list[end], best{score + till, int32(at), id})
		alone = alone || end-at == size
	}
	if !alone {
		sum := u.unknown + till
		if u.single {
			sum = float64(float32(sum))
		}
		u.offer(&list[at+size], best{sum, int32(at), none})
	}
}

// offer keeps the better of two ways, the earlier of equals. The sum is compared before it is rounded, as in the original.
func (u *unigram) offer(to *best, x best) {
	if to.from >= 0 && !(x.score > to.score) {
		return
	}
	if *to = x; u.single {
		to.score = float64(float32(x.score))
	}
}

// unigram builds the search for a SentencePiece model of type Unigram.
func (m *model) unigram(v *vocabulary) (*unigram, error) {
	low, high := float32(math.MaxFloat32), math.Float32frombits(0x00800000) // FLT_MAX and FLT_MIN, as there
	u := &unigram{scores: make([]float64, len(m.pieces)), single: true}
	bytes := 0
	for i, p := range m.pieces {
		if v.kinds[i] == normal {
			low, high = min(low, p.score), max(high, p.score)
		}
		bytes += len(p.text)
	}
	u.pieces = newTrie(bytes)
	for i, p := range m.pieces {
		u.scores[i] = float64(p.score)
		switch v.kinds[i] {
		case userDefined:
			if u.bonus == nil {
				u.bonus = make([]bool, len(m.pieces))
			}
			u.bonus[i], u.scores[i] = true, float64(high)
		case normal:
		default:
			continue
		}
		if !u.pieces.add(p.text, int32(i)) {
			return nil, errors.New("the pieces are too long together")
		}
	}
	u.unknown = float64(low - unknownPenalty)
	return u, nil
}

// unigramModel is the "model" of a tokenizer.json of type Unigram.
type unigramModel struct {
	scores  []float64
	unknown int32 // none where the file names none
}

// readUnigram reads vocab, unk_id and byte_fallback.
func (b *jsonModel) readUnigram(members []strictjson.Member) error {
	b.unigram = &unigramModel{unknown: none}
	b.fuse = true // unigram/model.rs, from
	hasVocab := false
	for _, m := range members {
		var err error
		switch {
		case m.Key == "type":
		case m.Key == "vocab":
			hasVocab = true
			err = b.readScored(m.Value)
		case m.Null():
		case m.Key == "unk_id":
			var n uint64
			if n, err = strictjson.Uint(m.Value); err == nil && n > maxID {
				err = fmt.Errorf("%d is not a possible token id", n)
			}
			b.unigram.unknown = int32(min(n, maxID))
		case m.Key == "byte_fallback":
			b.byteFallback, err = strictjson.Bool(m.Value)
		default:
			err = errors.New("unknown part of a Unigram model")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Key, err)
		}
	}
	id := b.unigram.unknown
	switch {
	case !hasVocab:
		return errors.New("a Unigram model needs vocab")
	case id == none:
		return errors.New("unk_id: missing: a text with a character outside the vocabulary would fail")
	case b.vocabulary.kind(id) == hole:
		return fmt.Errorf("unk_id %d is not in the vocabulary of %d pieces", id, len(b.unigram.scores))
	}
	b.unknown = b.vocabulary.pieces[id]
	return nil
}

// readScored reads a list of [piece, score].
func (b *jsonModel) readScored(value json.RawMessage) error {
	list, err := strictjson.Array(value)
	if err != nil {
		return err
	}
	if len(list) > maxID {
		return fmt.Errorf("%d pieces are too many", len(list))
	}
	b.vocabulary = newVocabulary(len(list))
	b.unigram.scores = make([]float64, len(list))
	for i, item := range list {
		pair, err := strictjson.Array(item)
		if err != nil || len(pair) != 2 {
			return fmt.Errorf("piece %d, %s, is not [piece, score]", i, quote(string(item)))
		}
		piece, err := strictjson.String(pair[0])
		if err == nil && piece == "" {
			err = errors.New("empty")
		}
		if err == nil {
			b.unigram.scores[i], err = strictjson.Float(pair[1])
		}
		if err == nil {
			err = b.vocabulary.set(int32(i), piece, normal)
		}
		if err != nil {
			return fmt.Errorf("piece %d: %w", i, err)
		}
	}
	return nil
}

// search builds the search for a tokenizer.json. All pieces are looked for, also those that spell bytes, as tokenizers
// does; the special ones are not (see the package comment).
func (b *jsonModel) search(v *vocabulary) (*unigram, error) {
	u := &unigram{scores: b.unigram.scores, unknown: math.Inf(1)}
	bytes := 0
	for i, score := range u.scores {
		u.unknown = min(u.unknown, score)
		bytes += len(v.pieces[i])
	}
	u.unknown -= unknownPenalty
	u.pieces = newTrie(bytes)
	for i := range u.scores {
		if !v.IsSpecial(int32(i)) && !u.pieces.add(v.pieces[i], int32(i)) {
			return nil, errors.New("the pieces are too long together")
		}
	}
	return u, nil
}
