package file

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema of task files.
func Schema() []byte { return bytes.Clone(schema) }

//go:embed example.yaml
var exampleText string

//go:embed example.jsonl
var exampleRows string

// Example is a task file of that name that runs at once, with its records.
func Example(name string) (text, rows []byte) {
	return []byte(strings.ReplaceAll(exampleText, "NAME", name)), []byte(exampleRows)
}

// OwnOutput is what metric i makes of a document's own reference, answered as a perfect model would.
func (t *Task) OwnOutput(i int, d tasks.Doc) string {
	responses := make([]tasks.Response, max(1, len(t.Requests(d, tasks.Unlimited{}))))
	for k := range responses {
		responses[k] = tasks.Response{LogProb: -100, Text: strings.TrimSpace(d.Target)}
	}
	switch t.Type {
	case MultipleChoice:
		for _, target := range d.Targets {
			if k, err := strconv.Atoi(target); err == nil && k >= 0 && k < len(responses) {
				responses[k] = tasks.Response{LogProb: 0, Greedy: true}
			}
		}
	case LogLikelihood, Rolling:
		responses[0] = tasks.Response{Greedy: true}
	}
	return t.Outputs(d, responses)[i]
}

// OwnScore is the score of metric i for the documents' own references, NaN where there is none; wrong is the first document that does not score as
// a perfect one, or -1.
func (t *Task) OwnScore(i int, docs []tasks.Doc) (score float64, wrong int) {
	m, wrong := t.spec.Metrics[i], -1
	stats := make([]metrics.Stat, len(docs))
	for k, d := range docs {
		stats[k] = m.Each(t.OwnOutput(i, d), d.Targets)
		alone := m.Score(stats[k : k+1])
		if wrong < 0 && !m.LowerIsBetter && m.Width == 1 && alone < m.Max {
			wrong = k
		}
	}
	if m.Over(stats) == 0 {
		return math.NaN(), wrong
	}
	return m.Score(stats), wrong
}

// Pin is the content of a data file, and of one in the hub the commit that it is of.
type Pin struct {
	SHA256, Revision string
	Rows             int
}

// Pinned is a task file with the pins of its data by task and split; everything else stays, comments included.
func Pinned(name string, content []byte, pins map[string]map[string]Pin) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	root := doc.Content[0]
	list := []*yaml.Node{root}
	if inner := member(root, "tasks"); inner != nil {
		root = inner
	}
	if root.Kind == yaml.SequenceNode {
		list = root.Content
	}
	for _, task := range list {
		data, named := member(task, "data"), member(task, "task")
		if data == nil || named == nil {
			continue
		}
		for i := 0; i+1 < len(data.Content); i += 2 {
			if pin, ok := pins[named.Value][data.Content[i].Value]; ok {
				data.Content[i+1] = pinNode(data.Content[i+1], pin)
			}
		}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, err := Parse(name, b.Bytes())
	return b.Bytes(), err
}

func member(n *yaml.Node, key string) *yaml.Node {
	n = followed(n)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return followed(n.Content[i+1])
		}
	}
	return nil
}

// pinNode is a split's data with its pin.
func pinNode(n *yaml.Node, pin Pin) *yaml.Node {
	text := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	pinned := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Anchor: n.Anchor} // others may be aliases of it
	n = followed(n)
	add := func(key string, value *yaml.Node) { pinned.Content = append(pinned.Content, text(key), value) }
	kept := []string{"url", "hub", "file"}
	switch {
	case n.Kind != yaml.MappingNode && strings.Contains(n.Value, "://"):
		add("url", text(n.Value))
	case n.Kind != yaml.MappingNode:
		add("file", text(n.Value))
	}
	for _, key := range kept {
		if f := member(n, key); f != nil {
			add(key, text(f.Value))
		}
	}
	if pin.Revision != "" {
		add("revision", text(pin.Revision))
	}
	add("sha256", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: pin.SHA256, Style: yaml.DoubleQuotedStyle})
	add("rows", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(pin.Rows)})
	return pinned
}
