package invent

import (
	"slices"
	"strings"
)

// Words returns the words that the templates are filled with, sorted, each once: what a tokenizer of these texts should
// know whole.
func Words() []string {
	var words []string
	pairs := func(lists ...[]pair) {
		for _, list := range lists {
			for _, p := range list {
				words = append(words, p.ja, p.en)
			}
		}
	}
	for _, g := range groups() {
		words = append(append(words, g.name), g.members...)
	}
	pairs(actors(), characters(), things(), qualities(), deeds(), times(), places(), goods(), days(), weathers(), counted(), townNames())
	for _, r := range relations() {
		words = append(words, r.ja, r.en)
		pairs(r.values)
	}
	for _, a := range acts() {
		words = append(words, a.ja, a.jaPolite, a.en, a.enPlain)
	}
	for _, list := range [][]string{surnames(), firstNames(), events(), outcomes(), specialities(), hobbies(), dishes(), persons()} {
		words = append(words, list...)
	}
	for _, s := range schemas() {
		words = append(words, s.first, s.second)
	}
	for _, c := range comparisons() {
		words = append(words, c.claim)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	return slices.DeleteFunc(words, func(w string) bool { return strings.Contains(w, " ") })
}
