package nagisa

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/dynet"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/pickle"
)

// hyperparameters are the sizes of a network.
type hyperparameters struct {
	// layers is the number of LSTMs on top of each other, window the odd number of characters seen at each place.
	layers, window int
	// Lengths of the embeddings of a character, a pair, a character type, a word and a part of speech.
	dimChar, dimPair, dimType, dimWord, dimPOS int
	// dimHidden is the length of the two directions' outputs together, an even number.
	dimHidden int
	// Numbers of entries of the vocabularies.
	numChars, numPairs, numWords, numPOS int
}

// newHyperparameters takes the sizes from the value of nagisa_v001.hp, a dict. Each must be within bounds a little above
// anything sensible, so that no product of them is out of hand.
func newHyperparameters(value any) (hyperparameters, error) {
	d, ok := value.(*pickle.Dict)
	if !ok {
		return hyperparameters{}, errors.New("not a dict")
	}
	var h hyperparameters
	for _, c := range []struct {
		key string
		to  *int
		max int64
	}{
		{"LAYERS", &h.layers, 8},
		{"WINDOW_SIZE", &h.window, 31},
		{"DIM_UNI", &h.dimChar, 1024},
		{"DIM_BI", &h.dimPair, 1024},
		{"DIM_CTYPE", &h.dimType, 1024},
		{"DIM_WORD", &h.dimWord, 1024},
		{"DIM_TAGEMB", &h.dimPOS, 1024},
		{"DIM_HIDDEN", &h.dimHidden, 4096},
		{"VOCAB_SIZE_UNI", &h.numChars, 1 << 20},
		{"VOCAB_SIZE_BI", &h.numPairs, 1 << 22},
		{"VOCAB_SIZE_WORD", &h.numWords, 1 << 22},
		{"VOCAB_SIZE_POSTAG", &h.numPOS, 1 << 16},
	} {
		value, ok := d.Values[c.key]
		if !ok {
			return hyperparameters{}, fmt.Errorf("no %s", c.key)
		}
		n, ok := value.(int64)
		if !ok || n < 1 || n > c.max {
			return hyperparameters{}, fmt.Errorf("%s is %v, not an int from 1 to %d", c.key, value, c.max)
		}
		*c.to = int(n)
	}
	switch {
	case h.window%2 == 0:
		return hyperparameters{}, fmt.Errorf("WINDOW_SIZE is %d, not odd", h.window)
	case h.dimHidden%2 != 0:
		return hyperparameters{}, fmt.Errorf("DIM_HIDDEN is %d, not even", h.dimHidden)
	case h.dimChar%2 != 0: // An LSTM over the characters of a word, unused here, has this size.
		return hyperparameters{}, fmt.Errorf("DIM_UNI is %d, not even", h.dimChar)
	}
	return h, nil
}

// input is the length of what the network sees of one character.
func (h hyperparameters) input() int {
	return (h.dimChar+h.dimPair+h.dimType)*h.window + 2*h.dimWord
}

// Places of records in the model, lookups first. The parameters begin with those of segmentation's LSTMs, three for each
// direction of each layer.
const (
	lookupChars = iota
	lookupPairs
	lookupWords
	lookupTypes
	lookupPOS
	lookupTransitions
)

// parametersPerLSTM is the number of parameters of one LSTM in one direction.
const parametersPerLSTM = 3

// shapes lists the records of the model in the order in which nagisa makes them (nagisa/model.py, Model.__init__).
// Those of the part-of-speech tagger are there too, for the file holds them, but are not used.
func (h hyperparameters) shapes() dynet.Model[dynet.Shape] {
	m := dynet.Model[dynet.Shape]{Lookups: []dynet.Shape{
		lookupChars:       {Label: "characters", Dims: []int{h.dimChar, h.numChars}},
		lookupPairs:       {Label: "pairs", Dims: []int{h.dimPair, h.numPairs}},
		lookupWords:       {Label: "words", Dims: []int{h.dimWord, h.numWords}},
		lookupTypes:       {Label: "character types", Dims: []int{h.dimType, numTypes}},
		lookupPOS:         {Label: "parts of speech", Dims: []int{h.dimPOS, h.numPOS}},
		lookupTransitions: {Label: "transitions", Dims: []int{numTags, numTags}},
	}}
	for _, lstm := range []struct {
		label         string
		input, hidden int
	}{
		{"segmentation", h.input(), h.dimHidden},
		{"part of speech", h.dimWord + h.dimChar + h.dimPOS, h.dimHidden},
		{"characters of a word", h.dimChar, h.dimChar},
	} {
		input := lstm.input
		for layer := range h.layers {
			for _, direction := range []string{"forward", "backward"} {
				label := fmt.Sprintf("%s LSTM, layer %d %s, ", lstm.label, layer+1, direction)
				half := lstm.hidden / 2
				m.Parameters = append(m.Parameters,
					dynet.Shape{Label: label + "input weights", Dims: []int{gates * half, input}},
					dynet.Shape{Label: label + "recurrent weights", Dims: []int{gates * half, half}},
					dynet.Shape{Label: label + "bias", Dims: []int{gates * half}})
			}
			input = lstm.hidden
		}
	}
	m.Parameters = append(m.Parameters,
		dynet.Shape{Label: "tag weights", Dims: []int{numTags, h.dimHidden}},
		dynet.Shape{Label: "tag bias", Dims: []int{numTags}},
		dynet.Shape{Label: "part-of-speech weights", Dims: []int{h.numPOS, h.dimHidden}},
		dynet.Shape{Label: "part-of-speech bias", Dims: []int{h.numPOS}})
	return m
}
