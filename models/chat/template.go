// Package chat asks a model in its own chat template: the template is found among the model's files, and a task's prompts
// become the turns that it renders.
//
// Such a number is another number than the task's: whoever made the published tables asked without a template. So the
// profile, the protocol of every request and with it every digest say "+chat".
package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/jinja"
)

// The files that a template may lie in, in Hugging Face layout.
const (
	templateFile = "chat_template.jinja"
	configFile   = "tokenizer_config.json"
	ggufKey      = "tokenizer.chat_template"
)

// Turn is one message.
type Turn struct {
	// Role is "system", "user" or "assistant".
	Role, Content string
}

// Template is a model's chat template.
type Template struct {
	// Digest is "sha256:" and the digest of the template's text, Source where it was found.
	Digest, Source string

	parsed *jinja.Template
	tokens map[string]any
}

// ErrNone is returned, wrapped, for a model that has no chat template: a base model, mostly.
var ErrNone = errors.New("the model has no chat template")

// Parse reads a template's text. tokens are the special tokens that it may name: bos_token, eos_token and so on.
func Parse(text, source string, tokens map[string]string) (*Template, error) {
	parsed, err := jinja.Parse(text, jinja.Options{Chat: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	sum := sha256.Sum256([]byte(text))
	t := &Template{Digest: "sha256:" + hex.EncodeToString(sum[:]), Source: source, parsed: parsed, tokens: map[string]any{}}
	for name, spelling := range tokens {
		t.tokens[name] = spelling
	}
	return t, nil
}

// FromFiles finds the template in a folder of Hugging Face layout, as transformers does: chat_template.jinja, or else
// chat_template in tokenizer_config.json, which is a text or a list of named ones, of which "default" is taken. tok gives
// the special tokens that the file does not name.
func FromFiles(files fs.FS, tok *tokenizer.Tokenizer) (*Template, error) {
	tokens := tokensOf(tok)
	var config map[string]json.RawMessage
	content, err := fs.ReadFile(files, configFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if err := json.Unmarshal(content, &config); err != nil {
			return nil, fmt.Errorf("%s: %w", configFile, err)
		}
		nameTokens(tokens, config)
	}
	text, err := fs.ReadFile(files, templateFile)
	if err == nil {
		return Parse(string(text), templateFile, tokens)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	found, err := configured(config["chat_template"])
	if err != nil {
		return nil, err
	}
	return Parse(found, configFile+": chat_template", tokens)
}

// FromGGUF finds the template in a GGUF file.
func FromGGUF(path string, tok *tokenizer.Tokenizer) (*Template, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	m := f.Metadata()
	has, text := m.Has(ggufKey), m.Text(ggufKey)
	if err := errors.Join(m.Err(), f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", ggufKey, err)
	}
	if !has {
		return nil, fmt.Errorf("%w: no %s in the file", ErrNone, ggufKey)
	}
	return Parse(text, ggufKey, tokensOf(tok))
}

// configured is the text of a configuration's chat_template.
func configured(raw json.RawMessage) (string, error) {
	if raw == nil || string(raw) == "null" {
		return "", fmt.Errorf("%w: neither %s nor chat_template in %s", ErrNone, templateFile, configFile)
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var named []struct{ Name, Template string }
	if err := json.Unmarshal(raw, &named); err != nil {
		return "", fmt.Errorf("%s: chat_template is neither a text nor a list of named texts", configFile)
	}
	for _, n := range named {
		if n.Name == "default" {
			return n.Template, nil
		}
	}
	return "", fmt.Errorf("%s: none of the %d chat templates is named default", configFile, len(named))
}

func tokensOf(tok *tokenizer.Tokenizer) map[string]string {
	tokens := map[string]string{"bos_token": "", "eos_token": ""}
	if id, ok := tok.BOS(); ok {
		tokens["bos_token"] = tok.Piece(id)
	}
	if id, ok := tok.EOS(); ok {
		tokens["eos_token"] = tok.Piece(id)
	}
	return tokens
}

// nameTokens takes the tokens that a configuration spells: a text, or an object with its content.
func nameTokens(tokens map[string]string, config map[string]json.RawMessage) {
	for _, role := range []string{"bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"} {
		var text string
		var object struct{ Content *string }
		switch raw := config[role]; {
		case raw == nil || string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			tokens[role] = text
		case json.Unmarshal(raw, &object) == nil && object.Content != nil:
			tokens[role] = *object.Content
		}
	}
}

// Render is what the model sees of the turns, up to where its answer begins.
func (t *Template) Render(turns []Turn) (string, error) {
	messages := make([]any, len(turns))
	for i, turn := range turns {
		messages[i] = map[string]any{"role": turn.Role, "content": turn.Content}
	}
	return t.render(messages, true)
}

func (t *Template) render(messages []any, generationPrompt bool) (string, error) {
	vars := map[string]any{"messages": jinja.From(messages), "add_generation_prompt": generationPrompt, "tools": nil, "documents": nil}
	for name, spelling := range t.tokens {
		vars[name] = spelling
	}
	text, err := t.parsed.Render(vars, jinja.DefaultLimits())
	if err != nil {
		return "", fmt.Errorf("chat template (%s): %w", t.Source, err)
	}
	return text, nil
}
