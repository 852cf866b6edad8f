package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/jinja"
	"github.com/swallow-eval/swallow-eval/tasks"
)

type memory map[string][]json.RawMessage

func (m memory) Rows(_, split string) (string, []json.RawMessage, error) {
	rows, ok := m[split]
	if !ok {
		return "", nil, fmt.Errorf("no split %q", split)
	}
	return split + ".jsonl", rows, nil
}

const small = "task: a\ntest_split: test\ndata: {test: a.jsonl}\ndoc_to_text: \"{{q}}\"\ndoc_to_target: a\n"

// TestProblems: what is wrong is said with file, line and field, in one line.
func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "t.yaml: the file is empty",
		"a: [":                     "t.yaml: line 1",
		"5":                        "t.yaml:1: a mapping is needed, this is \"5\"",
		"[]":                       "t.yaml:1: tasks: there is no task",
		small + "do_to_text: x\n":  "t.yaml:6: do_to_text: unknown key, did you mean doc_to_text?",
		small + "task: b\n":        "t.yaml:6: task: the key is there twice, first on line 1",
		small + "num_fewshot: x\n": "t.yaml:6: num_fewshot: a whole number from 0 on is needed",
		small + "repeats: 10001\n": "t.yaml:6: repeats: 10001 answers to one question, more than 10000",
		small + "output_type: x\n": "t.yaml:6: output_type: \"x\" is none of",
		small + "process_docs: !function utils.f\n":                                             "t.yaml:6: process_docs: unknown key",
		small + "description: !function utils.f\n":                                              "t.yaml:6: description: !function utils.f: code of other programs is not run",
		small + "description: \"{{ q\"\n":                                                       "t.yaml:6: description: template line 1",
		small + "description: \"{{ q|nope }}\"\n":                                               "no filter named \"nope\"",
		small + "output_type: multiple_choice\n":                                                "doc_to_choice: multiple_choice needs choices",
		small + "metric_list: [{metric: accc}]\n":                                               "metric_list: generate_until has no metric \"accc\"",
		small + "metric_list: [{metric: exact_match, foo: 1}]\n":                                "unknown setting \"foo\"",
		small + "metric_list: [{metric: exact_match, aggregation: max}]\n":                      "t.yaml:6: metric_list[0].aggregation: max is not what",
		small + "filter_list: [{name: x, filter: [{function: regx}]}]\n":                        "unknown filter \"regx\", did you mean regex?",
		small + "filter_list: [{name: x, filter: [{function: regex, regex_pattern: \"(\"}]}]\n": "t.yaml:6: filter_list[0].filter: regex_pattern",
		small + "generation_kwargs: {until: 5}\n":                                               "t.yaml:6: generation_kwargs.until: a text or a list of texts",
		small + "fewshot_config: {sampler: x}\n":                                                "t.yaml:6: fewshot_config.sampler: \"x\" is none of default, first_n, shuffled",
		small + "fewshot_config: {fewshot_indices: [-1]}\n":                                     "t.yaml:6: fewshot_config.fewshot_indices: a list of records' numbers from 0 on",
		small + "fewshot_config: {fewshot_indices: []}\n":                                       "t.yaml:6: fewshot_config.fewshot_indices: a list of records' numbers",
		small + "fewshot_config: {fewshot_indices: 3}\n":                                        "t.yaml:6: fewshot_config.fewshot_indices: a list of records' numbers",
		small + "fewshot_config: {fewshot_indices: [0], samples: []}\n":                         "t.yaml:6: fewshot_config.fewshot_indices: they are of a split, and samples are written out",
		small + "fewshot_config: {zz: x}\n":                                                     "t.yaml:6: fewshot_config.zz: unknown key",
		"data: {test: ../a.jsonl}\n":                                                            "t.yaml:1: data.test: \"../a.jsonl\" lies outside the task file's folder",
		"data: {test: /etc/passwd}\n":                                                           "lies outside the task file's folder",
		"data: {test: {file: a, sha256: x}}\n":                                                  "data.test.sha256: not a digest",
		"data: {test: {hub: a/b, file: ../x.jsonl}}\n":                                          "t.yaml:1: data.test: \"../x.jsonl\" lies outside the data set",
		"data: {test: {hub: a/b/c, file: x.jsonl}}\n":                                           "t.yaml:1: data.test.hub: not a data set's id",
		"data: {test: {hub: ../b, file: x.jsonl}}\n":                                            "t.yaml:1: data.test.hub: not a data set's id",
		"data: {test: {hub: a/b, revision: ../x, file: x.jsonl}}\n":                             "t.yaml:1: data.test.revision: not a commit",
		"data: {test: {hub: a/b}}\n":                                                            "t.yaml:1: data.test: no file is named",
		"data: {test: {revision: main, file: x.jsonl}}\n":                                       "t.yaml:1: data.test: revision is of a data set of the hub",
		"data: {test: http://x.example/a.jsonl}\n":                                              "t.yaml:1: data.test: \"http://x.example/a.jsonl\" is no https address",
		"data: {test: \"https://u:p@x.example/a.jsonl\"}\n":                                     "is no https address",
		"data: {test: {url: https://x.example/a.jsonl, file: a.jsonl}}\n":                       "t.yaml:1: data.test: url stands alone",
		"data: {test: {url: https://x.example/a.jsonl.gz}}\n":                                   "t.yaml:1: data.test: a compressed file",
		"data: {test: [a]}\n":                                                                   "t.yaml:1: data.test: a path, an https address, or a mapping",
		"data: {test: {file: a, size: 1}}\n":                                                    "data.test.size: unknown key",
		"test_split: test\n":                                                                    "task: the task has no name",
		"task: a/b\ntest_split: test\ndoc_to_target: a\n":                                       "t.yaml:1: task: \"a/b\" is no name",
		"tasks: []\nx: 1\n":                                                                     "t.yaml:2: x: stands beside tasks",
		"- {task: a, test_split: t, doc_to_text: q, doc_to_target: a}\n- {task: a, test_split: t, doc_to_text: q, doc_to_target: a}\n": "two tasks are named a",
	} {
		_, err := Parse("t.yaml", []byte(text))
		if assert.Error(t, err, text) {
			assert.ErrorContains(t, err, want, text)
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

// TestHostileFiles: they end in one line, soon.
func TestHostileFiles(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i, c := range "bcdefghij" {
		prev := string(rune('a' + i))
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+prev+",", 10), ","))
	}
	for name, text := range map[string]string{
		"aliases":  strings.ReplaceAll(small, "doc_to_text: \"{{q}}\"", "doc_to_choice:\n  "+strings.ReplaceAll(strings.TrimSpace(bomb), "\n", "\n  ")+"\ndoc_to_text: q"),
		"deep":     small + "metadata: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n",
		"large":    small + "#" + strings.Repeat("x", maxBytes),
		"self":     "&a [*a]\n",
		"template": small + "description: \"{{ " + strings.Repeat("(", 5000) + "\"\n",
		"merge":    small + "metadata: {<<: {a: 1}}\n",
		"binary":   "\x00\x01\xff",
	} {
		_, err := Parse("t.yaml", []byte(text))
		assert.Error(t, err, name)
		if err != nil {
			assert.NotContains(t, err.Error(), "\n", name)
			assert.Less(t, len(err.Error()), 2000, name)
		}
	}
	endless := "task: a\ntest_split: test\ndoc_to_text: \"{% for i in range(10**9) %}{% endfor %}\"\ndoc_to_target: a\n"
	configs, err := Parse("t.yaml", []byte(endless))
	require.NoError(t, err)
	task, err := New(configs[0])
	require.NoError(t, err)
	_, err = task.Docs(memory{"test": {[]byte(`{"a":"x"}`)}}, 0, nil)
	require.ErrorContains(t, err, "test.jsonl: record 1: doc_to_text: template line 1: template takes more than")
}

// TestExample: the example is sound, and every key of it is in the schema.
func TestExample(t *testing.T) {
	text, rows := Example("qa")
	configs, err := Parse("qa.yaml", text)
	require.NoError(t, err)
	task, err := New(configs[0])
	require.NoError(t, err)
	src := memory{}
	for line := range strings.Lines(string(rows)) {
		src["test"] = append(src["test"], json.RawMessage(line))
	}
	docs, err := task.Docs(src, task.Spec().Shots, nil)
	require.NoError(t, err)
	require.Len(t, docs, 6)
	for i := range task.Spec().Metrics {
		score, wrong := task.OwnScore(i, docs)
		assert.Equal(t, task.Spec().Metrics[i].Max, score)
		assert.Equal(t, -1, wrong)
	}
	assert.Equal(t, "地理", docs[0].Cluster)
	assert.Equal(t, tasks.TextID("q1"), docs[0].ID)
	for _, d := range docs {
		for _, s := range d.Shots {
			assert.NotEqual(t, d.Input, s.Input, "a document is no example of its own")
		}
	}
}

// TestSchema: the schema has the very keys that the reader knows.
func TestSchema(t *testing.T) {
	var s struct {
		Defs struct {
			Task struct {
				Properties map[string]any `json:"properties"`
			} `json:"task"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &s))
	keys := (&Config{}).keys()
	for k := range keys {
		assert.Contains(t, s.Defs.Task.Properties, k)
	}
	for k := range s.Defs.Task.Properties {
		assert.Contains(t, keys, k)
	}
}

func TestOwnKeys(t *testing.T) {
	text := "tasks:\n- {task: a, test_split: test, doc_to_text: q, doc_to_target: a, filter_docs: \"n > 1\", doc_id: \"x{{n}}\", metric_list: [exact_match]}\n"
	configs, err := Parse("t.yaml", []byte(text))
	require.NoError(t, err)
	task, err := New(configs[0])
	require.NoError(t, err)
	src := memory{"test": {[]byte(`{"q":"1","a":"A","n":1}`), []byte(`{"q":"2","a":"B","n":2}`), []byte(`{"q":"3","a":"C","n":3}`)}}
	docs, err := task.Docs(src, 0, nil)
	require.NoError(t, err)
	require.Len(t, docs, 2)
	assert.Equal(t, "x2", docs[0].ID.String())
	src["test"][2] = src["test"][1]
	_, err = task.Docs(src, 0, nil)
	require.ErrorContains(t, err, `record 3: doc_id "x2" is also that of record 2`)
	_, err = task.Docs(memory{"test": src["test"][:1]}, 0, nil)
	require.ErrorContains(t, err, "filter_docs keeps none")
}

func TestPinned(t *testing.T) {
	content, err := Pinned("t.yaml", []byte("# why\n"+small), map[string]map[string]Pin{"a": {"test": {SHA256: strings.Repeat("a", 64), Rows: 3}}})
	require.NoError(t, err)
	assert.Contains(t, string(content), "# why")
	configs, err := Parse("t.yaml", content)
	require.NoError(t, err)
	assert.Equal(t, 3, configs[0].Data["test"].Rows)
	assert.Equal(t, "a.jsonl", configs[0].Data["test"].File)
}

func FuzzParse(f *testing.F) {
	text, _ := Example("qa")
	f.Add(string(text))
	f.Add(small)
	src := memory{"test": {[]byte(`{"q":"1","a":"A","n":1}`)}}
	f.Fuzz(func(t *testing.T, text string) {
		configs, err := Parse("t.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, c := range configs {
			task, err := New(c)
			if err != nil {
				continue
			}
			docs, err := task.Docs(src, 1, nil)
			if err != nil {
				continue
			}
			for _, d := range docs {
				task.Requests(d, nil)
			}
		}
	})
}

// TestHostileFilters: many searches in one template end together, after few of them, whatever else the machine does.
func TestHostileFilters(t *testing.T) {
	const most = 2000 // each of the slow ones tries more than a hundred thousand ways, and all together may take half a second of a processor
	for text, want := range map[string]string{
		"{% for i in range(100000) %}{{ ('a' * 17 ~ 'c') | regex_replace('(a+)+$', '') }}{% endfor %}":     "more than 500 milliseconds of filters|takes too long", // one search alone, where the machine had stopped this process
		"{{ ('x' * 100) | regex_replace('x', 'y' * 300000) }}":                                             "more than",                                            // bytes; on a busy machine the time
		"{% for i in range(100) %}{{ ('x' * 10000) | regex_replace('x', 'yyyyyyyyy' * 100) }}{% endfor %}": "more than",
	} {
		options, searches := templateOptions(), 0
		replace := options.Filters["regex_replace"]
		options.Filters["regex_replace"] = func(args []any) (any, error) {
			if searches++; searches > most {
				return nil, errors.New("nothing has ended the searches")
			}
			return replace(args)
		}
		counted, err := jinja.Parse(text, options)
		require.NoError(t, err)
		_, err = counted.Render(nil, jinja.DefaultLimits())
		require.Error(t, err)
		require.Regexp(t, want, err.Error())

		configs, err := Parse("t.yaml", []byte("task: a\ntest_split: test\ndoc_to_text: \""+text+"\"\ndoc_to_target: a\n"))
		require.NoError(t, err)
		task, err := New(configs[0])
		require.NoError(t, err)
		_, err = task.Docs(memory{"test": {[]byte(`{"a":"x"}`)}}, 0, nil)
		require.Error(t, err)
		assert.Regexp(t, want, err.Error())
	}
}
