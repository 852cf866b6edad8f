package lora

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// pattern is a number for the modules that an expression names.
type pattern struct {
	Key   string
	Value float64
	match *regexp.Regexp
}

// find returns the number of the first pattern for a module, as PEFT's get_pattern_key does.
func find(list []pattern, module string) (float64, bool) {
	for _, p := range list {
		if p.match.MatchString(module) {
			return p.Value, true
		}
	}
	return 0, false
}

func readPatterns(m strictjson.Member, number func(json.RawMessage) (float64, error)) (list []pattern, err error) {
	if m.Null() {
		return nil, nil
	}
	members, err := strictjson.Object(m.Value)
	if err != nil {
		return nil, err
	}
	for _, x := range members {
		p := pattern{Key: x.Key}
		if p.Value, err = number(x.Value); err == nil {
			p.match, err = regexp.Compile(`^(?:.*\.)?(?:` + x.Key + `)$`)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strictjson.Quote(x.Key), err)
		}
		list = append(list, p)
	}
	return list, nil
}

// targets says which modules of a model an adapter is for: names of which a module's is one or ends with, or one expression
// that matches it whole.
type targets struct {
	names []string
	whole *regexp.Regexp
}

func (t targets) none() bool { return t.names == nil && t.whole == nil }

func (t targets) has(module string) bool {
	if t.whole != nil {
		return t.whole.MatchString(module)
	}
	return slices.ContainsFunc(t.names, func(name string) bool { return isOrEnds(module, name) })
}

func isOrEnds(module, name string) bool { return module == name || strings.HasSuffix(module, "."+name) }

func readTargets(m strictjson.Member) (t targets, err error) {
	if m.Null() {
		return t, nil
	}
	if text, err := strictjson.String(m.Value); err == nil {
		if text == "all-linear" {
			return targets{whole: regexp.MustCompile("")}, nil
		}
		t.whole, err = regexp.Compile(`^(?:` + text + `)$`)
		return t, err
	}
	t.names, err = texts(m.Value)
	return t, err
}

var layerNumber = regexp.MustCompile(`\.[^.]*\.(\d+)\.`)

// changes tells whether the configuration means a module, as PEFT's check_target_module_exists does.
func (c Config) changes(module string) bool {
	if !c.Targets.has(module) || !c.Excluded.none() && c.Excluded.has(module) {
		return false
	}
	if c.Layers == nil {
		return true
	}
	m := layerNumber.FindStringSubmatch(module)
	if m == nil {
		return false
	}
	n, err := strconv.Atoi(m[1])
	return err == nil && slices.Contains(c.Layers, n)
}
