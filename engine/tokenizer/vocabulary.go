package tokenizer

import "fmt"

// kind says what a token stands for.
type kind uint8

const (
	hole        kind = iota // no token has this id
	normal                  // a piece of text
	unknown                 // stands for characters outside the vocabulary
	control                 // a special token: never text
	userDefined             // always one token where the text has it
	byteValue               // one byte of a character outside the vocabulary
)

// vocabulary maps ids to tokens and back.
type vocabulary struct {
	pieces []string         // by id
	kinds  []kind           // by id
	values []byte           // by id: the byte that a byteValue token stands for
	ids    map[string]int32 // by piece
	size   int              // ids below size are the model's own; above are names that tokenizer_config.json adds
}

func newVocabulary(size int) vocabulary {
	return vocabulary{
		pieces: make([]string, size), kinds: make([]kind, size), values: make([]byte, size),
		ids: make(map[string]int32, size), size: size,
	}
}

// set gives an id to a piece; both must be new.
func (v *vocabulary) set(id int32, piece string, k kind) error {
	if old, ok := v.ids[piece]; ok {
		return fmt.Errorf("token %s has two ids, %d and %d", quote(piece), old, id)
	}
	if v.kinds[id] != hole {
		return fmt.Errorf("id %d is two tokens, %s and %s", id, quote(v.pieces[id]), quote(piece))
	}
	v.pieces[id], v.kinds[id], v.ids[piece] = piece, k, id
	if k == byteValue {
		v.values[id], _ = byteOf(piece)
	}
	return nil
}

// setByte makes the piece of an id, "<0xHH>", stand for its byte.
func (v *vocabulary) setByte(id int32, b byte) { v.kinds[id], v.values[id] = byteValue, b }

// grow makes room for ids below size.
func (v *vocabulary) grow(size int) {
	for len(v.pieces) < size {
		v.pieces, v.kinds, v.values = append(v.pieces, ""), append(v.kinds, hole), append(v.values, 0)
	}
}

// kind returns what an id stands for; ids outside the vocabulary are holes.
func (v *vocabulary) kind(id int32) kind {
	if id < 0 || int(id) >= len(v.kinds) {
		return hole
	}
	return v.kinds[id]
}

// VocabSize is the number of ids of the model: its highest id plus one. Tokens that only tokenizer_config.json lists
// beside a tokenizer.model are not counted, since checkpoints exist that list a padding token no row was made for.
func (v *vocabulary) VocabSize() int { return v.size }

// Tokens is how many of these ids are tokens: vocabularies of GGUF files have holes where rows were added for alignment.
func (v *vocabulary) Tokens() int {
	n := 0
	for _, k := range v.kinds[:v.size] {
		if k != hole {
			n++
		}
	}
	return n
}

// Piece returns the vocabulary's spelling of an id, "" where there is none.
func (v *vocabulary) Piece(id int32) string {
	if v.kind(id) == hole {
		return ""
	}
	return v.pieces[id]
}

// ID returns the id of a token spelled as the vocabulary spells it, and whether there is one.
func (v *vocabulary) ID(piece string) (int32, bool) {
	id, ok := v.ids[piece]
	return id, ok
}

// IsSpecial tells whether a token is never text: <s>, </s>, <unk>, padding. Decoding leaves it out.
func (v *vocabulary) IsSpecial(id int32) bool {
	k := v.kind(id)
	return k == control || k == unknown
}

// byteOf reads the spelling of a byte token, "<0xE3>".
func byteOf(piece string) (byte, bool) {
	if len(piece) != 6 || piece[:3] != "<0x" || piece[5] != '>' {
		return 0, false
	}
	hi, ok1 := hexDigit(piece[3])
	lo, ok2 := hexDigit(piece[4])
	return hi<<4 | lo, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// byteTable collects the ids of the 256 byte tokens.
func (v *vocabulary) byteTable() (*[256]int32, error) {
	var table [256]int32
	for i := range table {
		id, ok := v.ids[fmt.Sprintf("<0x%02X>", i)]
		if !ok || v.kinds[id] != byteValue {
			return nil, fmt.Errorf("byte fallback needs 256 byte tokens, and <0x%02X> is missing", i)
		}
		table[i] = id
	}
	return &table, nil
}
