package tokenizer

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// configure takes the names of special tokens from a tokenizer_config.json. Everything else in it is about programs
// that this package is not, except add_prefix_space, which would change ids. Added tokens beyond a SentencePiece model's
// own pieces become known by name and id.
func (t *Tokenizer) configure(content []byte, sentencePiece bool) error {
	if what := impostor(content); what != "" {
		return errors.New(what)
	}
	members, err := strictjson.Object(content)
	if err != nil {
		return err
	}
	var named []namedToken
	for _, m := range members {
		if m.Null() {
			continue
		}
		switch m.Key {
		case "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token":
			name, err := tokenName(m.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Key, err)
			}
			named = append(named, namedToken{m.Key, name})
		case "add_prefix_space":
			want, err := strictjson.Bool(m.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Key, err)
			}
			if c, ok := t.coder.(*markCoder); ok && !want && c.normalizer.dummyPrefix {
				return errors.New("add_prefix_space false is not supported: the tokenizer puts a space in front of a text")
			}
		case "add_bos_token":
			// Classes of Llama's and Gemma's kind obey it; one that is read from tokenizer.json alone has its template.
			want, err := strictjson.Bool(m.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Key, err)
			}
			if _, marks := t.coder.(*markCoder); sentencePiece || marks {
				t.opens = want
			}
		case "added_tokens_decoder":
			if err := t.extend(m.Value, sentencePiece); err != nil {
				return fmt.Errorf("%s: %w", m.Key, err)
			}
		}
	}
	for _, n := range named {
		if err := t.appoint(n); err != nil {
			return err
		}
	}
	return nil
}

// namedToken is a special token's role and its spelling.
type namedToken struct{ role, name string }

// appoint gives a token its role. Hugging Face gives a special token that the vocabulary lacks a new id, for which the
// model has no row: for padding and the like that never matters, for the others it is an error.
func (t *Tokenizer) appoint(n namedToken) error {
	id, ok := t.ids[n.name]
	if !ok {
		if n.role == "bos_token" || n.role == "eos_token" {
			return fmt.Errorf("%s %s is not in the vocabulary", n.role, quote(n.name))
		}
		return nil
	}
	if t.IsByte(id) {
		return fmt.Errorf("%s %s is a byte token", n.role, quote(n.name))
	}
	if !t.IsSpecial(id) {
		t.kinds[id] = control
	}
	switch n.role {
	case "bos_token":
		t.bos = id
	case "eos_token":
		t.eos = id
	}
	return nil
}

// tokenName reads a token written as a string or as an object with its content.
func tokenName(value []byte) (string, error) {
	if name, err := strictjson.String(value); err == nil {
		return name, nil
	}
	members, err := strictjson.Object(value)
	if err != nil {
		return "", errors.New("want a string or an object with content")
	}
	for _, m := range members {
		if m.Key == "content" {
			return strictjson.String(m.Value)
		}
	}
	return "", errors.New("no content")
}

// extend reads added_tokens_decoder: id -> token.
func (t *Tokenizer) extend(value []byte, sentencePiece bool) error {
	members, err := strictjson.Object(value)
	if err != nil {
		return err
	}
	for _, m := range members {
		id, err := strconv.ParseInt(m.Key, 10, 32)
		if err != nil || id < 0 || id >= int64(t.size)+maxAdded {
			return fmt.Errorf("%s is not a possible token id", quote(m.Key))
		}
		token, err := readAdded(m.Value)
		if err != nil {
			return fmt.Errorf("id %d: %w", id, err)
		}
		if known := t.Piece(int32(id)); known != "" {
			if known != token.content {
				return fmt.Errorf("id %d is %s here and %s in the vocabulary", id, quote(token.content), quote(known))
			}
			if token.special {
				t.kinds[id] = control
			}
			continue
		}
		if !sentencePiece {
			return fmt.Errorf("id %d, %s, is not in %s", id, quote(token.content), jsonName)
		}
		if !token.special {
			return fmt.Errorf("id %d, %s: added tokens that are not special are not supported beside %s",
				id, quote(token.content), modelName)
		}
		t.grow(int(id) + 1)
		if err := t.set(int32(id), token.content, control); err != nil {
			return err
		}
	}
	return nil
}

// maxAdded bounds the ids of added tokens beyond the vocabulary, so that a number in a file is no allocation.
const maxAdded = 1 << 16
