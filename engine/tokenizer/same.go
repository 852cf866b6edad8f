package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Difference says where the ids of t first mean something else than those of other, as a sentence about t that ends in what other
// has instead; "" means nowhere. An id means its piece, which is a text, one byte, or text in the alphabet of byte-level
// vocabularies; the tokens that begin and end a text must be the same where both name one.
//
// How a text becomes ids is not compared: files of several formats say more or less about that. Ids without a token do not
// count, such as those that conversions add to fill a model's rows, nor do names that tokenizer_config.json adds behind
// one vocabulary and that the other lacks. Of a [Remote] no pieces are known: two are the same where their digests are.
func (t *Tokenizer) Difference(other *Tokenizer) string {
	if t.digest != "" && t.digest == other.digest {
		return "" // of one file, whatever is said beside it
	}
	_, bytes := t.coder.(*byteCoder)
	_, otherBytes := other.coder.(*byteCoder)
	switch {
	case t.elsewhere() || other.elsewhere():
		return "its tokens are known to another process alone, or those that it is compared with"
	case bytes != otherBytes:
		return fmt.Sprintf("its pieces are %s, not %s", spelling(bytes), spelling(otherBytes))
	}
	for id := range int32(max(len(t.pieces), len(other.pieces))) {
		if d := t.differs(other, id); d != "" {
			return d
		}
	}
	return t.endsDiffer(other)
}

func (t *Tokenizer) elsewhere() bool {
	_, ok := t.coder.(*remote)
	return ok
}

// differs compares one id. Where one vocabulary has ended, their sizes say it best.
func (t *Tokenizer) differs(other *Tokenizer, id int32) string {
	k, otherKind := t.kind(id), other.kind(id)
	switch {
	case k == hole && otherKind == hole,
		k == hole && int(id) >= other.size, otherKind == hole && int(id) >= t.size: // a name alone
		return ""
	case k != hole && otherKind != hole && t.pieces[id] == other.pieces[id] && (k == byteValue) == (otherKind == byteValue):
		return ""
	}
	if n, m := t.rows(), other.rows(); (k == hole || otherKind == hole) && int(id) >= min(n, m) {
		return fmt.Sprintf("it has %d tokens, not %d", n, m)
	}
	return fmt.Sprintf("token %d is %s, not %s", id, t.meaning(id), other.meaning(id))
}

// rows is the model's highest id that is a token, plus one.
func (v *vocabulary) rows() int {
	n := v.size
	for n > 0 && v.kinds[n-1] == hole {
		n--
	}
	return n
}

// meaning shows what an id stands for.
func (v *vocabulary) meaning(id int32) string {
	switch v.kind(id) {
	case hole:
		return "none"
	case byteValue:
		return fmt.Sprintf("the byte 0x%02X", v.values[id])
	}
	return quote(v.pieces[id])
}

func spelling(bytes bool) string {
	if bytes {
		return "bytes"
	}
	return "text"
}

// endsDiffer compares the tokens that begin and end a text.
func (t *Tokenizer) endsDiffer(other *Tokenizer) string {
	for _, end := range []struct {
		does      string
		id, other int32
	}{{"begins", t.bos, other.bos}, {"ends", t.eos, other.eos}} {
		if end.id != none && end.other != none && end.id != end.other {
			return fmt.Sprintf("a text %s with token %d, %s, not with %d, %s",
				end.does, end.id, t.meaning(end.id), end.other, t.meaning(end.other))
		}
	}
	return ""
}

// VocabularyDigest identifies what the ids of the vocabulary mean, and the token that begins a text, whatever file says so:
// "sha256:" and a hexadecimal number, or "" for a [Remote], whose pieces nobody here knows. Two that are equal have no [Tokenizer.Difference]
// but perhaps in what ends a text.
func (t *Tokenizer) VocabularyDigest() string {
	if t.elsewhere() {
		return ""
	}
	_, bytes := t.coder.(*byteCoder)
	h := sha256.New()
	fmt.Fprintf(h, "%t %d", bytes, t.bos)
	for id := range t.rows() {
		k := t.kinds[id]
		fmt.Fprintf(h, " %t %t %q", k == hole, k == byteValue, t.Piece(int32(id)))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
