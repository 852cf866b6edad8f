package tokenizer

import "sync"

// Tokenizer is a loaded vocabulary with its rules. The zero value is not usable: see [Load] and [LoadFile].
type Tokenizer struct {
	vocabulary
	coder    coder
	added    *matcher          // the tokens that any text is searched for: added ones that are not special
	all      *matcher          // these and the special ones
	limits   map[string]limits // of both
	digest   string
	bos, eos int32 // -1 where the files name none
	opens    bool  // see AddsBOS
	spaces   sync.Pool
}

// coder is what differs between "▁" vocabularies and byte-level ones.
type coder interface {
	// encode appends the ids of a text to w.out. Where it holds one of the tokens, that is an id of its own.
	encode(w *workspace, text string, tokens *matcher)
	// decode returns the text of ids, without special tokens, with the space that the encoder put in front.
	decode(v *vocabulary, ids []int32) string
	// leading tells whether decoded text begins with a space that was not in the encoded text.
	leading() bool
}

// none is the id of what is not there.
const none int32 = -1

func newTokenizer(v vocabulary, c coder, added map[string]int32, l map[string]limits) *Tokenizer {
	t := &Tokenizer{vocabulary: v, coder: c, added: newMatcher(added), limits: l, bos: none, eos: none}
	t.spaces.New = func() any { return new(workspace) }
	t.seal()
	return t
}

// Encode returns the token ids of a text. No special tokens are added, and text that spells one stays text; "" has none.
func (t *Tokenizer) Encode(text string) []int32 { return t.encode(text, t.added) }

func (t *Tokenizer) encode(text string, tokens *matcher) []int32 {
	w := t.spaces.Get().(*workspace)
	w.out = w.out[:0]
	t.coder.encode(w, text, tokens)
	ids := make([]int32, len(w.out))
	copy(ids, w.out)
	t.spaces.Put(w)
	return ids
}

// Count returns the number of tokens that Encode would return.
func (t *Tokenizer) Count(text string) int {
	w := t.spaces.Get().(*workspace)
	w.out = w.out[:0]
	t.coder.encode(w, text, t.added)
	n := len(w.out)
	t.spaces.Put(w)
	return n
}

// Pieces returns the vocabulary's spelling of each token of a text, as tokenize() of a Hugging Face fast tokenizer does:
// "▁" for a space, "<0xE3>" for a byte (byte-level vocabularies spell bytes in GPT-2's alphabet). "" has no pieces.
func (t *Tokenizer) Pieces(text string) []string {
	if r, elsewhere := t.coder.(*remote); elsewhere {
		if text == "" {
			return []string{}
		}
		return r.Pieces(text)
	}
	ids := t.Encode(text)
	pieces := make([]string, len(ids))
	for i, id := range ids {
		pieces[i] = t.Piece(id)
	}
	return pieces
}

// IsByte tells whether a token stands for one byte of a character outside the vocabulary. Of a [Remote] it tells whether it may.
func (t *Tokenizer) IsByte(id int32) bool {
	if r, elsewhere := t.coder.(*remote); elsewhere {
		return r.isByte(&t.vocabulary, id)
	}
	return t.kind(id) == byteValue
}

// BOS returns the id of the token that marks a beginning, and whether the files name one.
func (t *Tokenizer) BOS() (int32, bool) { return t.bos, t.bos != none }

// AddsBOS tells whether Hugging Face's tokenizer of these files puts the BOS token before a text when it is asked to add special
// tokens: where tokenizer.json's template says so; for SentencePiece files unless tokenizer_config.json says add_bos_token false;
// of GGUF files for the vocabularies whose models do. Encode never does.
func (t *Tokenizer) AddsBOS() bool { return t.opens && t.bos != none }

// EOS returns the id of the token that ends a text, and whether the files name one.
func (t *Tokenizer) EOS() (int32, bool) { return t.eos, t.eos != none }

// EOSText returns the spelling of the token that ends a text, such as "</s>", or "" where the files name none.
func (t *Tokenizer) EOSText() string { return t.Piece(t.eos) }

// Digest identifies the tokenizer: "sha256:" and the hexadecimal SHA-256 of the content of tokenizer.model or
// tokenizer.json.
func (t *Tokenizer) Digest() string { return t.digest }
