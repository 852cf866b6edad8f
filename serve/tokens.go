package serve

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
)

// health says that the process answers. It needs no key.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusOK)
}

// modelCard is a model of /v1/models: what the protocol has, vLLM's max_model_len, and what tells two models apart.
type modelCard struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Created     int64  `json:"created"`
	OwnedBy     string `json:"owned_by"`
	MaxModelLen int    `json:"max_model_len"`
	Digest      string `json:"digest"`
	Tokenizer   string `json:"tokenizer_digest"`
	DType       string `json:"dtype"`
	StoredDType string `json:"stored_dtype"`
	Numerics    string `json:"numerics"`
	Parameters  int64  `json:"parameters"`
	Vocabulary  int    `json:"vocabulary"`
}

// OwnedBy is what /v1/models says of a model of this server.
const OwnedBy = "swallow-eval"

func (s *Server) card() modelCard {
	m := s.model.Identity
	return modelCard{
		ID: m.Name, Object: "model", Created: s.start.Unix(), OwnedBy: OwnedBy, MaxModelLen: s.model.Encoder.Window(),
		Digest: m.Digest, Tokenizer: m.TokenizerDigest, DType: m.DType, StoredDType: m.StoredDType, Numerics: m.Numerics,
		Parameters: m.Parameters, Vocabulary: m.Vocabulary,
	}
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, struct {
		Object string      `json:"object"`
		Data   []modelCard `json:"data"`
	}{"list", []modelCard{s.card()}})
}

func (s *Server) oneModel(w http.ResponseWriter, r *http.Request) error {
	if err := s.known(r.PathValue("id")); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.card())
}

// known refuses another model's name.
func (s *Server) known(name string) error {
	if name == s.model.Identity.Name {
		return nil
	}
	return &problem{http.StatusNotFound, fmt.Sprintf("model: the model %q is not served here, only %q", name, s.model.Identity.Name)}
}

// takeModel reads which model is asked for; none is the one that is served.
func (s *Server) takeModel(f *fields) error {
	name := s.model.Identity.Name
	if err := take(f, "model", &name); err != nil {
		return bad(err)
	}
	return s.known(name)
}

// tokenizerInfo is what lm-evaluation-harness reads of a remote tokenizer.
func (s *Server) tokenizerInfo(w http.ResponseWriter, _ *http.Request) error {
	tok := s.model.Encoder.Tokenizer()
	var info struct {
		Class  string  `json:"tokenizer_class"`
		BOS    *string `json:"bos_token"`
		EOS    *string `json:"eos_token"`
		Size   int     `json:"vocab_size"`
		Most   int     `json:"model_max_length"`
		Digest string  `json:"digest"`
	}
	info.Class, info.Size, info.Most, info.Digest = "swallow-eval", tok.VocabSize(), s.model.Encoder.Window(), tok.Digest()
	if id, ok := tok.BOS(); ok {
		text := tok.Piece(id)
		info.BOS = &text
	}
	if text := tok.EOSText(); text != "" {
		info.EOS = &text
	}
	return writeJSON(w, http.StatusOK, info)
}

func (s *Server) tokenize(w http.ResponseWriter, r *http.Request) error {
	f, release, err := s.read(w, r)
	if err != nil {
		return err
	}
	defer release()
	var text string
	var special, parse, strs bool
	_, given := f.values["prompt"]
	_, parsing := f.values["parse_special"]
	if err := errors.Join(take(f, "prompt", &text), take(f, "add_special_tokens", &special),
		take(f, "parse_special", &parse), take(f, "return_token_strs", &strs)); err != nil {
		return bad(err)
	}
	if err := s.takeModel(f); err != nil {
		return err
	}
	if err := f.finish(); err != nil {
		return bad(err)
	}
	if !given {
		return bad(errors.New("prompt: missing"))
	}
	tok := s.model.Encoder.Tokenizer()
	ids := tokenizeText(tok, text, special, parse, !parsing)
	var pieces []string
	for _, id := range ids {
		if strs {
			pieces = append(pieces, tok.Piece(id))
		}
	}
	return writeJSON(w, http.StatusOK, struct {
		Count   int      `json:"count"`
		Most    int      `json:"max_model_len"`
		Tokens  []int32  `json:"tokens"`
		Strings []string `json:"token_strs,omitempty"`
	}{len(ids), s.model.Encoder.Window(), append([]int32{}, ids...), pieces})
}

// tokenizeText encodes a text as the engine's requests are encoded. With name, a text that is nothing but a special token's
// spelling is that token: clients learn its id so.
func tokenizeText(tok *tokenizer.Tokenizer, text string, special, parse, name bool) []int32 {
	var ids []int32
	if id, ok := tok.ID(text); ok && name && tok.IsSpecial(id) {
		ids = []int32{id}
	} else if parse {
		ids = tok.EncodeSpecial(text)
	} else {
		ids = tok.Encode(text)
	}
	if bos, ok := tok.BOS(); ok && special {
		ids = slices.Concat([]int32{bos}, ids)
	}
	return ids
}

func (s *Server) detokenize(w http.ResponseWriter, r *http.Request) error {
	f, release, err := s.read(w, r)
	if err != nil {
		return err
	}
	defer release()
	raw, ok := f.values["tokens"]
	if !ok {
		return bad(errors.New("tokens: missing"))
	}
	delete(f.values, "tokens")
	ids, err := tokensOf(raw)
	if err != nil {
		return bad(fmt.Errorf("tokens: %w", err))
	}
	if err := s.takeModel(f); err != nil {
		return err
	}
	if err := f.finish(); err != nil {
		return bad(err)
	}
	return writeJSON(w, http.StatusOK, struct {
		Prompt string `json:"prompt"`
	}{s.model.Encoder.Tokenizer().Decode(ids)})
}

// sortedKeys are the keys of pairs in order.
func sortedKeys[V any](m map[[2]string]V) [][2]string {
	return slices.SortedFunc(maps.Keys(m), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
}
