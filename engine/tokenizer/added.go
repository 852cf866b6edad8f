package tokenizer

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// addedToken is a token beside the merges: of tokenizer.json's added_tokens or tokenizer_config.json's
// added_tokens_decoder.
type addedToken struct {
	id         int32 // of added_tokens only
	content    string
	special    bool
	normalized bool
	limits     limits
}

// readAdded reads one entry; absent truth values are false.
func readAdded(value []byte) (addedToken, error) {
	a := addedToken{id: none}
	members, err := strictjson.Object(value)
	if err != nil {
		return a, err
	}
	for _, m := range members {
		var flag bool
		switch m.Key {
		case "id":
			n, err := strictjson.Uint(m.Value)
			if err != nil || n > maxID {
				return a, fmt.Errorf("%s is not a possible token id", quote(string(m.Value)))
			}
			a.id = int32(n)
			continue
		case "content":
			if a.content, err = strictjson.String(m.Value); err != nil {
				return a, fmt.Errorf("content: %w", err)
			}
			continue
		case "special", "normalized", "single_word", "lstrip", "rstrip":
			if flag, err = strictjson.Bool(m.Value); err != nil {
				return a, fmt.Errorf("%s: %w", m.Key, err)
			}
		}
		switch m.Key {
		case "special":
			a.special = flag
		case "normalized":
			a.normalized = flag
		case "single_word":
			a.limits.word = flag
		case "lstrip":
			a.limits.left = flag
		case "rstrip":
			a.limits.right = flag
		}
	}
	if a.content == "" {
		return a, errors.New("added token without content")
	}
	return a, nil
}

// addTokens enters the added tokens in the vocabulary and returns those that any text is searched for, the ones that are
// not special, and the options of all that have any. (Special ones are ordinary text here, see the package comment.)
func addTokens(v *vocabulary, list []addedToken) (searched map[string]int32, options map[string]limits, err error) {
	searched, options = make(map[string]int32), make(map[string]limits)
	for _, a := range list {
		if a.id == none {
			return nil, nil, fmt.Errorf("added token %s has no id", quote(a.content))
		}
		if old, ok := v.ids[a.content]; ok && old != a.id {
			return nil, nil, fmt.Errorf("added token %s has the id %d, but %d in the model's vocabulary", quote(a.content), a.id, old)
		}
		k := control
		if !a.special {
			k = userDefined
			searched[a.content] = a.id
		}
		if a.limits != (limits{}) {
			options[a.content] = a.limits
		}
		if _, ok := v.ids[a.content]; ok {
			if v.kinds[a.id] != unknown {
				v.kinds[a.id] = k
			}
			continue
		}
		if int(a.id) >= v.size+maxAdded {
			return nil, nil, fmt.Errorf("added token %s: %d is not a possible token id", quote(a.content), a.id)
		}
		v.grow(int(a.id) + 1)
		if err := v.set(a.id, a.content, k); err != nil {
			return nil, nil, err
		}
	}
	v.size = len(v.pieces)
	return searched, options, nil
}
