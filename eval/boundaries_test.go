package eval

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestAnswersThatWereThereAreFlushed: a run of answers that another process wrote, and may have died before syncing, rests on
// them as much as on its own.
func TestAnswersThatWereThereAreFlushed(t *testing.T) {
	a := &scripted{known: map[string]tasks.Response{}}
	_, o := setup(sums{name: "sums", n: 4})
	_, err := Run(context.Background(), Cached(newOracle(1), a), o)
	require.NoError(t, err)
	a.flush = syscall.EIO
	w := &watched{oracle: newOracle(1), asked: map[string]int{}, stop: -1}
	_, err = Run(context.Background(), Cached(w, a), o)
	assert.ErrorIs(t, err, syscall.EIO)
	assert.Empty(t, w.asked, "nothing was missing")
}

// TestOnePositionTwice: two documents cannot have stood in one place.
func TestOnePositionTwice(t *testing.T) {
	task := sums{name: "sums", n: 4}
	m, o := setup(task)
	_, err := Run(context.Background(), newOracle(7), o)
	require.NoError(t, err)
	forged := strings.Replace(m.files["sums"].String(), `"position":2,`, `"position":1,`, 1)
	require.NotEqual(t, m.files["sums"].String(), forged)
	_, err = Rescore("s", strings.NewReader(forged), func(string) (tasks.Task, error) { return task, nil })
	assert.ErrorContains(t, err, "position 1")
}

// long asks about eight documents with a text that is too long for many of them to be asked at once.
type long struct{ sums }

func (long) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: strings.Repeat("x", chunkBytes/2), Continuation: d.Target}}
}

func (long) Outputs(tasks.Doc, []tasks.Response) []string { return []string{"", ""} }

func (long) Spec() tasks.Spec {
	return tasks.Spec{Name: "long", Protocol: tasks.Plain, Metrics: []metrics.Metric{metrics.Accuracy("acc"), metrics.Accuracy("greedy")}}
}

// counted answers with nothing and notes the most requests of a call.
type counted struct {
	*oracle
	most int
}

func (c *counted) Do(_ context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	c.most = max(c.most, len(qs))
	for i := range qs {
		if err := done(i, tasks.Response{}); err != nil {
			return err
		}
	}
	return nil
}

// TestLongPromptsComeInSmallerChunks: what is asked at once is bounded in bytes, not in requests alone.
func TestLongPromptsComeInSmallerChunks(t *testing.T) {
	m := &counted{oracle: newOracle(1)}
	_, o := setup(long{sums{name: "long", n: 5}})
	o.Open = nil
	_, err := Run(context.Background(), m, o)
	require.NoError(t, err)
	assert.Equal(t, 2, m.most, "two of half a chunk")
}

// TestWhatIsCounted: a document that just fits the window is not past it, and two equal choices tie.
func TestWhatIsCounted(t *testing.T) {
	e := &evaluation{budget: newOracle(1), score: results.Score{Precision: "bf16"}}
	generated := []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.LLMJPEval}}
	for prompt, want := range map[int]int{3: 0, 4: 1} { // with one token of output, in a window of 4
		e.score.Cuts = results.Cuts{}
		e.count(&item{responses: []tasks.Response{{PromptTokens: prompt, OutputTokens: 1}}}, generated)
		assert.Equal(t, want, e.score.Cuts.PastWindowDocs, "%d tokens", prompt+1)
	}
	choices := make([]tasks.Request, 3)
	for i := range choices {
		choices[i] = tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN0411}
	}
	for want, logs := range map[int][]float64{0: {-2, -1, -2}, 1: {-1, -2, -1}} {
		e.score.Cuts = results.Cuts{}
		it := &item{}
		for _, l := range logs {
			it.responses = append(it.responses, tasks.Response{LogProb: l})
		}
		e.count(it, choices)
		assert.Equal(t, want, e.score.Cuts.TiedDocs, "%v", logs)
	}
}
