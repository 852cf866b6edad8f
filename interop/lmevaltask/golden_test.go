package lmevaltask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// memory is a data set's splits.
type memory map[string][]json.RawMessage

func (m memory) Rows(_, split string) (string, []json.RawMessage, error) {
	rows, ok := m[split]
	if !ok {
		return "", nil, fmt.Errorf("no split %q", split)
	}
	return split, rows, nil
}

type goldenRequest struct {
	Task, YAML   string
	Arg          any `json:"num_fewshot_arg"`
	Shots        int `json:"num_fewshot"`
	Doc          int `json:"doc_index"`
	Request      int `json:"request_index"`
	Kind         string
	Context      *string
	Continuation *string
	Text         *string
	Kwargs       json.RawMessage `json:"gen_kwargs"`
	Repeats      int
}

// documents are the invented rows of the goldens by task.
func documents(t *testing.T) map[string]memory {
	all := map[string]memory{}
	for _, line := range shared.Lines(t, "goldens/lmeval/docs.jsonl.gz") {
		var d struct {
			Task, Split string
			Row         json.RawMessage
		}
		require.NoError(t, json.Unmarshal(line, &d))
		if all[d.Task] == nil {
			all[d.Task] = memory{}
		}
		all[d.Task][d.Split] = append(all[d.Task][d.Split], d.Row)
	}
	return all
}

// imported is a task after a journey through the task file that import writes.
func imported(t *testing.T, path string) *file.Task {
	t.Helper()
	task, err := Load(path)
	require.NoError(t, err)
	content, err := task.File(path, map[string]string{})
	require.NoError(t, err, path)
	configs, err := file.Parse("mytask.yaml", content)
	require.NoError(t, err, "%s", content)
	made, err := file.New(configs[0])
	require.NoError(t, err)
	return made
}

func sameJSON(t *testing.T, want, got []byte, what string) {
	t.Helper()
	w, err := python.Parse(want)
	require.NoError(t, err)
	g, err := python.Parse(got)
	require.NoError(t, err)
	assert.Equal(t, string(python.Append(nil, w, 0)), string(python.Append(nil, g, 0)), what)
}

// check compares a request with the recorded one.
func (g goldenRequest) check(t *testing.T, r tasks.Request, what string) bool {
	t.Helper()
	switch g.Kind {
	case "loglikelihood":
		return assert.Equal(t, *g.Context, r.Prompt, what) && assert.Equal(t, *g.Continuation, r.Continuation, what)
	case "loglikelihood_rolling":
		return assert.Equal(t, "", r.Prompt, what) && assert.Equal(t, *g.Text, r.Continuation, what)
	}
	sameJSON(t, g.Kwargs, []byte(r.Arguments), what)
	if g.Repeats > 0 {
		assert.Equal(t, g.Repeats, r.Repeats, what)
	}
	return assert.Equal(t, *g.Context, r.Prompt, what)
}

// TestRequestsAreLMEvals compares all requests of the goldens' tasks, at every number of examples.
func TestRequestsAreLMEvals(t *testing.T) {
	docs := documents(t)
	dir := shared.Path(t, "goldens/lmeval/yaml")
	made, checked := map[string][]tasks.Doc{}, 0
	byPath := map[string]*file.Task{}
	for _, line := range shared.Lines(t, "goldens/lmeval/requests.jsonl.gz") {
		var g goldenRequest
		require.NoError(t, json.Unmarshal(line, &g))
		what := fmt.Sprintf("%s %v-shot document %d request %d", g.Task, g.Arg, g.Doc, g.Request)
		if byPath[g.YAML] == nil {
			byPath[g.YAML] = imported(t, filepath.Join(dir, g.YAML))
		}
		task := byPath[g.YAML]
		shots := task.Spec().Shots
		if n, ok := g.Arg.(float64); ok && !task.Spec().FixedShots {
			shots = int(n)
		}
		require.Equal(t, g.Shots, shots, what)
		key := g.YAML + strconv.Itoa(shots)
		if made[key] == nil {
			built, err := task.Docs(docs[g.Task], shots, nil)
			require.NoError(t, err, what)
			made[key] = built
		}
		requests := task.Requests(made[key][g.Doc], nil)
		require.Less(t, g.Request, len(requests), what)
		if !g.check(t, requests[g.Request], what) {
			return
		}
		checked++
	}
	require.Greater(t, checked, 1000)
}

// TestEdges: small configurations that show one rule each.
func TestEdges(t *testing.T) {
	for _, line := range shared.Lines(t, "goldens/lmeval/edges.jsonl.gz") {
		var e struct {
			Name     string
			Config   json.RawMessage
			Docs     memory
			Shots    int `json:"num_fewshot"`
			Requests []goldenRequest
			Error    string
			Message  string
		}
		require.NoError(t, json.Unmarshal(line, &e))
		var docs []tasks.Doc
		var task *file.Task
		r := &file.Reader{File: "edge", Repeated: true}
		root, err := r.Root(e.Config)
		require.NoError(t, err, e.Name)
		unstyled(root)
		config, err := r.Task(root)
		if err == nil {
			task, err = file.New(config)
		}
		if err == nil {
			docs, err = task.Docs(e.Docs, e.Shots, nil)
		}
		if e.Error != "" {
			assert.Error(t, err, "%s: %s %s", e.Name, e.Error, e.Message)
			continue
		}
		if !assert.NoError(t, err, e.Name) {
			continue
		}
		for _, g := range e.Requests {
			g.check(t, task.Requests(docs[g.Doc], nil)[g.Request], e.Name)
		}
	}
}

// unstyled does nothing to JSON's strings, which are in quotes.
func unstyled(*yaml.Node) {}

type goldenResult struct {
	Task, Group, Run string
	Variant          int
	Shots            int `json:"num_fewshot"`
	Docs             []struct {
		Index     int `json:"doc_index"`
		Responses [][]json.RawMessage
		Filtered  map[string]json.RawMessage
		Metrics   map[string]map[string]json.RawMessage
	}
	Aggregated map[string]any
}

// TestScoresAreLMEvals compares filtered outputs, metrics and aggregates for invented outputs.
func TestScoresAreLMEvals(t *testing.T) {
	docs := documents(t)
	dir := shared.Path(t, "goldens/lmeval")
	var files struct {
		Files []struct{ Task, YAML string }
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/lmeval/files.json"), &files))
	paths := map[string]string{}
	for _, f := range files.Files {
		paths[f.Task] = f.YAML
	}
	aggregates, compared := 0, 0
	for _, line := range shared.Lines(t, "goldens/lmeval/results.jsonl.gz") {
		var g goldenResult
		require.NoError(t, json.Unmarshal(bytes.ReplaceAll(line, []byte("NaN"), []byte("null")), &g))
		if g.Group != "" || paths[g.Task] == "" {
			continue
		}
		task := imported(t, filepath.Join(dir, "yaml", paths[g.Task]))
		built, err := task.Docs(docs[g.Task], g.Shots, nil)
		require.NoError(t, err)
		stats := make([][]metrics.Stat, len(task.Spec().Metrics))
		for _, d := range g.Docs {
			doc := built[d.Index]
			for i, out := range task.Outputs(doc, responsesOf(t, d.Responses)) {
				m := task.Spec().Metrics[i]
				stats[i] = append(stats[i], m.Each(out, doc.Targets))
				name, filter, _ := strings.Cut(m.Name+",none", ",")
				filter, _, _ = strings.Cut(filter, ",")
				what := fmt.Sprintf("%s %s variant %d document %d", g.Task, m.Name, g.Variant, d.Index)
				var text string
				if raw := d.Filtered[filter]; task.Type == file.Generate && json.Unmarshal(raw, &text) == nil {
					assert.Equal(t, text, out, what)
				}
				var value float64
				if raw := d.Metrics[filter][name]; m.Width == 1 && raw != nil && json.Unmarshal(raw, &value) == nil {
					compared++
					assert.InDelta(t, value, stats[i][len(stats[i])-1][0], 1e-12, what)
				}
			}
		}
		for i, m := range task.Spec().Metrics {
			name := m.Name
			if !bytes.ContainsRune([]byte(name), ',') {
				name += ",none"
			}
			want, ok := g.Aggregated[name].(float64)
			if !ok {
				continue // not computed there
			}
			aggregates++
			assert.InDelta(t, want, m.Score(stats[i]), 1e-12*math.Max(1, math.Abs(want)), "%s %s %d", g.Task, name, g.Variant)
		}
	}
	require.Greater(t, aggregates, 100)
	require.Greater(t, compared, 1000)
}

func responsesOf(t *testing.T, all [][]json.RawMessage) (out []tasks.Response) {
	for _, repeats := range all {
		for k, raw := range repeats {
			var pair []any
			var text string
			var number float64
			switch {
			case json.Unmarshal(raw, &text) == nil:
				out = append(out, tasks.Response{Text: text})
			case k > 0:
			case json.Unmarshal(raw, &number) == nil:
				out = append(out, tasks.Response{LogProb: number})
			default:
				require.NoError(t, json.Unmarshal(raw, &pair))
				out = append(out, tasks.Response{LogProb: pair[0].(float64), Greedy: pair[1].(bool)})
			}
		}
	}
	return out
}
