// Package mecab cuts Japanese text into words exactly as `mecab -Owakati` does with the IPA dictionary in UTF-8.
//
// It promises MeCab 0.996's own answer, not a similar one: the same lattice, the same unknown words from char.def and
// unk.def, the same sums of the same costs and the same winner where sums are equal. The words, their costs and the
// connection matrix are mecab-ipadic-2.7.0-20070801 as github.com/ikawaha/kagome-dict/ipa carries it; that project's
// own tokenizer follows other rules for unknown words and is not used.
//
// The rules are those of MeCab's src/tokenizer.cpp, src/viterbi.cpp, src/char_property.{h,cpp} and src/ucs.h
// (github.com/taku910/mecab at 61b90ba6e669dc2d7d533d4a80d206f3b31d52b1).
//
// One thing MeCab itself leaves open: between entries of equal spelling and equal total cost its winner depends on the
// order of the dictionary's source files on the machine that compiled it. Here it is the order of kagome-dict.
package mecab

import (
	"fmt"

	"github.com/ikawaha/kagome-dict/dict"
	"github.com/ikawaha/kagome-dict/ipa"
)

// name goes into metric signatures.
const name = "mecab-ipadic-2.7.0"

// Segmenter cuts text into words. It is immutable: any number of goroutines may use one at once.
type Segmenter struct {
	chars  []charInfo
	index  dict.IndexTable
	morphs dict.Morphs
	matrix []int16
	// stride is the number of right contexts, the length of one row of matrix.
	stride int
}

// New returns a segmenter. The first call in a process unpacks the embedded dictionary, which takes about half a second
// and 40 MB; later ones share it. The error names a part of the dictionary that does not fit the others.
func New() (*Segmenter, error) {
	d := ipa.DictShrink()
	g := &Segmenter{
		chars:  charTable(),
		index:  d.Index,
		morphs: d.Morphs,
		matrix: d.Connection.Vec,
		stride: int(d.Connection.Row),
	}
	if err := g.check(int(d.Connection.Col)); err != nil {
		return nil, fmt.Errorf("IPA dictionary: %w", err)
	}
	return g, nil
}

// check makes sure that every entry's contexts lie inside the connection matrix of the given number of left contexts.
func (g *Segmenter) check(lefts int) error {
	if g.stride <= 0 || lefts <= 0 || len(g.matrix) != g.stride*lefts {
		return fmt.Errorf("connection matrix has %d costs for %d x %d contexts", len(g.matrix), g.stride, lefts)
	}
	inside := func(left, right int16) bool {
		return 0 <= left && int(left) < lefts && 0 <= right && int(right) < g.stride
	}
	for i, m := range g.morphs {
		if !inside(m.LeftID, m.RightID) {
			return fmt.Errorf("entry %d has contexts %d and %d, the matrix %d x %d", i, m.LeftID, m.RightID, lefts, g.stride)
		}
	}
	for _, c := range categories {
		for _, m := range c.unknown {
			if !inside(m.left, m.right) {
				return fmt.Errorf("unknown words of %s have contexts %d and %d, the matrix %d x %d", c.name, m.left, m.right, lefts, g.stride)
			}
		}
	}
	return nil
}

// Name identifies the rules and the dictionary in metric signatures.
func (g *Segmenter) Name() string { return name }

// Words returns the words of text in order. Spaces, tabs, line feeds and vertical tabs separate words and belong to
// none; every other character of text is in exactly one word. The text is one sentence, whatever line feeds it holds,
// as it is to MeCab's library; the mecab program cuts at line feeds first. In text that is not UTF-8, MeCab takes the
// lead byte's word for the length of a character, and an overlong space for a space.
//
// MeCab gives up on a text whose costs sum to 2^31, some hundred thousand words; Words does not.
func (g *Segmenter) Words(text string) []string {
	return newLattice(g, text).words()
}
