package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// totalsFile is a result file that holds one total.
func totalsFile(t *testing.T, harness tasks.Protocol, name, metric string, v float64) string {
	t.Helper()
	content := map[string]any{
		"results": map[string]any{name: map[string]any{metric: v}}, "config": map[string]any{"model_args": "pretrained=org/x", "num_fewshot": 3},
	}
	if harness == tasks.LLMJPEval {
		content = map[string]any{name + "_" + metric: v, "AVG": v}
	}
	b, err := json.Marshal(content)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "result.json")
	require.NoError(t, os.WriteFile(path, b, 0o644))
	return path
}

// Every column of every profile is read from a result file that holds its total alone, under the name its harness has for
// it and no other harness's; of values outside the metric's range there is none.
func TestImportTotalsOfEveryColumn(t *testing.T) {
	for _, p := range suite.Profiles() {
		for _, task := range p.Tasks {
			spec := task.Spec()
			if len(spec.Metrics) == 0 || spec.Reference == "" {
				continue
			}
			m := spec.Metrics[0]
			read := func(harness tasks.Protocol, v float64) (Run, error) {
				path := totalsFile(t, harness, spec.Reference, m.Name, v)
				found, err := Find(path)
				require.NoError(t, err, "%s %s", p.Name, spec.Name)
				s := NewScorer(&series.Scorer{Profile: p.Name, Tasks: p.Tasks, Missing: func(tasks.Spec) string { return "" }})
				return s.ImportTotals(path, found, []tasks.Task{task})
			}
			switch spec.Protocol {
			case tasks.HarnessEN, tasks.HarnessJP, tasks.LLMJPEval:
			default: // a harness whose totals are another file's, which is read elsewhere
				continue
			}
			d, err := read(spec.Protocol, m.Max/4)
			require.NoError(t, err, "%s %s", p.Name, spec.Name)
			require.Len(t, d.Run.Scores, 1)
			got := d.Run.Scores[0]
			assert.Equal(t, spec.Name, got.Task)
			assert.Equal(t, []results.Value{{Metric: m.Name, Value: m.Max / 4, Max: m.Max}}, got.Values)
			assert.Equal(t, results.UnknownDocuments, got.N)
			if spec.Protocol != tasks.LLMJPEval {
				assert.Equal(t, 3, got.Shots)
				assert.Equal(t, "org/x", d.Run.Model.Name)
			}
			d, err = read(spec.Protocol, 1.5*m.Max)
			require.NoError(t, err)
			assert.Contains(t, d.Run.Scores[0].Hole, "above")
			assert.Empty(t, d.Run.Scores[0].Values)
			if spec.Protocol == tasks.LLMJPEval {
				_, err = read(tasks.HarnessEN, m.Max/4)
				assert.ErrorContains(t, err, "no number of a column of the table", "%s of another harness", spec.Name)
			}
		}
	}
}
