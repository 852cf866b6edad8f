package openai

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

// errNoTokenizer is why a server's own tokenizer is not enough.
var errNoTokenizer = errors.New("the server's own tokenizer cannot be used, name one with --tokenizer")

// OpenEncoder is the encoder of a served model whose tokenizer is the server's: texts are sent to its /tokenize, tokens to its
// /detokenize. BOS and EOS come from /tokenizer_info, or from /props where that is llama.cpp's, the number of positions from
// /v1/models. Texts that fail end the task as a failed request does ([guard.Call]).
//
// Which of the later wrappers' rules for BOS hold is asked with add_special_tokens. Text that spells a special token is
// that token where the server reads it so (vLLM does).
func OpenEncoder(ctx context.Context, a Address, o Options) (*wrapper.Encoder, error) {
	o = o.filled()
	s := newServer(a, o)
	m, err := s.listed(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s%s/v1#%s: %w", Prefix, a.Root, a.Served, err)
	}
	s.dialect = dialectOf(m)
	r := &remoteTokenizer{ctx: ctx, server: s, memory: map[string][]int32{}, texts: map[int32]string{}}
	var tok *tokenizer.Tokenizer
	if err = guard.Call(func() (err error) { tok, err = r.open(); return err }); err != nil {
		return nil, fmt.Errorf("%s%s/v1#%s: %w: %w", Prefix, a.Root, a.Served, errNoTokenizer, err)
	}
	positions := m.Positions
	if m.Meta != nil {
		positions = m.Meta.Trained // its context is a matter of its flags
	}
	if positions <= 0 {
		return nil, fmt.Errorf("%s%s/v1#%s: %w: it does not say how many positions the model has", Prefix, a.Root, a.Served, errNoTokenizer)
	}
	return wrapper.NewEncoder(tok, positions), nil
}

// remoteTokenizer is a tokenizer.Remote. Neighbouring requests share texts, so the last ones are remembered.
type remoteTokenizer struct {
	ctx    context.Context
	server *server
	anchor []int32 // tokens of a letter, and their text, before which everything is decoded
	letter string

	mutex  sync.Mutex
	memory map[string][]int32
	// texts are those of single tokens, where the text of several is that of each of them (joins).
	texts map[int32]string
	joins bool
}

// remembered is how many texts are remembered at most; then all are forgotten.
const remembered = 4096

// anchored is the text that everything is decoded behind.
const anchored = "a"

// open asks what is to be known of the tokenizer.
func (r *remoteTokenizer) open() (*tokenizer.Tokenizer, error) {
	bos, eos, err := r.ends()
	if err != nil {
		return nil, err
	}
	if eos == "" {
		return nil, errors.New("it does not say which token ends a text (/tokenizer_info)")
	}
	facts := tokenizer.RemoteFacts{BOS: bos, EOS: eos, BOSID: -1}
	if facts.EOSID, err = r.special(eos); err != nil {
		return nil, err
	}
	if bos != "" {
		if facts.BOSID, err = r.special(bos); err != nil {
			return nil, err
		}
	}
	r.anchor = r.Encode(anchored, false)
	r.letter = r.text(r.anchor)
	if len(r.anchor) == 0 || strings.TrimLeft(r.letter, " ") != anchored {
		return nil, fmt.Errorf("it reads %q as %v and that as %q", anchored, r.anchor, r.letter)
	}
	switch again := r.Decode(r.anchor); again {
	case anchored:
	case " " + anchored:
		facts.Leading = true
	default:
		return nil, fmt.Errorf("it reads %v after itself as %q", r.anchor, again)
	}
	r.joins = !slices.ContainsFunc(append(probes(), digestTexts()...), func(text string) bool {
		ids := r.Encode(text, false)
		joined, ok := r.join(ids)
		return ok && joined != r.behind(ids)
	})
	opened := r.ask(anchored, true, false)
	facts.AddsBOS = bos != "" && len(opened) > 0 && opened[0] == facts.BOSID
	facts.Digest = r.digest(facts)
	return tokenizer.FromRemote(r, facts)
}

// ends are the spellings of the tokens that begin and end a text.
func (r *remoteTokenizer) ends() (bos, eos string, err error) {
	path := "/tokenizer_info"
	if r.server.dialect == (llamacpp{}) {
		path = "/props"
	}
	var a struct {
		BOS any `json:"bos_token"`
		EOS any `json:"eos_token"`
	}
	if err := r.server.call(r.ctx, path, nil, &a); err != nil {
		return "", "", err
	}
	return spelling(a.BOS), spelling(a.EOS), nil
}

// spelling reads a token of a tokenizer_config.json: a string, or an object that has it as its content.
func spelling(v any) string {
	if o, ok := v.(map[string]any); ok {
		v = o["content"]
	}
	s, _ := v.(string)
	return s
}

// special is the id of a special token.
func (r *remoteTokenizer) special(text string) (int32, error) {
	ids := r.ask(text, false, true)
	if len(ids) != 1 {
		return 0, fmt.Errorf("its token %q is %v to it, not one token", text, ids)
	}
	return ids[0], nil
}

// digest is that of its answers to fixed texts: two that differ in them are two tokenizers.
func (r *remoteTokenizer) digest(facts tokenizer.RemoteFacts) string {
	sum := sha256.New()
	fmt.Fprintln(sum, facts)
	for _, text := range append(probes(), digestTexts()...) {
		fmt.Fprintln(sum, r.Encode(text, false))
	}
	return results.AnswersDigest + "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// digestTexts touch what tokenizers differ in: spaces, digits, scripts, line feeds, code, and characters that few vocabularies have.
func digestTexts() []string {
	return []string{
		"  two spaces,\n\nthree lines\n", "In 2023, 1234567890 tokens; 3.14159e-10", "吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。",
		"コンピュータ・サイエンス（計算機科学）　全角スペース", "def f(x):\n\treturn {'a': [x ** 2, \"b\"]}", "naïve café, Straße, Ελληνικά, Русский, 한국어, 🦜🌸, 𠮷野家",
		"質問：東京都の人口は？\n回答：約1,400万人", "ＡＢＣ１２３ ｶﾀｶﾅ ① ㈱ é",
	}
}

// Encode is tokenizer.Remote's.
func (r *remoteTokenizer) Encode(text string, special bool) []int32 {
	key := text
	if special {
		key = "\x00" + text
	}
	r.mutex.Lock()
	ids, known := r.memory[key]
	r.mutex.Unlock()
	if known {
		return ids
	}
	ids = r.ask(text, false, special)
	r.mutex.Lock()
	if len(r.memory) >= remembered {
		clear(r.memory)
	}
	r.memory[key] = ids
	r.mutex.Unlock()
	return ids
}

// Decode is tokenizer.Remote's.
func (r *remoteTokenizer) Decode(ids []int32) string {
	if r.joins {
		if text, ok := r.join(ids); ok {
			return text
		}
	}
	return r.behind(ids)
}

// join is the text of tokens put together, false where one of them alone is no whole character. An answer is read again with
// each of its tokens, so only the first sight of a token is asked for.
func (r *remoteTokenizer) join(ids []int32) (string, bool) {
	var b strings.Builder
	for _, id := range ids {
		r.mutex.Lock()
		text, known := r.texts[id]
		r.mutex.Unlock()
		if !known {
			text = r.behind([]int32{id})
			r.mutex.Lock()
			r.texts[id] = text
			r.mutex.Unlock()
		}
		if strings.ContainsRune(text, utf8.RuneError) {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// behind is what tokens add behind the anchor.
func (r *remoteTokenizer) behind(ids []int32) string {
	whole := r.text(slices.Concat(r.anchor, ids))
	text, ok := strings.CutPrefix(whole, r.letter)
	if !ok {
		guard.Fail(wrong("the text of %v does not begin with that of its beginning, %q", ids, r.letter))
	}
	return text
}

// tokenized is what servers answer to /tokenize.
type tokenized struct {
	Tokens  []int32  `json:"tokens"`
	Strings []string `json:"token_strs"`
}

// Pieces is tokenizer.Remote's.
func (r *remoteTokenizer) Pieces(text string) []string {
	if r.server.dialect == (llamacpp{}) {
		guard.Fail(errors.New("a metric counts in the spellings of tokens, which llama.cpp's server does not tell: name the model's tokenizer with --tokenizer"))
	}
	body := r.texted(text, false, false)
	body["return_token_strs"] = true
	var a tokenized
	r.call("/tokenize", body, &a)
	if len(a.Strings) != len(a.Tokens) {
		guard.Fail(wrong("a metric counts in the spellings of tokens, of which the server tells %d for %d tokens: name the model's tokenizer with --tokenizer", len(a.Strings), len(a.Tokens)))
	}
	return a.Strings
}

// ask has a text turned into tokens.
func (r *remoteTokenizer) ask(text string, add, special bool) []int32 {
	var a tokenized
	r.call("/tokenize", r.texted(text, add, special), &a)
	return a.Tokens
}

// texted is the body of /tokenize. vLLM reads special tokens in any text.
func (r *remoteTokenizer) texted(text string, add, special bool) map[string]any {
	switch r.server.dialect {
	case llamacpp{}:
		return map[string]any{"content": text, "add_special": add, "parse_special": special}
	case vllm{ours: true}:
		return map[string]any{"model": r.server.Served, "prompt": text, "add_special_tokens": add, "parse_special": special}
	}
	return map[string]any{"model": r.server.Served, "prompt": text, "add_special_tokens": add}
}

// text has tokens turned into text.
func (r *remoteTokenizer) text(ids []int32) string {
	var a struct {
		Prompt  *string `json:"prompt"`
		Content *string `json:"content"`
	}
	r.call("/detokenize", map[string]any{"model": r.server.Served, "tokens": ids}, &a)
	switch {
	case a.Prompt != nil:
		return *a.Prompt
	case a.Content != nil:
		return *a.Content
	}
	guard.Fail(wrong("/detokenize: no text"))
	return ""
}

func (r *remoteTokenizer) call(path string, body, out any) {
	if err := r.server.call(r.ctx, path, body, out); err != nil {
		guard.Fail(fmt.Errorf("%s: %w", r.server.Root, err))
	}
}
