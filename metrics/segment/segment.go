// Package segment is the segmenters of Japanese that BLEU may count words of, by name. The published column used nagisa; another one
// gives another number, and the metric's signature says which it was.
package segment

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/mecab"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// The segmenters by name. Nagisa reads its model from files, MeCab is within the program, Char splits into code points.
const (
	Nagisa = "nagisa"
	MeCab  = "mecab"
	Char   = "char"
)

// Names are the segmenters' names, the published one first.
func Names() []string { return []string{Nagisa, MeCab, Char} }

// Open loads a segmenter, and its own name into e. dir is the folder of nagisa's model; the others need none.
func Open(name, dir string) (e metrics.Env, err error) {
	var words func(string) []string
	switch name {
	case Nagisa:
		t, err := nagisa.Load(dir)
		if err != nil {
			return e, err
		}
		words, e.Segmenter = t.Words, t.Name()
	case MeCab:
		s, err := mecab.New()
		if err != nil {
			return e, err
		}
		words, e.Segmenter = s.Words, s.Name()
	case Char:
		words, e.Segmenter = characters, Char
	default:
		return e, fmt.Errorf("%q: choose %s, %s or %s", name, Nagisa, MeCab, Char)
	}
	e.Segment = func(text string) string { return strings.Join(words(text), " ") }
	return e, nil
}

// Fetched says whether nagisa's model has been brought to dir.
func Fetched(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, nagisa.Files()[0].Name))
	return err == nil
}

// characters splits a text into code points other than white space.
func characters(text string) []string {
	var list []string
	for _, word := range pytext.Fields(text) {
		for _, r := range word {
			list = append(list, string(r))
		}
	}
	return list
}
