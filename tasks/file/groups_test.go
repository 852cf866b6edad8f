package file

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const grouped = `tasks:
- {task: a, test_split: test, doc_to_text: q, doc_to_target: a}
- {task: b, test_split: test, doc_to_text: q, doc_to_target: a, metric_list: [exact_match, bleu]}
- {task: c, test_split: test, doc_to_text: q, doc_to_target: a, filter_list: [{name: s, filter: [{function: take_first}]}, {name: none, filter: [{function: take_first}]}]}
groups:
`

func TestGroups(t *testing.T) {
	configs, groups, err := ParseAll("t.yaml", []byte(grouped+`
- {group: all, group_alias: All, task: [two, c, a], aggregate_metric_list: [{metric: exact_match, filter_list: none, weight_by_size: false}]}
- {group: two, task: [b, a], aggregate_metric_list: {metric: exact_match, aggregation: mean, higher_is_better: true}, metadata: {version: 1}}
- {group: one, task: c, aggregate_metric_list: [{metric: exact_match}]}
`))
	require.NoError(t, err)
	require.Len(t, configs, 3)
	got, err := json.Marshal(groups)
	require.NoError(t, err)
	assert.JSONEq(t, `[
 {"Line":7,"Name":"all","Title":"All","Tasks":["a","b","c"],"Metrics":[{"Name":"exact_match","BySize":false}]},
 {"Line":8,"Name":"two","Title":"two","Tasks":["a","b"],"Metrics":[{"Name":"exact_match","BySize":true}]},
 {"Line":9,"Name":"one","Title":"one","Tasks":["c"],"Metrics":[{"Name":"exact_match,s","BySize":true},{"Name":"exact_match","BySize":true}]}
]`, string(got))
}

// TestProblemsOfGroups: what is wrong is said with file, line and field.
func TestProblemsOfGroups(t *testing.T) {
	const metric = "aggregate_metric_list: [{metric: exact_match}]"
	for text, want := range map[string]string{
		"- {task: [a], " + metric + "}":                                                                     `t.yaml:6: groups[0].group: "" is no name of a group`,
		"- {group: a/b, task: [a], " + metric + "}":                                                         `"a/b" is no name of a group`,
		"- {group: g, " + metric + "}":                                                                      "t.yaml:6: groups[0].task: the group g has no tasks",
		"- {group: g, task: [a]}":                                                                           "t.yaml:6: groups[0].aggregate_metric_list: the group g averages no metric",
		"- {group: a, task: [a], " + metric + "}":                                                           "t.yaml:6: group: a task or another group is named a, too",
		"- {group: g, task: [bb], " + metric + "}":                                                          `t.yaml:6: task: the group g has the task "bb", which the file does not have, did you mean b`,
		"- {group: g, task: [g], " + metric + "}":                                                           "t.yaml:6: task: the group g is in itself",
		"- {group: g, task: [a, {task: b}], " + metric + "}":                                                "t.yaml:6: groups[0].task: a text or a list of texts is needed",
		"- {group: g, task: [a], agregate: 1}":                                                              "t.yaml:6: groups[0].agregate: unknown key",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: acc}]}":                                   `t.yaml:6: groups[0].aggregate_metric_list[0].metric: no task of g has a metric "acc": a has exact_match`,
		"- {group: g, task: [a, b], aggregate_metric_list: [{metric: bleu}]}":                               "the task a has no bleu, only exact_match: filter_list names those to average",
		"- {group: g, task: [a, c], " + metric + "}":                                                        "the task a has no exact_match,s, only exact_match: filter_list",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match, filter_list: 5}]}":           "filter_list: text is needed",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match, weight_by_size: 1}]}":        "weight_by_size: true or false is needed",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match, aggregation: max}]}":         "aggregation: max is no way to average: there is mean",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match, aggregation: !function x}]}": "code of other programs is not run",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match, wight: 1}]}":                 "wight: unknown key",
		"- {group: g, task: [a], aggregate_metric_list: [{metric: exact_match}, {metric: exact_match}]}":    "exact_match is there twice",
		"- {group: g, task: [a], aggregate_metric_list: [{}]}":                                              "a metric's name is needed",
		"- {group: g, task: [a], aggregate_metric_list: [x]}":                                               "a mapping is needed",
		"  x: 1": "groups: a list of groups is needed, this is a mapping",
	} {
		_, _, err := ParseAll("t.yaml", []byte(grouped+text+"\n"))
		if assert.Error(t, err, text) {
			assert.Contains(t, err.Error(), want, text)
			assert.NotContains(t, err.Error(), "\n", text)
		}
	}
	_, _, err := ParseAll("t.yaml", []byte("group: g\ntask: [a]\n"))
	require.EqualError(t, err, "t.yaml:1: group: a group stands in the list groups, beside the list tasks of its tasks")
	_, _, err = ParseAll("t.yaml", []byte(small+"groups: []\n"))
	require.ErrorContains(t, err, "t.yaml:6: groups: unknown key")
}

// TestHostileGroups: groups in groups that would be too many end by what they look at, not by the clock.
func TestHostileGroups(t *testing.T) {
	var b strings.Builder
	b.WriteString(grouped)
	for i := range 19 { // each twice the one before: 2^19 steps
		fmt.Fprintf(&b, "- {group: g%d, task: [g%d, g%[2]d], aggregate_metric_list: [{metric: exact_match}]}\n", i, i+1)
	}
	b.WriteString("- {group: g19, task: [a], aggregate_metric_list: [{metric: exact_match}]}\n")
	_, _, err := ParseAll("t.yaml", []byte(b.String()))
	require.ErrorContains(t, err, "more than 200000 tasks and metrics, those of groups in groups counted")
}

// TestSchemaOfGroups: the published schema has the keys that are read.
func TestSchemaOfGroups(t *testing.T) {
	var s struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &s))
	for key := range s.Defs["group"].Properties {
		_, _, err := ParseAll("t.yaml", []byte(grouped+"- {"+key+": {}}\n"))
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "unknown key", key)
	}
	for key := range s.Defs["aggregate"].Properties {
		_, _, err := ParseAll("t.yaml", []byte(grouped+"- {group: g, task: a, aggregate_metric_list: {"+key+": x}}\n"))
		require.Error(t, err, key)
		assert.NotContains(t, err.Error(), "unknown key", key)
	}
}
