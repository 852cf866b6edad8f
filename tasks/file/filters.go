package file

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/pyregex"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// Pipeline reduces a document's answers to what is scored, under a name.
// Source: lm_eval/filters/{extraction,selection,transformation}.py of EleutherAI/lm-evaluation-harness at 4e7e0d4.
type Pipeline struct {
	Name  string
	steps []step
	// list says that what comes out is a list still: no step takes one of it.
	list bool
}

// step is one filter over the repeats of an answer.
type step struct {
	name string
	// each changes every repeat; all changes the list. choices are the document's.
	each func(text string, choices []string) (string, error)
	all  func(list []string) ([]string, error)
	// one takes one of the list.
	one bool
}

// noFilter is what a task without filters has.
func noFilter() []Pipeline {
	return []Pipeline{{Name: "none", steps: []step{{name: "take_first", one: true}}}}
}

// apply runs the pipeline over an answer's repeats. The text is JSON of a list where it ends in one.
func (p Pipeline) apply(repeats, choices []string) (string, error) {
	list := append([]string(nil), repeats...)
	single := false
	for _, s := range p.steps {
		switch {
		case s.one && !single:
			list, single = list[:1], true
		case single && s.one:
			list[0] = firstCharacter(list[0])
		case s.all != nil:
			var err error
			if list, err = s.all(list); err != nil {
				return "", fmt.Errorf("filter %s: %s: %w", p.Name, s.name, err)
			}
		case s.each != nil:
			for i := range list {
				var err error
				if list[i], err = s.each(list[i], choices); err != nil {
					return "", fmt.Errorf("filter %s: %s: %w", p.Name, s.name, err)
				}
			}
		}
	}
	if single {
		return list[0], nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// firstCharacter is what taking the first of a text takes.
func firstCharacter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func (p *parser) filters(e Entry) error {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		return p.Problem(e.Line, e.Key, "a list is needed, this is %s", kindOf(e.Node))
	}
	for i, item := range list {
		o, _ := item.(python.Object)
		key := fmt.Sprintf("%s[%d]", e.Key, i)
		line := e.Node.Content[i].Line
		steps, ok := any(nil), o != nil
		var pipe Pipeline
		for _, m := range o {
			switch m.Name {
			case "name":
				pipe.Name, ok = m.Value.(string)
			case "filter":
				steps = m.Value
			default:
				return p.Problem(line, join(key, m.Name), "unknown key: there are name and filter")
			}
		}
		functions, isList := steps.([]any)
		if !ok || pipe.Name == "" || !isList {
			return p.Problem(line, key, "a filter is a name and a list of functions")
		}
		for _, f := range functions {
			o, _ := f.(python.Object)
			s, err := newStep(o)
			if err != nil {
				return p.Problem(line, join(key, "filter"), "%v", err)
			}
			pipe.steps = append(pipe.steps, s)
		}
		if pipe.steps == nil {
			return p.Problem(line, key, "a filter without functions")
		}
		p.c.Filters = append(p.c.Filters, pipe)
	}
	return nil
}

// newStep makes a filter of its settings.
func newStep(o python.Object) (step, error) {
	name := o.Text("function")
	s := step{name: name}
	if name == "" {
		return s, fmt.Errorf("function is missing")
	}
	var settings python.Object
	for _, m := range o {
		if m.Name != "function" {
			settings = append(settings, m)
		}
	}
	var err error
	switch name {
	case "take_first":
		s.one = true
	case "take_first_k":
		return s.takeK(settings)
	case "majority_vote":
		s.all = func(list []string) ([]string, error) { return []string{majority(list)}, nil }
	case "remove_whitespace":
		s.each = func(t string, _ []string) (string, error) { return pytext.Strip(t), nil }
	case "lowercase":
		s.each = func(t string, _ []string) (string, error) { return pytext.Lower(t), nil }
	case "uppercase":
		s.each = func(t string, _ []string) (string, error) { return strings.ToUpper(t), nil }
	case "map":
		return s.mapping(settings)
	case "regex", "multi_choice_regex":
		s.each, err = extraction(settings, name == "multi_choice_regex")
		return s, err
	case "extract":
		s.each, err = extractor(settings)
		return s, err
	default:
		return s, fmt.Errorf("unknown filter %q%s", name, meant(name, map[string]bool{"take_first": true, "take_first_k": true, "majority_vote": true,
			"remove_whitespace": true, "lowercase": true, "uppercase": true, "map": true, "regex": true, "multi_choice_regex": true, "extract": true}))
	}
	return s, onlyKeys(settings)
}

// onlyKeys refuses settings that a filter has not.
func onlyKeys(o python.Object, known ...string) error {
	for _, m := range o {
		ok := false
		for _, k := range known {
			ok = ok || k == m.Name
		}
		if !ok {
			return fmt.Errorf("unknown setting %q", m.Name)
		}
	}
	return nil
}

func (s step) takeK(o python.Object) (step, error) {
	v, _ := o.Get("k")
	k, ok := v.(int)
	if !ok || k < 1 {
		return s, fmt.Errorf("k must be a number from 1 on")
	}
	s.all = func(list []string) ([]string, error) {
		if len(list) < k {
			return nil, fmt.Errorf("it needs %d answers, there are %d", k, len(list))
		}
		return list[:k], nil
	}
	return s, onlyKeys(o, "k")
}

// majority is the most frequent text, the first of several.
func majority(list []string) string {
	counts := map[string]int{}
	for _, t := range list {
		counts[t]++
	}
	best := ""
	for _, t := range list {
		if counts[t] > counts[best] {
			best = t
		}
	}
	return best
}

func (s step) mapping(o python.Object) (step, error) {
	table := map[string]string{}
	for _, m := range o.Object("mapping_dict") {
		text, ok := m.Value.(string)
		if !ok {
			return s, fmt.Errorf("mapping_dict.%s is no text", m.Name)
		}
		table[m.Name] = text
	}
	def, ok := o.Get("default_value")
	text, isText := def.(string)
	if ok && !isText && def != nil {
		return s, fmt.Errorf("default_value is no text")
	}
	s.each = func(t string, _ []string) (string, error) {
		if to, has := table[t]; has {
			return to, nil
		}
		if !isText {
			return "", fmt.Errorf("%q is not in mapping_dict, and there is no default_value", t)
		}
		return text, nil
	}
	return s, onlyKeys(o, "mapping_dict", "default_value")
}

// extractor is a program's own way to find an answer, by the metric's name that it belongs to.
func extractor(o python.Object) (func(string, []string) (string, error), error) {
	find, ok := map[string]func(string) string{"gsm8k": metrics.GSM8KAnswer, "mgsm": metrics.MGSMAnswer, "first_line": pytext.FirstLine,
		"nfkc": pytext.NFKC}[o.Text("name")]
	if !ok {
		return nil, fmt.Errorf("name %q is none of gsm8k, mgsm, first_line, nfkc", o.Text("name"))
	}
	return func(t string, _ []string) (string, error) { return find(t), nil }, onlyKeys(o, "name")
}

// matcher finds an answer by an expression.
type matcher struct {
	re       *pyregex.Regexp
	selected int
	fallback string
}

// find is RegexFilter's find_match: the chosen match, stripped; ok is false where nothing matches.
func (m matcher) find(re *pyregex.Regexp, text string) (found string, ok bool, err error) {
	all, err := re.FindAll(text)
	if err != nil || len(all) == 0 {
		return "", false, err
	}
	i := m.selected
	if i < 0 {
		i += len(all)
	}
	if i < 0 || i >= len(all) {
		return "", false, fmt.Errorf("group_select %d is beyond the %d matches", m.selected, len(all))
	}
	for _, g := range all[i] {
		if g != "" || len(all[i]) == 1 {
			return pytext.Strip(g), true, nil
		}
	}
	return "", false, nil
}

func newMatcher(o python.Object) (m matcher, err error) {
	pattern := `#### (\-?[0-9\.\,]+)`
	m.fallback = "[invalid]"
	for _, s := range o {
		ok := true
		switch s.Name {
		case "regex_pattern":
			pattern, ok = s.Value.(string)
		case "group_select":
			m.selected, ok = s.Value.(int)
		case "fallback":
			m.fallback, ok = s.Value.(string)
		}
		if !ok {
			return m, fmt.Errorf("%s is not of the right kind", s.Name)
		}
	}
	if m.re, err = pyregex.Compile(pattern); err != nil {
		return m, fmt.Errorf("regex_pattern: %w", err)
	}
	return m, nil
}

// extraction is the filter regex, and multi_choice_regex, which looks for the document's choices where the expression finds
// nothing.
func extraction(o python.Object, choices bool) (func(string, []string) (string, error), error) {
	m, err := newMatcher(o)
	if err != nil {
		return nil, err
	}
	if !choices {
		return func(text string, _ []string) (string, error) {
			found, ok, err := m.find(m.re, text)
			if !ok {
				found = m.fallback
			}
			return found, err
		}, onlyKeys(o, "regex_pattern", "group_select", "fallback")
	}
	clean, err := newCleaner(o, true)
	if err != nil {
		return nil, err
	}
	return func(text string, choices []string) (string, error) { return m.amongChoices(text, choices, clean) },
		onlyKeys(o, "regex_pattern", "group_select", "fallback", "ignore_case", "ignore_punctuation", "regexes_to_ignore")
}

func (m matcher) amongChoices(text string, choices []string, clean cleaner) (string, error) {
	if found, ok, err := m.find(m.re, text); err != nil || ok && found != "" {
		return found, err
	}
	byText, byLetter := map[string]string{}, map[string]string{}
	var texts, letters []string
	for i, c := range choices {
		cleaned, err := clean.text(pytext.Strip(c))
		if err != nil {
			return "", err
		}
		letter := string(rune('A' + i))
		texts, letters = append(texts, regexp.QuoteMeta(cleaned)), append(letters, regexp.QuoteMeta(letter))
		byText[cleaned], byLetter[letter] = "("+letter+")", "("+letter+")"
	}
	cleaned, err := clean.text(text)
	if err != nil {
		return "", err
	}
	for _, try := range []struct {
		pattern, text string
		to            map[string]string
	}{{strings.Join(texts, "|"), cleaned, byText}, {`:[\s]*(` + strings.Join(letters, "|") + ")", text, byLetter}} {
		re, err := pyregex.Compile(try.pattern)
		if err != nil {
			return "", err
		}
		found, ok, err := m.find(re, try.text)
		if err != nil {
			return "", err
		}
		if to, has := try.to[found]; ok && found != "" && has {
			return to, nil
		}
		if ok && found != "" {
			return found, nil
		}
	}
	return m.fallback, nil
}
