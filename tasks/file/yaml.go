package file

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// The largest file, and the most values in it with every alias written out.
const (
	maxBytes = 4 << 20
	maxNodes = 200_000
	maxDepth = 60
)

// Problem is what is wrong with a task file, and where.
type Problem struct {
	File string
	// Line is from 1, 0 where there is none; Field is the key's path, "" for the file itself.
	Line  int
	Field string
	What  string
	// Unknown is the name that is meant where the trouble is that the file does not have it.
	Unknown string
}

func (p *Problem) Error() string {
	where := p.File
	if p.Line > 0 {
		where += ":" + strconv.Itoa(p.Line)
	}
	if p.Field != "" {
		where += ": " + p.Field
	}
	return where + ": " + p.What
}

// Entry is a key of a mapping with its value.
type Entry struct {
	Key  string
	Line int
	Node *yaml.Node
}

// Reader turns YAML into values as PyYAML does (YAML 1.1, of which JSON is a part), and remembers lines.
type Reader struct {
	// File is for errors. Repeated allows a key twice, of which the last counts, as PyYAML does.
	File     string
	Repeated bool

	nodes int
}

// Root reads the one document of a file.
func (r *Reader) Root(content []byte) (*yaml.Node, error) {
	if len(content) > maxBytes {
		return nil, r.Problem(0, "", "%d bytes, more than %d", len(content), maxBytes)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil {
		return nil, r.Problem(0, "", "%s", strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", "; "), "yaml: "))
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		return nil, r.Problem(0, "", "the file is empty")
	}
	return root.Content[0], nil
}

// Problem is an error of the reader's file.
func (r *Reader) Problem(line int, field, format string, a ...any) error {
	return &Problem{File: r.File, Line: line, Field: field, What: fmt.Sprintf(format, a...)}
}

// Entries are the members of a mapping, in order.
func (r *Reader) Entries(n *yaml.Node, field string) ([]Entry, error) {
	n = followed(n)
	if n.Kind != yaml.MappingNode {
		return nil, r.Problem(n.Line, field, "a mapping is needed, this is %s", kindOf(n))
	}
	var list []Entry
	at := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], followed(n.Content[i+1])
		if k.Kind != yaml.ScalarNode {
			return nil, r.Problem(k.Line, field, "a key must be text")
		}
		if k.Tag == "!!merge" {
			return nil, r.Problem(k.Line, field, "merge keys are not supported")
		}
		j, twice := at[k.Value]
		switch {
		case twice && !r.Repeated:
			return nil, r.Problem(k.Line, join(field, k.Value), "the key is there twice, first on line %d", list[j].Line)
		case twice:
			list[j] = Entry{k.Value, k.Line, v}
			continue
		}
		at[k.Value] = len(list)
		list = append(list, Entry{k.Value, k.Line, v})
	}
	return list, nil
}

// followed is the node that an alias stands for, and any other itself.
func followed(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return strconv.Quote(n.Value)
}

var errTooMuch = errors.New("too much")

// Value is a node as a plain value: nil, bool, int, float64, python.Number, string, []any or python.Object.
func (r *Reader) Value(n *yaml.Node, field string) (any, error) {
	v, err := r.value(n, field, 0)
	if errors.Is(err, errTooMuch) {
		return nil, r.Problem(n.Line, field, "more than %d values or %d levels, aliases written out", maxNodes, maxDepth)
	}
	return v, err
}

func (r *Reader) value(n *yaml.Node, field string, depth int) (any, error) {
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		return nil, errTooMuch
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias, field, depth+1)
	case yaml.ScalarNode:
		return r.scalar(n, field)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, e := range n.Content {
			var err error
			if list[i], err = r.value(e, field+"["+strconv.Itoa(i)+"]", depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.MappingNode:
		entries, err := r.Entries(n, field)
		if err != nil {
			return nil, err
		}
		o := make(python.Object, 0, len(entries))
		for _, e := range entries {
			v, err := r.value(e.Node, join(field, e.Key), depth+1)
			if err != nil {
				return nil, err
			}
			o = append(o, python.Member{Name: e.Key, Value: v})
		}
		return o, nil
	}
	return nil, r.Problem(n.Line, field, "not a value")
}

// The plain scalars of YAML 1.1 that are not text, as PyYAML's resolver has them (lib/yaml/resolver.py at 6.0).
var (
	intScalar   = regexp.MustCompile(`^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)$`)
	floatScalar = regexp.MustCompile(`^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$`)
	sixties     = regexp.MustCompile(`^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`)
)

func (r *Reader) scalar(n *yaml.Node, field string) (any, error) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return nil, r.Problem(n.Line, field, "%s %s: code of other programs is not run", n.Tag, n.Value)
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Style&yaml.TaggedStyle != 0 && n.Tag == "!!str" {
		return n.Value, nil
	}
	switch s := n.Value; s {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, nil
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, nil
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return math.Inf(1), nil
	case "-.inf", "-.Inf", "-.INF":
		return math.Inf(-1), nil
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), nil
	default:
		digits := strings.ReplaceAll(s, "_", "")
		switch {
		case intScalar.MatchString(s):
			if i, err := strconv.ParseInt(digits, 0, 64); err == nil {
				return int(i), nil
			}
			return python.Number(digits), nil
		case floatScalar.MatchString(s):
			f, err := strconv.ParseFloat(digits, 64)
			if err != nil {
				return nil, r.Problem(n.Line, field, "%s is out of range", s)
			}
			return f, nil
		case sixties.MatchString(s):
			return nil, r.Problem(n.Line, field, "%s is a number to the base of sixty in YAML 1.1: put it in quotes", s)
		}
		return s, nil
	}
}

// Equal compares two values as Value returns them.
func Equal(a, b any) bool { return reflect.DeepEqual(a, b) }
