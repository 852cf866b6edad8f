// Package nagisa cuts Japanese text into words as the Python package nagisa does with its published model.
//
// It promises nagisa's segmentation (0.2.8 to 0.2.10) on the files that nagisa ships: the same preparation of the text,
// the same features, network, best path and joining of characters to words, oddities included. The model is not part of
// this project; Load reads it from a folder and makes sure by git blob ids that it is the published one.
// The files are read as data only, within bounds, and whatever is not as expected is refused by name.
//
// The facts are those of taishi-i/nagisa (nagisa/{tagger,model,prepro}.py and nagisa/nagisa_utils.pyx at
// 7b760c57493f1f09c96d5642e238dae9875dbdaa) and of clab/dynet (2.1.2; dynet/lstm.cc, dynet/io.cc and BiRNNBuilder of
// python/_dynet.pyx). They are established by reading, and by comparing this package with those programs on small
// models: testdata/README.md. What that cannot show is how the published weights behave, which SelfCheck is for.
package nagisa

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// Names for metric signatures.
const (
	pinnedName   = "nagisa-0.2.x"
	unpinnedName = "nagisa-unpinned"
)

// Tagger cuts text into words. It is immutable: any number of goroutines may use one at once.
type Tagger struct {
	name       string
	vocabulary vocabularies
	network    *network
}

// Name identifies the segmentation in metric signatures: nagisa-0.2.x with the published model, nagisa-unpinned with
// any other.
func (t *Tagger) Name() string { return t.name }

// Words returns the words of text in order, as nagisa.tagging(text).words. They are cut from the prepared text: NFKC,
// with U+3000 for spaces and nothing at the end that was white space. A space is usually a word of its own.
// Characters the tagger leaves unfinished at the end are in no word.
func (t *Tagger) Words(text string) []string {
	text = preprocess(text)
	lower := characters(pytext.Lower(text))
	scores := t.network.scores(t.vocabulary.extract(lower, t.network.h.window))
	return join(characters(text), t.network.best(scores))
}

// characters splits text into its code points.
func characters(text string) []string {
	chars := make([]string, 0, len(text)/2)
	for i, r := range text {
		chars = append(chars, text[i:i+utf8.RuneLen(r)])
	}
	return chars
}

// SelfCheck cuts the Examples and returns an error that lists every one that comes out otherwise than published.
// Errors are expected of any model but the published one.
func (t *Tagger) SelfCheck() error {
	var wrong []error
	for _, e := range Examples() {
		if got := t.Words(e.Text); !slices.Equal(e.Words, got) {
			wrong = append(wrong, fmt.Errorf("nagisa: %q is cut into %q, published is %q", e.Text, got, e.Words))
		}
	}
	return errors.Join(wrong...)
}
