package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// maxID bounds token ids, so that a number in a file is no allocation.
const maxID = 1 << 22

// document is a tokenizer.json (huggingface/tokenizers v0.23.2: tokenizer/serialization.rs and each component's).
type document struct {
	added    []addedToken
	model    jsonModel
	pipeline pipeline
}

// loadJSON builds a tokenizer from the content of a tokenizer.json.
func loadJSON(content []byte) (*Tokenizer, error) {
	members, err := strictjson.Object(content)
	if err != nil {
		return nil, err
	}
	var d document
	var template, normalizer, preTokenizer, decoder json.RawMessage
	hasModel := false
	for _, m := range members {
		switch m.Key {
		case "version", "truncation", "padding": // the last two say what callers may ask for, not what a token is
		case "added_tokens":
			err = d.readAdded(m.Value)
		case "normalizer":
			normalizer = m.Value
		case "pre_tokenizer":
			preTokenizer = m.Value
		case "post_processor":
			template = m.Value
		case "decoder":
			decoder = m.Value
		case "model":
			hasModel = true
			err = d.model.read(m.Value)
		default:
			err = errors.New("unknown part of a tokenizer.json")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strictjson.Quote(m.Key), err)
		}
	}
	if !hasModel {
		return nil, errors.New("not a tokenizer.json: it has no model")
	}
	if d.pipeline, err = readPipeline(normalizer, preTokenizer, decoder); err != nil {
		return nil, err
	}
	v := d.model.vocabulary
	searched, limits, err := addTokens(&v, d.added)
	if err != nil {
		return nil, err
	}
	c, err := d.coder(&v)
	if err != nil {
		return nil, err
	}
	t := newTokenizer(v, c, searched, limits)
	bos, eos, err := templateTokens(template)
	if err != nil {
		return nil, fmt.Errorf("post_processor: %w", err)
	}
	t.opens = bos != ""
	t.bos, t.eos = t.special(bos, "<s>"), t.special(eos, "</s>")
	return t, nil
}

// special returns the id of the first name that is a special token, or none.
func (t *Tokenizer) special(names ...string) int32 {
	for _, name := range names {
		if id, ok := t.ids[name]; ok && t.IsSpecial(id) {
			return id
		}
	}
	return none
}

func (d *document) readAdded(value json.RawMessage) error {
	if strictjson.IsNull(value) {
		return nil
	}
	list, err := strictjson.Array(value)
	if err != nil {
		return err
	}
	for i, item := range list {
		a, err := readAdded(item)
		if err != nil {
			return fmt.Errorf("token %d: %w", i, err)
		}
		d.added = append(d.added, a)
	}
	return nil
}

// coder joins the model with the way its text is prepared.
func (d *document) coder(v *vocabulary) (coder, error) {
	if d.pipeline.normalizes || d.pipeline.nfc {
		for _, a := range d.added {
			if !a.special && a.normalized {
				return nil, fmt.Errorf("added token %s: normalized is not supported together with a normalizer", quote(a.content))
			}
		}
	}
	if d.pipeline.bytes != nil {
		if d.model.unigram != nil {
			return nil, errors.New("a Unigram model with ByteLevel is not supported")
		}
		return d.byteLevel(v)
	}
	c := &markCoder{
		normalizer: normalizer{dummyPrefix: d.pipeline.prefix, escape: true},
		prefixEach: d.pipeline.prefixEach,
		splitMarks: d.pipeline.split,
		fuse:       d.model.fuse,
		strip:      d.pipeline.strip,
		lateMarks:  d.pipeline.lateMarks,
	}
	if d.pipeline.byteFallback != d.model.byteFallback {
		return nil, errors.New("byte_fallback of the model and ByteFallback of the decoder do not go together")
	}
	if d.model.ignoreMerges {
		return nil, errors.New("ignore_merges is not supported together with ▁ for spaces")
	}
	if err := d.model.fallback(c, v); err != nil {
		return nil, err
	}
	if d.model.unigram != nil {
		c.bare = d.pipeline.marks
		var err error
		c.unigram, err = d.model.search(v)
		return c, err
	}
	c.alphabet = newAlphabet(len(v.pieces))
	for piece, id := range v.ids {
		if r, ok := single(piece); ok && !v.IsSpecial(id) {
			c.alphabet.set(r, id)
		}
	}
	symbol := func(r rune) int32 { return c.alphabet.symbol(r) }
	var err error
	c.merges, err = d.model.table(v, symbol)
	return c, err
}

// jsonModel is the "model" of a tokenizer.json, of type BPE (models/bpe/serialization.rs) or Unigram
// (models/unigram/serialization.rs).
type jsonModel struct {
	vocabulary   vocabulary
	unigram      *unigramModel // nil for BPE
	merges       [][2]string
	unknown      string
	fuse         bool
	byteFallback bool
	ignoreMerges bool
}

func (b *jsonModel) read(value json.RawMessage) error {
	members, err := strictjson.Object(value)
	if err != nil {
		return err
	}
	kind, err := typeOf(members)
	if err != nil {
		return err
	}
	switch kind {
	case "BPE":
		return b.readBPE(members)
	case "Unigram":
		return b.readUnigram(members)
	}
	return fmt.Errorf("model type %s is not supported, only BPE and Unigram", quote(kind))
}

func (b *jsonModel) readBPE(members []strictjson.Member) (err error) {
	hasVocab, hasMerges := false, false
	for _, m := range members {
		switch {
		case m.Key == "type":
		case m.Key == "vocab":
			hasVocab = true
			err = b.readVocab(m.Value)
		case m.Key == "merges":
			hasMerges = true
			err = b.readMerges(m.Value)
		case m.Null():
		case m.Key == "unk_token":
			b.unknown, err = strictjson.String(m.Value)
		case m.Key == "fuse_unk":
			b.fuse, err = strictjson.Bool(m.Value)
		case m.Key == "byte_fallback":
			b.byteFallback, err = strictjson.Bool(m.Value)
		case m.Key == "ignore_merges":
			b.ignoreMerges, err = strictjson.Bool(m.Value)
		case m.Key == "dropout":
			var p float64
			if p, err = strictjson.Float(m.Value); err == nil && p != 0 {
				err = errors.New("not supported: encoding must not be random")
			}
		case m.Key == "continuing_subword_prefix", m.Key == "end_of_word_suffix":
			var s string
			if s, err = strictjson.String(m.Value); err == nil && s != "" {
				err = errors.New("not supported")
			}
		default:
			err = errors.New("unknown part of a BPE model")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Key, err)
		}
	}
	if !hasVocab || !hasMerges {
		return errors.New("a BPE model needs vocab and merges")
	}
	return nil
}

// readVocab reads piece -> id.
func (b *jsonModel) readVocab(value json.RawMessage) error {
	members, err := strictjson.Object(value)
	if err != nil {
		return err
	}
	ids := make([]int32, len(members))
	size := 0
	for i, m := range members {
		id, err := strictjson.Uint(m.Value)
		if err != nil {
			return fmt.Errorf("token %s: %w", quote(m.Key), err)
		}
		// Real vocabularies have no holes to speak of; a single huge id would only waste memory.
		if id > maxID || id >= uint64(len(members))+maxAdded {
			return fmt.Errorf("token %s: %d is not a possible id among %d tokens", quote(m.Key), id, len(members))
		}
		if m.Key == "" {
			return errors.New("empty token")
		}
		ids[i] = int32(id)
		size = max(size, int(id)+1)
	}
	b.vocabulary = newVocabulary(size)
	for i, m := range members {
		if err := b.vocabulary.set(ids[i], m.Key, normal); err != nil {
			return err
		}
	}
	return nil
}

// readMerges reads a list of "a b" (files up to 2024) or ["a","b"].
func (b *jsonModel) readMerges(value json.RawMessage) error {
	list, err := strictjson.Array(value)
	if err != nil {
		return err
	}
	b.merges = make([][2]string, len(list))
	for i, item := range list {
		var parts []string
		if len(item) > 0 && item[0] == '"' {
			var line string
			if err = json.Unmarshal(item, &line); err == nil {
				parts = strings.Split(line, " ")
			}
		} else {
			err = json.Unmarshal(item, &parts)
		}
		if err != nil || len(parts) != 2 || parts[0] == "" || parts[1] == "" {
			return fmt.Errorf("merge %d, %s, is not two tokens", i, quote(string(item)))
		}
		b.merges[i] = [2]string{parts[0], parts[1]}
	}
	return nil
}

// fallback settles what becomes of characters outside the vocabulary.
func (b *jsonModel) fallback(c *markCoder, v *vocabulary) error {
	c.unknown = none
	if b.unknown != "" {
		id, ok := v.ids[b.unknown]
		if !ok {
			return fmt.Errorf("unk_token %s is not in the vocabulary", quote(b.unknown))
		}
		c.unknown = id
		v.kinds[id] = unknown
	}
	for piece, id := range v.ids {
		if x, ok := byteOf(piece); ok && b.byteFallback && v.kinds[id] == normal {
			v.setByte(id, x)
		}
	}
	if b.byteFallback {
		var err error
		c.bytes, err = v.byteTable()
		return err
	}
	if c.unknown == none {
		return errors.New("neither byte_fallback nor unk_token: characters outside the vocabulary would vanish")
	}
	return nil
}

// table ranks the merges by their place in the list and links the characters that share a token.
func (b *jsonModel) table(v *vocabulary, symbol func(rune) int32) (mergeTable, error) {
	pairs := len(b.merges)
	for _, m := range b.merges {
		pairs += len(m[0]) / 3 // an estimate of the links
	}
	links := make(map[int32]bool)
	t := newMergeTable(pairs)
	for i, m := range b.merges {
		var ids [3]int32
		for k, piece := range []string{m[0], m[1], m[0] + m[1]} {
			id, ok := v.ids[piece]
			if !ok {
				return t, fmt.Errorf("merge %d: %s is not in the vocabulary", i, quote(piece))
			}
			if k := v.kinds[id]; k != normal && k != userDefined {
				return t, fmt.Errorf("merge %d: %s is not a piece of text", i, quote(piece))
			}
			ids[k] = id
		}
		t.add(merge{ids[0], ids[1], ids[2], uint32(i)})
		if links[ids[2]] {
			continue
		}
		links[ids[2]] = true
		before := none
		for _, r := range m[0] + m[1] {
			s := symbol(r)
			if before != none && s != none {
				t.link(before, s)
			}
			before = s
		}
	}
	return t, nil
}

// templateTokens finds the tokens that a TemplateProcessing puts before and after a single text, "" where it puts none.
// Other post-processors add none.
func templateTokens(value json.RawMessage) (first, last string, err error) {
	var p struct {
		Type       string
		Processors []json.RawMessage
		Single     []struct {
			SpecialToken *struct{ ID string }
			Sequence     *struct{}
		}
	}
	if len(value) == 0 {
		return "", "", nil
	}
	if err := json.Unmarshal(value, &p); err != nil {
		return "", "", err
	}
	for _, inner := range p.Processors {
		if first, last, err = templateTokens(inner); err != nil || first != "" || last != "" {
			return first, last, err
		}
	}
	text := false
	for _, s := range p.Single {
		switch {
		case s.Sequence != nil:
			text = true
		case s.SpecialToken != nil && !text && first == "":
			first = s.SpecialToken.ID
		case s.SpecialToken != nil && text:
			last = s.SpecialToken.ID
		}
	}
	return first, last, nil
}
