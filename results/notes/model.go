package notes

import (
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// quantised is the type that weights were rounded to before they were stored, "" where they were not.
func quantised(m results.Model) string {
	name := strings.ToUpper(m.StoredDType)
	digits := strings.TrimPrefix(strings.TrimPrefix(name, "I"), "Q")
	if digits == name || digits == "" || digits[0] < '1' || digits[0] > '8' {
		return ""
	}
	return name
}

// shortPart is the part of a matrix's rows that may be without a piece: vocabularies are filled up to a multiple of 64 or
// so, of which two in a hundred is more than any.
const shortPart = 0.02

// foreignTokenizer tells of a tokenizer with far fewer pieces than the model has rows: most likely that of another model,
// whose text the model has never seen so cut. It is false where the numbers are not known.
func foreignTokenizer(m results.Model) bool {
	return m.Pieces != 0 && float64(m.Vocabulary-m.Pieces) > shortPart*float64(m.Vocabulary)
}

// modelNotes adds what belongs beside every number of a model.
func modelNotes(l *noteList, m results.Model) {
	if name := quantised(m); name != "" {
		l.add("quantised", name)
	}
	if m.Adapter != nil {
		l.add("adapter", m.Adapter.Name)
	}
	if m.DType == "q8" {
		l.add("lossy")
	}
	if foreignTokenizer(m) {
		l.add("vocabulary", m.Vocabulary-m.Pieces, m.Vocabulary, m.Pieces)
	}
	if len(m.IgnoredConfig) > 0 { // on the user's word
		l.add("ignored", strings.Join(m.IgnoredConfig, ", "))
	}
	if m.Server != nil {
		l.add("server", m.Server.Dialect)
	}
	if strings.HasPrefix(m.TokenizerDigest, results.AnswersDigest) {
		l.add("served-tokenizer")
	}
}

// OfModel are the sentences about the model that belong beside every number, as they are stored.
func OfModel(m results.Model) []string {
	var l noteList
	modelNotes(&l, m)
	var list []string
	for _, n := range l.notes {
		list = append(list, sentence(n.Key, n.Args))
	}
	return list
}

// Generation is a sentence about settings, "" where there are none.
func Generation(list []results.GenerationSetting) string {
	var ignored, obeyed []string
	file := ""
	for _, s := range list {
		file = s.File
		text := s.Key + " " + s.Value
		if s.Applied {
			obeyed = append(obeyed, text)
		} else {
			ignored = append(ignored, text)
		}
	}
	var parts []string
	if ignored != nil {
		parts = append(parts, strings.Join(ignored, ", ")+" not applied (how to generate is decided here)")
	}
	if obeyed != nil {
		parts = append(parts, strings.Join(obeyed, ", ")+" applied")
	}
	if parts == nil {
		return ""
	}
	return "the model's " + file + ": " + strings.Join(parts, "; ")
}
