package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/dlclark/regexp2/v2"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// pipeline is what the normalizer, pre_tokenizer and decoder of a tokenizer.json amount to. Only combinations whose
// effect is known are read; anything else is an error with its name.
type pipeline struct {
	nfc          bool // the text is brought into normalization form C
	normalizes   bool // spaces become "▁" in the normalizer, not in the pre-tokenizer
	prefix       bool // a "▁" goes in front of a text
	prefixEach   bool // and in front of the text after each added token
	marks        bool // the pre-tokenizer is a Metaspace
	split        bool // nothing merges across the start of a "▁"
	byteFallback bool // the decoder joins byte tokens
	lateMarks    bool // the decoder writes spaces for "▁" after that
	strip        bool // the decoder removes a leading space
	bytes        *byteSplit
}

// byteSplit is the preparation of a byte-level vocabulary.
type byteSplit struct {
	steps  []split
	prefix bool // a text that does not begin with a space gets one
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

// replaces tells whether a Replace component turns one of some strings or expressions into another string.
func (c component) replaces(to string, from ...pattern) bool {
	if c.kind != "Replace" {
		return false
	}
	p, err := c.pattern()
	var content string
	if err != nil || json.Unmarshal(c.members["content"], &content) != nil {
		return false
	}
	return content == to && slices.Contains(from, p)
}

// pattern is a fixed string or a regular expression.
type pattern struct {
	text  string
	regex bool
}

func (c component) pattern() (pattern, error) {
	var p struct{ String, Regex *string }
	err := json.Unmarshal(c.members["pattern"], &p)
	switch {
	case err == nil && p.Regex != nil && p.String == nil:
		return pattern{*p.Regex, true}, nil
	case err == nil && p.String != nil && p.Regex == nil:
		return pattern{*p.String, false}, nil
	}
	return pattern{}, fmt.Errorf("%s: want a pattern that is a String or a Regex", c.kind)
}

// beginning is the empty match in front of a text and nowhere else: "^" alone would match behind every "\n", too.
const beginning = `(?<!\n)^`

func (p *pipeline) readNormalizer(list []component) error {
	spaces := false
	for _, c := range list {
		switch {
		case c.kind == "NFC" && len(list) == 1:
			p.nfc = true
		case (c.kind == "Prepend" && c.is("prepend", `"▁"`, `"\u2581"`) || c.replaces(markText, pattern{beginning, true})) && !p.prefix:
			p.prefix, p.prefixEach = true, true
		case c.replaces(markText, pattern{" ", false}, pattern{" ", true}) && !spaces:
			spaces = true
		default:
			return fmt.Errorf("component %s is not supported here, only NFC alone, Prepend of ▁ and Replace of a space by ▁", quote(c.kind))
		}
	}
	if p.prefix && !spaces {
		return errors.New("a Prepend of ▁ without a Replace of the space is not supported")
	}
	p.normalizes = spaces
	return nil
}

func (p *pipeline) readPreTokenizer(list []component) error {
	if p.normalizes {
		for _, c := range list {
			if !c.splitsSpaces() {
				return fmt.Errorf("component %s is not supported behind a normalizer that writes spaces as ▁", quote(c.kind))
			}
		}
		return nil
	}
	switch {
	case len(list) == 0:
		return errors.New("none, and no normalizer that writes spaces as ▁: not supported")
	case len(list) == 1 && list[0].kind == "Metaspace" && !p.nfc:
		p.marks = true
		return p.readMetaspace(list[0])
	}
	return p.readByteLevel(list)
}

// splitsSpaces tells whether a component only cuts at spaces, of which a normalizer has left none (Gemma has one).
func (c component) splitsSpaces() bool {
	pattern, err := c.pattern()
	invert, flagErr := c.flag("invert", false)
	return c.kind == "Split" && err == nil && flagErr == nil && pattern.text == " " && !invert && c.only("pattern", "behavior", "invert") == nil
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

// readByteLevel reads pre_tokenizers/byte_level.rs, alone or behind steps that cut the text.
func (p *pipeline) readByteLevel(list []component) error {
	table := newClassTable()
	var b byteSplit
	last := list[len(list)-1]
	if last.kind != "ByteLevel" {
		return fmt.Errorf("component %s is not supported here, only Split and Digits with ByteLevel at the end", quote(last.kind))
	}
	for _, c := range list[:len(list)-1] {
		s, err := c.split(table)
		if err != nil {
			return err
		}
		b.steps = append(b.steps, s)
	}
	if err := last.only("add_prefix_space", "trim_offsets", "use_regex"); err != nil {
		return err
	}
	var err error
	if b.prefix, err = last.flag("add_prefix_space", true); err != nil {
		return err
	}
	regex, err := last.flag("use_regex", true)
	switch {
	case err != nil:
		return err
	case len(b.steps) == 0 && !regex:
		return errors.New("a ByteLevel without any splitting expression is not supported")
	case len(b.steps) > 0 && b.prefix:
		return errors.New("a ByteLevel behind other steps is supported only with add_prefix_space off")
	case regex:
		b.steps = append(b.steps, split{words: newWords(gpt2Pattern, table)})
	}
	p.bytes = &b
	return nil
}

// split reads a component that cuts a text and changes nothing.
func (c component) split(table *classTable) (split, error) {
	switch c.kind {
	case "Split":
		if err := c.only("pattern", "behavior", "invert"); err != nil {
			return split{}, err
		}
		invert, err := c.flag("invert", false)
		if err != nil {
			return split{}, err
		}
		p, err := c.pattern()
		if err != nil {
			return split{}, err
		}
		b, ok := behaviorOf(string(c.members["behavior"]))
		if !ok {
			return split{}, fmt.Errorf("behavior %s of Split is not known", quote(string(c.members["behavior"])))
		}
		if p.text == "" {
			return split{}, errors.New("a Split with an empty pattern is not supported")
		}
		if !p.regex {
			p.text = regexp2.Escape(p.text)
		}
		return newSplit(p.text, b, invert, table)
	case "Digits":
		if err := c.only("individual_digits"); err != nil {
			return split{}, err
		}
		each, err := c.flag("individual_digits", false)
		if err != nil {
			return split{}, err
		}
		b := contiguous
		if each {
			b = isolated
		}
		return newSplit(`\p{N}`, b, false, table)
	}
	return split{}, fmt.Errorf("component %s is not supported here, only Split and Digits with ByteLevel at the end", quote(c.kind))
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
	spaces := func(c component) bool { return c.replaces(" ", pattern{markText, false}, pattern{markText, true}) }
	early := next(spaces)
	p.byteFallback = next(func(c component) bool { return c.kind == "ByteFallback" })
	p.lateMarks = !early && next(spaces)
	fuse := next(func(c component) bool { return c.kind == "Fuse" })
	p.strip = next(func(c component) bool {
		return c.kind == "Strip" && c.is("content", `" "`) && c.is("start", "1") && c.is("stop", "0") ||
			c.replaces("", pattern{beginning + " ", true})
	})
	if !early && !p.lateMarks || !fuse || len(rest) > 0 {
		return fmt.Errorf("%q is not supported, only Replace of ▁ by a space, ByteFallback, Fuse and Strip of one leading space", kinds)
	}
	return nil
}
