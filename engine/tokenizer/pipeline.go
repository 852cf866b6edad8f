package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// pipeline is what the normalizer, pre_tokenizer and decoder of a tokenizer.json amount to. Only combinations whose
// effect is known are read; anything else is an error with its name.
type pipeline struct {
	normalizes   bool // spaces become "▁" in the normalizer, not in the pre-tokenizer
	prefix       bool // a "▁" goes in front of a text
	prefixEach   bool // and in front of the text after each added token
	split        bool // nothing merges across the start of a "▁"
	byteFallback bool // the decoder joins byte tokens
	strip        bool // the decoder removes a leading space
	bytes        *byteSplit
}

// byteSplit is the preparation of a byte-level vocabulary.
type byteSplit struct {
	pattern string
	prefix  bool // a text that does not begin with a space gets one
}

func readPipeline(normalizer, preTokenizer, decoder json.RawMessage) (pipeline, error) {
	var p pipeline
	steps := []struct {
		name  string
		value json.RawMessage
		read  func([]component) error
	}{
		{"normalizer", normalizer, p.readNormalizer},
		{"pre_tokenizer", preTokenizer, p.readPreTokenizer},
		{"decoder", decoder, p.readDecoder},
	}
	for _, s := range steps {
		list, err := components(s.value)
		if err == nil {
			err = s.read(list)
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return p, nil
}

// component is one step of a pipeline: its type and its other members.
type component struct {
	kind    string
	members map[string]json.RawMessage
}

// typeOf returns the value of "type".
func typeOf(members []strictjson.Member) (string, error) {
	for _, m := range members {
		if m.Key == "type" {
			return strictjson.String(m.Value)
		}
	}
	return "", errors.New("it has no type")
}

// components reads null as none, a Sequence as its parts and anything else as one.
func components(value json.RawMessage) ([]component, error) {
	if len(value) == 0 || strictjson.IsNull(value) {
		return nil, nil
	}
	c, err := readComponent(value)
	if err != nil {
		return nil, err
	}
	if c.kind != "Sequence" {
		return []component{c}, nil
	}
	for _, key := range []string{"normalizers", "pretokenizers", "decoders"} {
		parts, ok := c.members[key]
		if !ok {
			continue
		}
		values, err := strictjson.Array(parts)
		if err != nil {
			return nil, err
		}
		list := make([]component, len(values))
		for i, v := range values {
			if list[i], err = readComponent(v); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, errors.New("a Sequence without parts")
}

func readComponent(value json.RawMessage) (component, error) {
	members, err := strictjson.Object(value)
	if err != nil {
		return component{}, err
	}
	c := component{members: make(map[string]json.RawMessage)}
	if c.kind, err = typeOf(members); err != nil {
		return c, err
	}
	for _, m := range members {
		if m.Key != "type" && !m.Null() {
			c.members[m.Key] = m.Value
		}
	}
	return c, nil
}

// only refuses members beyond the known ones: they would say something that is not heeded.
func (c component) only(known ...string) error {
	for key := range c.members {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%s: option %s is not supported", c.kind, quote(key))
		}
	}
	return nil
}

// is tells whether a member has one of the given JSON texts; "" means that it is absent.
func (c component) is(key string, values ...string) bool {
	return slices.Contains(values, string(c.members[key]))
}

// flag returns a truth value, or otherwise where it is absent.
func (c component) flag(key string, otherwise bool) (bool, error) {
	v, ok := c.members[key]
	if !ok {
		return otherwise, nil
	}
	b, err := strictjson.Bool(v)
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", c.kind, key, err)
	}
	return b, nil
}

// replaces tells whether a Replace component turns one fixed string into another.
func (c component) replaces(from, to string) bool {
	if c.kind != "Replace" {
		return false
	}
	var pattern struct{ String, Regex *string }
	var content string
	if json.Unmarshal(c.members["pattern"], &pattern) != nil || json.Unmarshal(c.members["content"], &content) != nil {
		return false
	}
	return pattern.Regex == nil && pattern.String != nil && *pattern.String == from && content == to
}

func (p *pipeline) readNormalizer(list []component) error {
	spaces := false
	for _, c := range list {
		switch {
		case c.kind == "Prepend" && c.is("prepend", `"▁"`, `"\u2581"`) && !p.prefix:
			p.prefix, p.prefixEach = true, true
		case c.replaces(" ", markText) && !spaces:
			spaces = true
		default:
			return fmt.Errorf("component %s is not supported here, only Prepend of ▁ and Replace of a space by ▁", quote(c.kind))
		}
	}
	if p.prefix && !spaces {
		return errors.New("a Prepend of ▁ without a Replace of the space is not supported")
	}
	p.normalizes = spaces
	return nil
}

func (p *pipeline) readPreTokenizer(list []component) error {
	switch {
	case len(list) == 0:
		if !p.normalizes {
			return errors.New("none, and no normalizer that writes spaces as ▁: not supported")
		}
		return nil
	case p.normalizes:
		return fmt.Errorf("component %s is not supported behind a normalizer", quote(list[0].kind))
	case len(list) == 1 && list[0].kind == "Metaspace":
		return p.readMetaspace(list[0])
	}
	return p.readByteLevel(list)
}

// readMetaspace reads pre_tokenizers/metaspace.rs. Files up to 2024 say add_prefix_space instead of prepend_scheme.
func (p *pipeline) readMetaspace(c component) error {
	if err := c.only("replacement", "prepend_scheme", "add_prefix_space", "str_rep", "split"); err != nil {
		return err
	}
	if !c.is("replacement", `"▁"`, `"\u2581"`) {
		return errors.New("a Metaspace with another replacement than ▁ is not supported")
	}
	prefix, err := c.flag("add_prefix_space", true)
	if err != nil {
		return err
	}
	switch {
	case c.is("prepend_scheme", `"always"`, "") && prefix:
		p.prefix, p.prefixEach = true, true
	case c.is("prepend_scheme", `"first"`) && prefix:
		p.prefix = true
	case c.is("prepend_scheme", `"never"`), c.is("prepend_scheme", "") && !prefix:
	default:
		return fmt.Errorf("prepend_scheme %s of Metaspace is not supported", quote(string(c.members["prepend_scheme"])))
	}
	p.split, err = c.flag("split", true)
	return err
}

// readByteLevel reads pre_tokenizers/byte_level.rs, alone or behind a Split with a known expression.
func (p *pipeline) readByteLevel(list []component) error {
	split := byteSplit{pattern: gpt2Pattern}
	if list[0].kind == "Split" {
		if err := split.read(list[0]); err != nil {
			return err
		}
		list = list[1:]
		if len(list) == 0 {
			return errors.New("a Split without ByteLevel is not supported")
		}
	} else {
		split.pattern = ""
	}
	c := list[0]
	if c.kind != "ByteLevel" || len(list) > 1 {
		return fmt.Errorf("component %s is not supported here", quote(list[len(list)-1].kind))
	}
	if err := c.only("add_prefix_space", "trim_offsets", "use_regex"); err != nil {
		return err
	}
	var err error
	if split.prefix, err = c.flag("add_prefix_space", true); err != nil {
		return err
	}
	regex, err := c.flag("use_regex", true)
	if err != nil {
		return err
	}
	switch {
	case split.pattern == "" && !regex:
		return errors.New("a ByteLevel without any splitting expression is not supported")
	case split.pattern == "":
		split.pattern = gpt2Pattern
	case regex || split.prefix:
		return errors.New("a ByteLevel behind a Split is supported only with use_regex and add_prefix_space off")
	}
	p.bytes = &split
	return nil
}

// read takes the expression of a Split that keeps everything.
func (s *byteSplit) read(c component) error {
	if err := c.only("pattern", "behavior", "invert"); err != nil {
		return err
	}
	var pattern struct{ String, Regex *string }
	if err := json.Unmarshal(c.members["pattern"], &pattern); err != nil || pattern.Regex == nil || pattern.String != nil {
		return errors.New("a Split with another pattern than a Regex is not supported")
	}
	invert, err := c.flag("invert", false)
	if err != nil {
		return err
	}
	// The known expressions match everywhere, so keeping the matches and cutting around them are the same.
	if !c.is("behavior", `"Isolated"`) || invert {
		if !c.is("behavior", `"Removed"`) || !invert {
			return fmt.Errorf("behavior %s of Split with invert %v is not supported", quote(string(c.members["behavior"])), invert)
		}
	}
	s.pattern = *pattern.Regex
	if s.pattern != gpt2Pattern && s.pattern != llama3Pattern {
		return fmt.Errorf("splitting expression %s is not supported, only GPT-2's and Llama 3's", quote(s.pattern))
	}
	return nil
}

func (p *pipeline) readDecoder(list []component) error {
	kinds := make([]string, len(list))
	for i, c := range list {
		kinds[i] = c.kind
	}
	if p.bytes != nil {
		if !slices.Equal(kinds, []string{"ByteLevel"}) {
			return fmt.Errorf("%q is not supported with ByteLevel", kinds)
		}
		return nil
	}
	rest := list
	next := func(ok func(component) bool) bool {
		if len(rest) == 0 || !ok(rest[0]) {
			return false
		}
		rest = rest[1:]
		return true
	}
	spaces := next(func(c component) bool { return c.replaces(markText, " ") })
	p.byteFallback = next(func(c component) bool { return c.kind == "ByteFallback" })
	fuse := next(func(c component) bool { return c.kind == "Fuse" })
	p.strip = next(func(c component) bool {
		return c.kind == "Strip" && c.is("content", `" "`) && c.is("start", "1") && c.is("stop", "0")
	})
	if !spaces || !fuse || len(rest) > 0 {
		return fmt.Errorf("%q is not supported, only Replace of ▁ by a space, ByteFallback, Fuse and Strip of one leading space", kinds)
	}
	return nil
}
