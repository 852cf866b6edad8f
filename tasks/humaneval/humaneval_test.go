package humaneval

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func both() []Task { return []Task{New(), NewJA()} }

// open reads the pinned file.
func open(t *testing.T, task Task) []tasks.Doc {
	t.Helper()
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	docs, err := task.Docs(dir, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 164)
	return docs
}

// TestRequestsAreTheReferences compares prompts, stop strings and what is put behind an answer with what the harness built.
func TestRequestsAreTheReferences(t *testing.T) {
	for _, task := range both() {
		docs := open(t, task)
		for i, d := range docs {
			assert.Equal(t, d.Fault != "", task.Spec().Name == "jhumaneval" && i == 64, "JHumanEval/64 closes a string and goes on")
		}
		lines := shared.Lines(t, "goldens/swallow-202411/prompts/"+task.Spec().Name+".jsonl.gz")
		require.Len(t, lines, 82)
		for _, line := range lines {
			var want struct {
				Position  int         `json:"position"`
				ID        tasks.DocID `json:"doc_id"`
				Prompt    string      `json:"prompt"`
				Reference string      `json:"reference"`
				Stops     []string    `json:"stop_words"`
				Samples   int         `json:"n_samples"`
			}
			require.NoError(t, json.Unmarshal(line, &want))
			d := docs[want.Position]
			assert.Equal(t, want.ID, d.ID)
			requests := task.Requests(d, tasks.Unlimited{})
			require.Len(t, requests, want.Samples)
			seeds := map[uint32]bool{}
			for k, q := range requests {
				assert.Equal(t, want.Prompt, q.Prompt)
				assert.Equal(t, want.Stops, q.Stop)
				assert.Equal(t, tasks.Drawn(task.Spec().Name, d.ID, k, 0.2, 0.95), q.Sampling)
				seeds[q.Sampling.Seed] = true
			}
			assert.Len(t, seeds, want.Samples, "every answer is drawn by itself")
			assert.Equal(t, want.Prompt+"x\n"+want.Reference, task.Programs(d, []tasks.Response{{Text: "x"}})[0])
		}
	}
}

// TestCutting compares where answers end with the harness's postprocess_generation.
func TestCutting(t *testing.T) {
	for _, task := range both() {
		docs := open(t, task)
		lines := shared.Lines(t, "goldens/swallow-202411/metrics/"+task.Spec().Name+"_cut.jsonl.gz")
		require.Len(t, lines, 410)
		for _, line := range lines {
			var want struct {
				ID                     tasks.DocID `json:"doc_id"`
				Completion, Generation string
			}
			require.NoError(t, json.Unmarshal(line, &want))
			d := docs[golden.Position(t, want.ID)]
			cut := metrics.CutAtStops(want.Completion, task.Requests(d, nil)[0].Stop)
			assert.Equal(t, want.Generation, d.Input+cut)
			assert.True(t, strings.HasPrefix(task.Programs(d, []tasks.Response{{Text: cut}})[0], want.Generation+"\n\n"))
		}
	}
}

func TestOutputs(t *testing.T) {
	responses := []tasks.Response{{Verdict: tasks.Passed}, {Verdict: "failed: x"}, {Verdict: tasks.TimedOut}}
	assert.Equal(t, []string{"1/3", "1/3"}, New().Outputs(tasks.Doc{}, responses))
	assert.Equal(t, []string{"", ""}, New().Outputs(tasks.Doc{}, append(responses, tasks.Response{})), "one has no verdict")
}

func TestRecords(t *testing.T) {
	const good = `{"task_id":"HumanEval/0","prompt":"def f():\n","test":"def check(c): pass\n","entry_point":"f","canonical_solution":"    pass\n"}`
	docs, err := New().Docs(golden.Source{"test": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	assert.Equal(t, "def f():\n    pass\n\n\ndef check(c): pass\n\ncheck(f)", New().Programs(docs[0], []tasks.Response{{Text: docs[0].Target}})[0])
	for field, want := range map[string]string{"prompt": "prompt", "test": "test", "entry_point": "entry_point"} {
		_, err := New().Docs(golden.Source{"test": {strings.Replace(good, `"`+field+`"`, `"other"`, 1)}}, 0, tasks.Unlimited{})
		require.ErrorContains(t, err, "field "+want)
	}
	_, err = New().Docs(golden.Source{"test": {good}}, 1, tasks.Unlimited{})
	require.ErrorContains(t, err, "1 shots: the reference gives no examples")
	_, err = New().Docs(golden.Source{}, 0, tasks.Unlimited{})
	require.Error(t, err)
}

func TestProblems(t *testing.T) {
	id, ok := Document(ProblemID(tasks.RowID(17)))
	assert.True(t, ok)
	assert.Equal(t, tasks.RowID(17), id)
	for _, bad := range []string{"", "17", "HumanEval/", "HumanEval/x", "HumanEval/-1", "MBPP/1"} {
		_, ok := Document(bad)
		assert.False(t, ok, bad)
	}
}
