package tokenizer

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// Files beside a tokenizer's own that say something of its tokens.
const (
	addedName = "added_tokens.json"
	mapName   = "special_tokens_map.json"
)

// beside reads what a file of a model directory says, nil where there is none. Errors name the path.
func beside(dir, name string) ([]strictjson.Member, error) {
	path := filepath.Join(dir, name)
	content, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if what := impostor(content); what != "" {
		return nil, fmt.Errorf("%s: %s", path, what)
	}
	members, err := strictjson.Object(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return members, nil
}

// readAddedFile holds added_tokens.json, text -> id, against the tokenizer. Tokens that a tokenizer.model lacks become
// known if the directory calls them special; others would be found in every text, with flags that this file does not tell.
func (t *Tokenizer) readAddedFile(dir string, sentencePiece bool) error {
	members, err := beside(dir, addedName)
	if err != nil || members == nil {
		return err
	}
	special, err := specialNames(dir)
	if err != nil {
		return err
	}
	fail := func(format string, a ...any) error {
		return fmt.Errorf("%s: %w", filepath.Join(dir, addedName), fmt.Errorf(format, a...))
	}
	for _, m := range members {
		id, err := strictjson.Uint(m.Value)
		if err != nil || m.Key == "" || id >= uint64(t.size)+maxAdded {
			return fail("%s: %s is not a possible token id", quote(m.Key), quote(string(m.Value)))
		}
		known, have := t.ids[m.Key]
		switch piece := t.Piece(int32(id)); {
		case have && known == int32(id):
		case have:
			return fail("%s has the id %d here and %d in the tokenizer", quote(m.Key), id, known)
		case piece != "":
			return fail("id %d is %s here and %s in the tokenizer", id, quote(m.Key), quote(piece))
		case !sentencePiece:
			return fail("%s, id %d, is not in %s", quote(m.Key), id, jsonName)
		case !special[m.Key]:
			return fail("%s, id %d, is not in %s, and nothing says that it is special: added tokens that are found in text are not supported without %s",
				quote(m.Key), id, modelName, jsonName)
		default:
			t.grow(int(id) + 1)
			if err := t.set(int32(id), m.Key, control); err != nil {
				return fail("%w", err)
			}
		}
	}
	return nil
}

// specialNames collects the tokens that tokenizer_config.json and special_tokens_map.json name for a role.
func specialNames(dir string) (map[string]bool, error) {
	names := make(map[string]bool)
	for _, file := range []string{configName, mapName} {
		members, err := beside(dir, file)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			switch {
			case m.Null():
			case m.Key == "additional_special_tokens":
				list, err := strictjson.Array(m.Value)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", filepath.Join(dir, file), m.Key, err)
				}
				for _, item := range list {
					if name, err := tokenName(item); err == nil {
						names[name] = true
					}
				}
			case strings.HasSuffix(m.Key, "_token"):
				if name, err := tokenName(m.Value); err == nil {
					names[name] = true
				}
			}
		}
	}
	return names, nil
}

// probe are texts on which the two files of one tokenizer must agree: both languages, digits, white space, characters that
// no vocabulary has, and nothing that the two are known to treat differently (a space in front, special tokens).
func probe() []string {
	return []string{
		"The quick brown fox jumps over the lazy dog. It's 12,345.67 of 2024-11-29!",
		"吾輩は猫である。名前はまだ無い。東京都渋谷区の人口は約23万人です。",
		"質問：日本の首都はどこですか？\n回答：東京\n\n### 応答:\n",
		"カタカナとｶﾀｶﾅ、ＡＢＣ、①②③、㈱、々〆ヶ、「引用」『二重』",
		"a  b   c    d\te\r\nf \u3000 g",
		"def f(x):\n    return {'a': [1, 2.5e-3], \"b\": x**2}  # comment\n",
		"naïve café Übergröße Ελληνικά русский العربية 한국어 हिन्दी",
		"🦙👩‍👩‍👧‍👦🇯🇵 𠮷野家 e\u0301 か\u3099 \u200b\ufeff",
		"0123456789 00000 1/2 3.14159 -7 10% $5 x=y+z; https://example.org/a?b=c&d",
		"WordsInCamelCase, snake_case, ALLCAPS, don't, we'll, I'VE",
	}
}

// agrees compares a tokenizer with that of the file beside it, by pieces and on the probe.
func (t *Tokenizer) agrees(other *Tokenizer) error {
	for id := range int32(min(t.size, other.size)) {
		if a, b := t.Piece(id), other.Piece(id); a != b && a != "" && b != "" {
			return fmt.Errorf("id %d is %s in %s and %s in %s", id, quote(a), modelName, quote(b), jsonName)
		}
	}
	for _, text := range probe() {
		a, b := t.Encode(text), other.Encode(text)
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				return fmt.Errorf("they cut %s differently: token %d is %s by %s and %s by %s",
					quote(text), i, quote(t.Piece(a[i])), modelName, quote(other.Piece(b[i])), jsonName)
			}
		}
		if len(a) != len(b) {
			return fmt.Errorf("they cut %s differently: %d tokens by %s and %d by %s", quote(text), len(a), modelName, len(b), jsonName)
		}
	}
	return nil
}

// checkBeside refuses a directory whose two tokenizer files disagree: Hugging Face's programs would take the one, and this
// the other.
func (t *Tokenizer) checkBeside(dir string) error {
	path := filepath.Join(dir, jsonName)
	content, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	other, err := parse(path, content)
	if err != nil {
		return fmt.Errorf("%w; %s lies beside it: if that is the one to be used, move this file away", err, modelName)
	}
	if err := t.agrees(other); err != nil {
		return fmt.Errorf("%s: not the tokenizer of %s beside it: %w; move the wrong one away", path, modelName, err)
	}
	return t.adopt(other)
}

// adopt takes over the tokens that the tokenizer.json has beyond the tokenizer.model: Hugging Face's way to add some.
func (t *Tokenizer) adopt(other *Tokenizer) error {
	for id := t.size; id < other.size; id++ {
		piece, k := other.Piece(int32(id)), other.kind(int32(id))
		if piece == "" {
			continue
		}
		if k != control && k != unknown {
			return fmt.Errorf("%s has a token that is not special beyond %s, %s (id %s): not supported beside it; move %s away to use the other",
				jsonName, modelName, quote(piece), strconv.Itoa(id), modelName)
		}
		if _, ok := t.ids[piece]; ok {
			continue
		}
		t.grow(id + 1)
		if err := t.set(int32(id), piece, control); err != nil {
			return err
		}
	}
	return nil
}
