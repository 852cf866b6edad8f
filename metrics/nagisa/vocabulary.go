package nagisa

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/pickle"
)

// Entries of the vocabularies that stand for what is not in them and for the places beyond the text's ends.
const (
	unknownEntry = "oov"
	// padID is the id of padding among characters and pairs, whatever the vocabulary says.
	padID = 1
	// endOfText is the second half of the last pair.
	endOfText = "<E>"
)

// maxWord is the length of the longest word looked up, in characters.
const maxWord = 8

// vocabulary maps strings to ids of embeddings.
type vocabulary struct {
	ids map[string]int
	// unknown is the id of strings not in ids. It is unknownEntry's, which need not be 0.
	unknown int
}

func (v vocabulary) id(s string) int {
	if id, ok := v.ids[s]; ok {
		return id
	}
	return v.unknown
}

// vocabularies are the three that segmentation uses.
type vocabularies struct{ chars, pairs, words vocabulary }

// newVocabularies takes the vocabularies from the value of nagisa_v001.dict: a list of five dicts, from characters,
// pairs, words and parts of speech to ids and from words to lists of parts of speech (nagisa/prepro.py,
// create_vocabs_from_trainset).
func newVocabularies(value any, h hyperparameters) (vocabularies, error) {
	list, ok := value.(*pickle.List)
	if !ok || len(list.Items) != 5 {
		return vocabularies{}, errors.New("not a list of five vocabularies")
	}
	var all vocabularies
	for i, c := range []struct {
		name string
		to   *vocabulary
		size int
	}{
		{"characters", &all.chars, h.numChars},
		{"pairs", &all.pairs, h.numPairs},
		{"words", &all.words, h.numWords},
	} {
		v, err := newVocabulary(list.Items[i], c.size)
		if err != nil {
			return vocabularies{}, fmt.Errorf("vocabulary of %s: %w", c.name, err)
		}
		*c.to = v
	}
	return all, nil
}

// newVocabulary takes one vocabulary, whose ids must be below size, the number of embeddings there are. Ids may repeat:
// nagisa's own way of numbering words gives the first few the same one.
func newVocabulary(value any, size int) (vocabulary, error) {
	d, ok := value.(*pickle.Dict)
	if !ok {
		return vocabulary{}, errors.New("not a dict")
	}
	if size <= padID {
		return vocabulary{}, errors.New("no embedding for padding")
	}
	v := vocabulary{ids: make(map[string]int, len(d.Values))}
	for s, value := range d.Values {
		id, ok := value.(int64)
		if !ok || id < 0 || id >= int64(size) {
			return vocabulary{}, fmt.Errorf("%q has the id %v, not one of 0 to %d", s, value, size-1)
		}
		v.ids[s] = int(id)
	}
	if v.unknown, ok = v.ids[unknownEntry]; !ok {
		return vocabulary{}, fmt.Errorf("no entry %q", unknownEntry)
	}
	return v, nil
}

// features is what the network sees of one character: ids of embeddings.
type features struct {
	// chars, pairs and types are of the characters of the window, from left to right.
	chars, pairs, types []int
	// starting and ending are of all words of the vocabulary that start and end at the character, or unknown.
	starting, ending []int
}

// extract returns the features of every character of a text in lower case (nagisa/nagisa_utils.pyx,
// feature_extraction).
func (v vocabularies) extract(chars []string, window int) []features {
	n := len(chars)
	charIDs, pairIDs, types := make([]int, n), make([]int, n), make([]int, n)
	for i, c := range chars {
		second := endOfText
		if i+1 < n {
			second = chars[i+1]
		}
		charIDs[i], pairIDs[i], types[i] = v.chars.id(c), v.pairs.id(c+second), charType(c)
	}
	all := make([]features, n)
	for i := range all {
		all[i].chars = around(charIDs, i, window, padID)
		all[i].pairs = around(pairIDs, i, window, padID)
		all[i].types = around(types, i, window, typePad)
	}
	for i := range chars {
		word := ""
		for j := i; j < min(i+maxWord, n); j++ {
			word += chars[j]
			if id, ok := v.words.ids[word]; ok {
				all[i].starting = append(all[i].starting, id)
				all[j].ending = append(all[j].ending, id)
			}
		}
	}
	for i := range all {
		if len(all[i].starting) == 0 {
			all[i].starting = []int{v.words.unknown}
		}
		if len(all[i].ending) == 0 {
			all[i].ending = []int{v.words.unknown}
		}
	}
	return all
}

// around returns the window of ids centred on place i, with pad beyond the ends.
func around(ids []int, i, window, pad int) []int {
	w := make([]int, window)
	for k := range w {
		w[k] = pad
		if j := i - window/2 + k; 0 <= j && j < len(ids) {
			w[k] = ids[j]
		}
	}
	return w
}
