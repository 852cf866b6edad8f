package tokenizer

import "strings"

// EncodePair returns the ids that a log-likelihood request scores, as lm-evaluation-harness's AutoCausalLM splits them
// (lm_eval/base.py, _encode_pair). White space at the end of the context, by Python's definition, first moves to the front
// of the continuation, since tokens begin with their space. The context is then encoded alone, and the continuation is
// what follows as many tokens in the encoding of both together; a token that spans the boundary in the joint encoding
// belongs to neither unchanged.
//
// The empty context is scored after the token that ends a text: ctx is [eos], or nothing where the vocabulary has none,
// and the continuation is encoded alone. A context of white space only leaves ctx empty.
func (t *Tokenizer) EncodePair(context, continuation string) (ctx, cont []int32) {
	return t.encodePair(context, continuation, t.Encode)
}

// EncodeSpecialPair is EncodePair for a context that a chat template rendered: special tokens that the two spell are
// those tokens, as with EncodeSpecial.
func (t *Tokenizer) EncodeSpecialPair(context, continuation string) (ctx, cont []int32) {
	return t.encodePair(context, continuation, t.EncodeSpecial)
}

func (t *Tokenizer) encodePair(context, continuation string, encode func(string) []int32) (ctx, cont []int32) {
	if context == "" {
		if t.eos != none {
			ctx = []int32{t.eos}
		}
		return ctx, encode(continuation)
	}
	kept := strings.TrimRightFunc(context, pythonSpace)
	whole := encode(context + continuation)
	ctx = encode(kept)
	return ctx, whole[min(len(ctx), len(whole)):]
}

// pythonSpace tells whether Python's str.rstrip removes a character. Go's unicode.IsSpace lacks U+001C to U+001F.
func pythonSpace(r rune) bool {
	switch {
	case '\t' <= r && r <= '\r', 0x1C <= r && r <= 0x20, r == 0x85, r == 0xA0, r == 0x1680,
		0x2000 <= r && r <= 0x200A, r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F, r == 0x3000:
		return true
	}
	return false
}
