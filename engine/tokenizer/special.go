package tokenizer

// EncodeSpecial is Encode for text that may hold special tokens, such as what a chat template renders: where the text
// spells one, its id stands, as with Hugging Face's tokenizers. What the user wrote must not come here unless that is
// meant: it could end a turn. No token is added: the template writes the one that begins a text.
func (t *Tokenizer) EncodeSpecial(text string) []int32 { return t.encode(text, t.all) }

// seal prepares the search for tokens in text, once all of them are known.
func (t *Tokenizer) seal() {
	all := make(map[string]int32)
	for id, k := range t.kinds {
		if k == control || k == unknown {
			all[t.pieces[id]] = int32(id)
		}
	}
	if t.added != nil {
		for s, id := range t.added.ids {
			all[s] = id
		}
		t.added.limits = t.limits
	}
	if t.all = newMatcher(all); t.all != nil {
		t.all.limits = t.limits
	}
}
