package tokenizer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
)

// loadGGUF reads the vocabulary inside a GGUF file.
//
// The file does not hold all that the tokenizer was: of a SentencePiece model the pieces are there, its normalizer's
// options are not. llama.cpp takes a leading "▁" and nothing else, which is what Llama 2 and Swallow have, and so does this.
// What it takes differently for a vocabulary that this package cannot reproduce is refused.
func loadGGUF(path string) (*Tokenizer, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	v, err := f.Vocabulary()
	if err != nil {
		return nil, errorsOf(err, f.Close())
	}
	var t *Tokenizer
	switch v.Model {
	case "llama":
		t, err = ggufMarks(v)
	case "gpt2":
		t, err = ggufBytes(v)
	default:
		err = fmt.Errorf("tokenizer.ggml.model %s is not supported, only llama and gpt2", quote(v.Model))
	}
	if err == nil {
		err = t.nameEnds(v)
	}
	if err == nil {
		t.seal()
	}
	if err != nil {
		return nil, errorsOf(fmt.Errorf("%s: %w", f.Name(), err), f.Close())
	}
	t.digest = "sha256:" + v.Digest
	return t, f.Close()
}

func errorsOf(first, second error) error {
	if second == nil {
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
}

// Token types (enum llama_token_type) are SentencePiece's.
const typeUndefined = 0

// ggufMarks builds the tokenizer of a SentencePiece model.
func ggufMarks(v *gguf.Vocabulary) (*Tokenizer, error) {
	if v.Charsmap {
		return nil, errors.New("tokenizer.ggml.precompiled_charsmap: normalization tables are not supported")
	}
	if v.Scores == nil || v.Types == nil {
		return nil, errors.New("a vocabulary of model llama needs tokenizer.ggml.scores and token_type")
	}
	m := &model{
		trainer:    trainerSpec{modelType: modelBPE},
		normalizer: normalizerSpec{dummyPrefix: v.SpacePrefix, extraSpaces: v.ExtraSpaces, escapeSpaces: true},
		skipUnused: true,
	}
	scores := make(map[float32]bool)
	long := 0
	for i, text := range v.Tokens {
		p := piece{text: text, score: v.Scores[i], kind: uint64(v.Types[i])}
		switch p.kind {
		case typeByte:
			m.trainer.byteFallback = true
		case typeUserDefined:
			if v.SpacePrefix {
				return nil, ambiguous(i, text)
			}
			p.text = strings.ReplaceAll(text, " ", markText) // conversions write added tokens as text
		case typeNormal:
			if _, alone := single(text); !alone {
				scores[p.score] = true
				long++
			}
		case typeUndefined:
			return nil, fmt.Errorf("token %d, %s, has no type", i, quote(text))
		}
		m.pieces = append(m.pieces, p)
	}
	if long > 1 && len(scores) == 1 {
		return nil, errors.New("all tokens have the same score: the conversion lost the order of the merges (it was made from a tokenizer.json); use the model's directory")
	}
	vocabulary, err := m.vocabulary()
	if err != nil {
		return nil, err
	}
	c, err := m.coder(&vocabulary)
	if err != nil {
		return nil, err
	}
	t := newTokenizer(vocabulary, c, nil, nil)
	t.opens = true
	return t, nil
}

// ambiguous refuses tokens that are found in a text before all else where texts begin with a space of their own.
func ambiguous(i int, text string) error {
	return fmt.Errorf("token %d, %s, is user-defined: whether SentencePiece or Hugging Face added it, who treat the spaces around it differently, the file does not say; use the model's directory", i, quote(text))
}

// ggufBytes builds a byte-level tokenizer. What tokenizer.ggml.pre names is what the tokenizer.json of those models has,
// ignore_merges and the normalizer included (llama.cpp leaves the normalizer out).
func ggufBytes(v *gguf.Vocabulary) (*Tokenizer, error) {
	d := document{pipeline: pipeline{bytes: &byteSplit{prefix: v.SpacePrefix}}}
	pattern := ""
	switch v.Pre {
	case "llama-bpe", "llama3", "llama-v3":
		pattern, d.model.ignoreMerges = llama3Pattern, true
	case "gpt-2":
		pattern = gpt2Pattern
	case "qwen2":
		pattern, d.pipeline.nfc = qwen2Pattern, true
	case "tekken":
		pattern, d.model.ignoreMerges = tekkenPattern, true
	case "":
		return nil, errors.New("tokenizer.ggml.pre: missing: how a text is split is not known; convert the model anew")
	default:
		return nil, fmt.Errorf("tokenizer.ggml.pre %s is not supported, only llama-bpe, qwen2, tekken and gpt-2", quote(v.Pre))
	}
	d.pipeline.bytes.steps = []split{{words: newWords(pattern, newClassTable())}}
	if v.Merges == nil {
		return nil, errors.New("tokenizer.ggml.merges: missing")
	}
	words, searched := newVocabulary(len(v.Tokens)), make(map[string]int32)
	for i, text := range v.Tokens {
		k := normal
		if v.Types != nil {
			switch v.Types[i] {
			case typeNormal:
			case typeControl, typeUnknown:
				k = control
			case typeUnused:
				continue
			case typeUserDefined:
				k, searched[text] = userDefined, int32(i)
			default:
				return nil, fmt.Errorf("token %d, %s, has the type %d, which a byte-level vocabulary has not", i, quote(text), v.Types[i])
			}
		}
		if text == "" {
			return nil, fmt.Errorf("token %d is empty", i)
		}
		if err := words.set(int32(i), text, k); err != nil {
			return nil, err
		}
	}
	d.model.merges = make([][2]string, len(v.Merges))
	for i, line := range v.Merges {
		left, right, ok := strings.Cut(line, " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return nil, fmt.Errorf("merge %d, %s, is not two tokens", i, quote(line))
		}
		d.model.merges[i] = [2]string{left, right}
	}
	c, err := d.byteLevel(&words)
	if err != nil {
		return nil, err
	}
	t := newTokenizer(words, c, searched, nil)
	t.opens = v.Pre != "qwen2" && v.Pre != "gpt-2"
	return t, nil
}

// nameEnds appoints the tokens that begin and end a text. They are special whatever type the file gives them.
func (t *Tokenizer) nameEnds(v *gguf.Vocabulary) error {
	for _, n := range []struct {
		key string
		id  int32
		to  *int32
	}{{"bos_token_id", v.BOS, &t.bos}, {"eos_token_id", v.EOS, &t.eos}} {
		switch k := t.kind(n.id); {
		case n.id == none:
		case k == hole || k == byteValue:
			return fmt.Errorf("tokenizer.ggml.%s %d is not a token that could be one", n.key, n.id)
		default:
			if !t.IsSpecial(n.id) {
				t.kinds[n.id] = control
			}
			*n.to = n.id
		}
	}
	return nil
}
