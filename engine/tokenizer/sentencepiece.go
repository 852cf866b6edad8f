package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// loadModel builds a tokenizer from the content of a tokenizer.model.
func loadModel(content []byte) (*Tokenizer, error) {
	m, err := parseModel(content)
	if err != nil {
		return nil, fmt.Errorf("not a SentencePiece model: %w", err)
	}
	if len(m.pieces) == 0 {
		return nil, errors.New("not a SentencePiece model: no pieces")
	}
	if err := m.supported(); err != nil {
		return nil, err
	}
	v, err := m.vocabulary()
	if err != nil {
		return nil, err
	}
	coder, err := m.coder(&v)
	if err != nil {
		return nil, err
	}
	t := newTokenizer(v, coder, nil, nil)
	t.opens = true
	// sentencepiece_processor.cc: an id named by the specification counts only if it is a control piece.
	if id, ok := v.ids[m.trainer.bos]; ok && v.kinds[id] == control {
		t.bos = id
	}
	if id, ok := v.ids[m.trainer.eos]; ok && v.kinds[id] == control {
		t.eos = id
	}
	return t, nil
}

// supported refuses what would need another algorithm.
func (m *model) supported() error {
	if kind := m.trainer.modelType; kind != modelBPE && kind != modelUnigram {
		return fmt.Errorf("SentencePiece model type %s is not supported, only Unigram and BPE", modelType(kind))
	}
	if m.trainer.suffixWhitespace {
		return errors.New("SentencePiece option treat_whitespace_as_suffix is not supported")
	}
	for _, n := range []normalizerSpec{m.normalizer, m.denormal} {
		if len(n.charsmap) > 0 {
			return fmt.Errorf("SentencePiece character table %s (%d bytes) is not supported, only identity",
				quote(n.name), len(n.charsmap))
		}
	}
	return nil
}

// vocabulary checks the pieces as model_interface.cc (InitializePieces) does, and that their text is UTF-8.
func (m *model) vocabulary() (vocabulary, error) {
	v := newVocabulary(len(m.pieces))
	unknowns := 0
	for i, p := range m.pieces {
		var k kind
		switch p.kind {
		case typeNormal:
			k = normal
		case typeUnknown:
			k = unknown
			unknowns++
		case typeControl:
			k = control
		case typeUserDefined:
			k = userDefined
		case typeUnused:
			if m.skipUnused {
				continue
			}
			return v, fmt.Errorf("piece %d, %s: unused pieces are not supported", i, quote(p.text))
		case typeByte:
			k = byteValue
			if _, ok := byteOf(p.text); !ok {
				return v, fmt.Errorf("piece %d, %s, is not the name of a byte", i, quote(p.text))
			}
			if !m.trainer.byteFallback {
				return v, fmt.Errorf("piece %d, %s, is a byte piece, but byte_fallback is off", i, quote(p.text))
			}
		default:
			return v, fmt.Errorf("piece %d, %s, has the unknown type %d", i, quote(p.text), p.kind)
		}
		switch {
		case p.text == "":
			return v, fmt.Errorf("piece %d is empty", i)
		case !utf8.ValidString(p.text):
			return v, fmt.Errorf("piece %d, %s, is not UTF-8", i, quote(p.text))
		case math.IsNaN(float64(p.score)) || math.IsInf(float64(p.score), 0):
			return v, fmt.Errorf("piece %d, %s, has the score %v", i, quote(p.text), p.score)
		}
		if err := v.set(int32(i), p.text, k); err != nil {
			return v, err
		}
	}
	if unknowns != 1 {
		return v, fmt.Errorf("want one piece of type unknown, found %d", unknowns)
	}
	return v, nil
}

// coder builds the merge table: two symbols merge where their texts together are a piece, in the order of its score.
func (m *model) coder(v *vocabulary) (*markCoder, error) {
	c := &markCoder{
		normalizer: normalizer{m.normalizer.dummyPrefix, m.normalizer.extraSpaces, m.normalizer.escapeSpaces},
		alphabet:   newAlphabet(len(m.pieces)),
		unknown:    int32(slices.Index(v.kinds, unknown)),
		fuse:       true,
		strip:      m.normalizer.dummyPrefix,
		prefixEach: true,
	}
	if m.trainer.byteFallback {
		var err error
		if c.bytes, err = v.byteTable(); err != nil {
			return nil, err
		}
	}
	symbols := make(map[string]int32)
	pairs := 0
	for i, p := range m.pieces {
		switch v.kinds[i] {
		case userDefined:
			symbols[p.text] = int32(i)
		case normal:
			pairs += 2 * (utf8.RuneCountInString(p.text) - 1)
			if r, ok := single(p.text); ok {
				c.alphabet.set(r, int32(i))
			}
		}
	}
	c.symbols = newMatcher(symbols)
	if m.trainer.modelType == modelUnigram {
		var err error
		c.unigram, err = m.unigram(v)
		return c, err
	}
	m.merge(c, v, pairs)
	return c, nil
}

// merge enters every way in which two symbols may become a piece. Parts of a piece that are neither normal pieces nor
// single characters never are symbols.
func (m *model) merge(c *markCoder, v *vocabulary, pairs int) {
	ranks := m.ranks(v)
	c.merges = newMergeTable(pairs)
	part := func(text string) int32 {
		if r, ok := single(text); ok {
			return c.alphabet.part(r)
		}
		if id, ok := v.ids[text]; ok && v.kinds[id] == normal {
			return id
		}
		return none
	}
	for i, p := range m.pieces {
		if v.kinds[i] != normal {
			continue
		}
		before := none
		for at, r := range p.text {
			s := c.alphabet.part(r)
			if before != none {
				c.merges.link(before, s)
			}
			before = s
			if at == 0 {
				continue
			}
			if left, right := part(p.text[:at]), part(p.text[at:]); left != none && right != none {
				c.merges.add(merge{left, right, int32(i), ranks[i]})
			}
		}
	}
}

// ranks numbers the scores of the normal pieces from the highest down; equal scores have equal ranks.
func (m *model) ranks(v *vocabulary) []uint32 {
	var scores []float32
	for i, p := range m.pieces {
		if v.kinds[i] == normal {
			scores = append(scores, p.score)
		}
	}
	slices.SortFunc(scores, func(a, b float32) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	scores = slices.Compact(scores)
	rank := make(map[float32]uint32, len(scores))
	for i, s := range scores {
		rank[s] = uint32(i)
	}
	ranks := make([]uint32, len(m.pieces))
	for i, p := range m.pieces {
		ranks[i] = rank[p.score]
	}
	return ranks
}
