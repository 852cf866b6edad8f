package file_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
	"github.com/swallow-eval/swallow-eval/tasks/gsm8k"
	"github.com/swallow-eval/swallow-eval/tasks/hellaswag"
	"github.com/swallow-eval/swallow-eval/tasks/jcommonsenseqa"
	"github.com/swallow-eval/swallow-eval/tasks/jsquad"
	"github.com/swallow-eval/swallow-eval/tasks/niilc"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
)

// as reads a benchmark's records for a task file.
type as struct {
	tasks.Source
	dataset string
}

func (s as) Rows(_, split string) (string, []json.RawMessage, error) {
	return s.Source.Rows(s.dataset, split)
}

// twins are tasks of this program and the files in docs/tasks that say the same.
func twins() map[string]tasks.Task {
	return map[string]tasks.Task{
		"jcommonsenseqa": jcommonsenseqa.New(), "niilc": niilc.New(), "jsquad": jsquad.New(),
		"openbookqa": openbookqa.New(), "hellaswag": hellaswag.New04(), "gsm8k": gsm8k.New(),
	}
}

func twin(t *testing.T, name string) *file.Task {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "tasks", name+".yaml")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	configs, err := file.Parse(name+".yaml", content)
	require.NoError(t, err)
	task, err := file.New(configs[0])
	require.NoError(t, err)
	return task
}

// TestTheFormIsStrongEnough: task files that say what tasks of the program do give their requests, their right answers and
// their scores, over the invented data.
func TestTheFormIsStrongEnough(t *testing.T) {
	smoke, err := smokedata.Open()
	require.NoError(t, err)
	for name, own := range twins() {
		t.Run(name, func(t *testing.T) {
			if on, ok := own.(interface{ OnInvented() tasks.Task }); ok {
				own = on.OnInvented()
			}
			same(t, own, twin(t, name), smoke)
		})
	}
}

// TestTheFormIsStrongEnoughForTheBenchmarks is the same over the benchmarks' own files.
func TestTheFormIsStrongEnoughForTheBenchmarks(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	for name, own := range twins() {
		t.Run(name, func(t *testing.T) { same(t, own, twin(t, name), dir) })
	}
}

func same(t *testing.T, own tasks.Task, task *file.Task, src tasks.Source) {
	t.Helper()
	require.Equal(t, own.Spec().Shots, task.Spec().Shots)
	want, err := own.Docs(src, own.Spec().Shots, tasks.Unlimited{})
	require.NoError(t, err)
	got, err := task.Docs(as{src, own.Spec().Dataset}, task.Spec().Shots, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, got, len(want))
	digests := [2]*tasks.Digest{tasks.NewDigest(), tasks.NewDigest()}
	for i, d := range want {
		requests, theirs := own.Requests(d, tasks.Unlimited{}), task.Requests(got[i], tasks.Unlimited{})
		require.Len(t, theirs, len(requests))
		for k, r := range requests {
			digests[0].Add(r)
			digests[1].Add(theirs[k])
			require.Equal(t, r.Identity().AppendLine(nil), theirs[k].Identity().AppendLine(nil), "document %d", i)
		}
		require.Equal(t, d.Targets, got[i].Targets, "document %d", i)
		assert.Equal(t, d.Cluster, got[i].Cluster)
		sameScores(t, own, task, d, got[i], len(requests))
	}
	require.Equal(t, digests[0].String(), digests[1].String())
	t.Logf("%s: %d documents, %s", own.Spec().Name, len(want), digests[0])
}

// sameScores compares what both make of a right and of a wrong answer, and of two that need care.
func sameScores(t *testing.T, own tasks.Task, task *file.Task, d, theirs tasks.Doc, n int) {
	t.Helper()
	for k, text := range []string{d.Target, d.Target + "\n\nそして", "１２３ #### 1,234.", ""} {
		responses := make([]tasks.Response, n)
		for i := range responses {
			responses[i] = tasks.Response{Text: text, LogProb: -float64((i*7 + k*3 + len(d.Input)) % 5)}
		}
		want, got := own.Outputs(d, responses), task.Outputs(theirs, responses)
		for i, m := range own.Spec().Metrics {
			require.Equal(t, m.Each(want[i], d.Targets), task.Spec().Metrics[i].Each(got[i], theirs.Targets), "%s of %q", m.Name, text)
		}
	}
}

// TestChosenExamples: the records that examples are taken from are named in errors by their place in the file.
func TestChosenExamples(t *testing.T) {
	task := func(indices string) *file.Task {
		configs, err := file.Parse("t.yaml", []byte("task: a\ntest_split: test\nfewshot_split: train\nnum_fewshot: 2\ndoc_to_text: q\ndoc_to_target: a\n"+
			"fewshot_config: {sampler: first_n, fewshot_indices: "+indices+"}\n"))
		require.NoError(t, err)
		made, err := file.New(configs[0])
		require.NoError(t, err)
		return made
	}
	src := splits{
		"test":  {[]byte(`{"q":"x","a":"y"}`)},
		"train": {[]byte(`{"q":"0","a":"A"}`), []byte(`{"q":"1","a":"B"}`), []byte(`{"q":"2","a":"C"}`), []byte(`{"q":"3","a":5}`)},
	}
	docs, err := task("[2, 0]").Docs(src, 2, tasks.Unlimited{})
	require.NoError(t, err)
	assert.Equal(t, "2 C\n\n0 A\n\nx", task("[2, 0]").Requests(docs[0], tasks.Unlimited{})[0].Prompt)
	assert.Equal(t, []tasks.DocID{tasks.RowID(2), tasks.RowID(0)}, []tasks.DocID{docs[0].Shots[0].ID, docs[0].Shots[1].ID})
	_, err = task("[0, 4]").Docs(src, 2, tasks.Unlimited{})
	assert.ErrorContains(t, err, "train.jsonl: fewshot_config.fewshot_indices: 4 is beyond the 4 records")
	_, err = task("[0, 3]").Docs(src, 2, tasks.Unlimited{})
	assert.ErrorContains(t, err, "its example, record 4 of train.jsonl: doc_to_target: the answer 5 is no text")
	_, err = task("[0]").Docs(src, 2, tasks.Unlimited{})
	assert.ErrorContains(t, err, "2 examples are asked for and 1 are left of the 1 of train.jsonl")
}

// splits are records by split.
type splits map[string][]json.RawMessage

func (s splits) Rows(_, split string) (string, []json.RawMessage, error) {
	return split + ".jsonl", s[split], nil
}
