package results

import (
	"fmt"
	"strings"
)

// QuantisationNote is the sentence that belongs beside every number of a model whose weights were rounded to a few bits
// before they were stored, "" for the others.
func QuantisationNote(m Model) string {
	name := strings.ToUpper(m.StoredDType)
	digits := strings.TrimPrefix(strings.TrimPrefix(name, "I"), "Q")
	if digits == name || digits == "" || digits[0] < '1' || digits[0] > '8' {
		return ""
	}
	return "weights rounded to " + name + ": not the published model"
}

// ArithmeticNote is the sentence that belongs beside every number that was computed in less than the model's own precision,
// "" for the others.
func ArithmeticNote(m Model) string {
	if m.DType != "q8" {
		return ""
	}
	return "computed with --dtype q8: weights and inputs rounded to 8 bits, not the published model"
}

// shortPart is the part of a matrix's rows that may be without a piece: vocabularies are filled up to a multiple of 64 or
// so, of which two in a hundred is more than any.
const shortPart = 0.02

// VocabularyNote is the sentence about a tokenizer with far fewer pieces than the model has rows: most likely that of
// another model, whose text the model has never seen so cut. "" where that is not so, or not known.
func VocabularyNote(m Model) string {
	if m.Pieces == 0 || float64(m.Vocabulary-m.Pieces) <= shortPart*float64(m.Vocabulary) {
		return ""
	}
	return fmt.Sprintf("%d of %d rows of the model have no token, the tokenizer has %d: it is likely that of another model, and every number wrong",
		m.Vocabulary-m.Pieces, m.Vocabulary, m.Pieces)
}

// IgnoredNote is the sentence about configuration keys that somebody answers for, "" where there are none.
func IgnoredNote(m Model) string {
	if len(m.IgnoredConfig) == 0 {
		return ""
	}
	return "--ignore-config " + strings.Join(m.IgnoredConfig, ", ") + ": not known to the engine, taken to change nothing on the user's word"
}

// AdapterNote is the sentence about a LoRA adapter, "" where there is none.
func AdapterNote(m Model) string {
	if m.Adapter == nil {
		return ""
	}
	return "LoRA adapter " + m.Adapter.Name + " merged into the weights: not the published model"
}

// ServerNote is the sentence about a model that somebody else computed, "" for the others.
func ServerNote(m Model) string {
	if m.Server == nil {
		return ""
	}
	return "answers of a server: weights not verified (asked as " + m.Server.Dialect + ")"
}

// ModelNotes are the sentences about the model that belong beside every number.
func ModelNotes(m Model) []string {
	var list []string
	for _, note := range []string{QuantisationNote(m), AdapterNote(m), ArithmeticNote(m), VocabularyNote(m), IgnoredNote(m), ServerNote(m)} {
		if note != "" {
			list = append(list, note)
		}
	}
	return list
}
