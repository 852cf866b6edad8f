package results

import "strings"

// quantised is the type that weights were rounded to before they were stored, "" where they were not.
func quantised(m Model) string {
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
func foreignTokenizer(m Model) bool {
	return m.Pieces != 0 && float64(m.Vocabulary-m.Pieces) > shortPart*float64(m.Vocabulary)
}

// AnswersDigest begins the digest of a tokenizer of which only a server's answers to some texts are known.
const AnswersDigest = "answers:"

// modelNotes adds what belongs beside every number of a model.
func modelNotes(l *noteList, m Model) {
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
	if strings.HasPrefix(m.TokenizerDigest, AnswersDigest) {
		l.add("served-tokenizer")
	}
}

// ModelNotes are the sentences about the model that belong beside every number, as they are stored.
func ModelNotes(m Model) []string {
	var l noteList
	modelNotes(&l, m)
	var list []string
	for _, n := range l.notes {
		list = append(list, sentence(n.Key, n.Args))
	}
	return list
}
