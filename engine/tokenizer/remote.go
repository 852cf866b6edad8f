package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Remote is a tokenizer that another process has. It returns no errors: an implementation that can fail has its own way to
// end the work, for nothing that was computed without it may be kept.
type Remote interface {
	// Encode returns the ids of a text, none added. With special, text that spells a special token is that token.
	Encode(text string, special bool) []int32
	// Decode returns what ids, none of which is special, add after other text: the first one's space is there.
	Decode(ids []int32) string
	// Pieces returns the vocabulary's spelling of each token of a text.
	Pieces(text string) []string
}

// RemoteFacts are what a tokenizer of another process is known to be. An empty BOS or EOS is one that it does not have.
type RemoteFacts struct {
	BOS, EOS     string // as the vocabulary spells them
	BOSID, EOSID int32
	// AddsBOS is what [Tokenizer.AddsBOS] tells.
	AddsBOS bool
	// Leading tells whether decoded text begins with a space that was not in the encoded text.
	Leading bool
	// Digest stands for the digest of files that nobody here has seen.
	Digest string
}

// FromRemote returns a tokenizer that asks another process. Of its vocabulary only BOS and EOS are known: VocabSize and Tokens
// are 0, other tokens have no spelling.
func FromRemote(r Remote, facts RemoteFacts) (*Tokenizer, error) {
	v := newVocabulary(0)
	for _, named := range []struct {
		text string
		id   int32
	}{{facts.BOS, facts.BOSID}, {facts.EOS, facts.EOSID}} {
		if named.text == "" || v.ids[named.text] == named.id && v.kind(named.id) == control {
			continue // of some models one token begins and ends
		}
		if named.id < 0 || named.id > maxRemoteID {
			return nil, fmt.Errorf("token %s has the id %d", quote(named.text), named.id)
		}
		v.grow(int(named.id) + 1)
		if err := v.set(named.id, named.text, control); err != nil {
			return nil, err
		}
	}
	t := newTokenizer(v, &remote{r, facts.Leading}, nil, nil)
	t.digest, t.opens = facts.Digest, facts.AddsBOS
	if facts.BOS != "" {
		t.bos = facts.BOSID
	}
	if facts.EOS != "" {
		t.eos = facts.EOSID
	}
	return t, nil
}

// maxRemoteID is above the ids of all vocabularies that are published, and bounds what a wrong one costs.
const maxRemoteID = 1 << 24

// remote is the coder of such a tokenizer.
type remote struct {
	Remote
	space bool
}

// encode is asked to look for special tokens by EncodeSpecial alone: there are no others that are known.
func (r *remote) encode(w *workspace, text string, tokens *matcher) {
	if text != "" {
		w.out = append(w.out, r.Encode(text, tokens != nil)...)
	}
}

func (r *remote) decode(v *vocabulary, ids []int32) string {
	text := slices.DeleteFunc(slices.Clone(ids), func(id int32) bool { return id < 0 || v.kind(id) == control })
	if len(text) == 0 {
		return ""
	}
	return r.Decode(text)
}

// isByte is asked where a text must not end too early: a token whose text is no whole character, or one that a byte could be.
func (r *remote) isByte(v *vocabulary, id int32) bool {
	text := r.decode(v, []int32{id})
	return strings.ContainsRune(text, utf8.RuneError) || len(text) == 1
}

func (r *remote) leading() bool { return r.space }
