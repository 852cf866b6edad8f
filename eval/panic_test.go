package eval

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// trap is a task that panics at one document, in one of its steps.
type trap struct {
	sums
	at   string
	docs int // 3: the document that springs it
}

func (t trap) Spec() tasks.Spec {
	s := t.sums.Spec()
	switch t.at {
	case "metric":
		s.Metrics[0].Each = func(output string, targets []string) metrics.Stat {
			if targets[0] == "4" {
				panic("an impossible target")
			}
			return metrics.Stat{1}
		}
	case "score":
		s.Metrics[0].CorpusOf = func([]metrics.Stat) float64 { panic("no sum") }
	case "stderr":
		s.Metrics[0].StdErr = func([]metrics.Stat) float64 { panic("no error") }
	}
	return s
}

func (t trap) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	if t.at == "docs" {
		var none []int
		_ = none[t.docs]
	}
	return t.sums.Docs(src, shots, b)
}

func (t trap) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	if t.at == "requests" && d.ID == tasks.RowID(3) {
		panic(errors.New("no prompt"))
	}
	if t.at == "nothing" && d.ID == tasks.RowID(3) {
		return nil
	}
	return t.sums.Requests(d, b)
}

func (t trap) Outputs(d tasks.Doc, rs []tasks.Response) []string {
	switch {
	case t.at == "outputs" && d.ID == tasks.RowID(3):
		return []string{rs[len(rs)].Text}
	case t.at == "too few" && d.ID == tasks.RowID(3):
		return nil
	}
	return t.sums.Outputs(d, rs)
}

// shaky is a model that panics at a request.
type shaky struct{ *oracle }

func (s shaky) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for i, q := range qs {
		if q.Prompt == "3+1=" {
			panic("a bug in the model")
		}
		if err := done(i, s.answer(q)); err != nil {
			return err
		}
	}
	return nil
}

// TestPanicNamesTheDocument is G6: a panic anywhere is an error of its task, names the document where it is about one,
// and the other tasks go on.
func TestPanicNamesTheDocument(t *testing.T) {
	good := sums{name: "good", n: 3}
	for _, c := range []struct{ at, want string }{
		{"docs", `^trap: panicked at panic_test.go:\d+: runtime error: index out of range \[3\] with length 0`},
		{"requests", `^trap: document 3 \(position 3\): panicked at panic_test.go:\d+: no prompt`},
		{"nothing", `^trap: document 3 \(position 3\): the task asks nothing`},
		{"outputs", `^trap: document 3 \(position 3\): panicked at panic_test.go:\d+: runtime error: index out of range \[2\] with length 2`},
		{"too few", `^trap: document 3 \(position 3\): panicked at task.go:\d+: 0 outputs for 2 metrics`},
		{"metric", `^trap: document 3 \(position 3\): panicked at panic_test.go:\d+: an impossible target`},
		{"score", `^trap: panicked at panic_test.go:\d+: no sum`},
		{"stderr", `^trap: panicked at panic_test.go:\d+: no error`},
	} {
		t.Run(c.at, func(t *testing.T) {
			m, o := setup(trap{sums{name: "trap", n: 9}, c.at, 3}, good)
			o.chunk = 4
			run, err := Run(context.Background(), newOracle(1), o)
			require.Error(t, err)
			assert.Regexp(t, c.want, err.Error())
			assert.NotContains(t, err.Error(), "\n")
			assert.Regexp(t, c.want, "trap: "+run.Scores[0].Hole)
			assert.Empty(t, run.Scores[0].Values)
			assert.Empty(t, run.Scores[1].Hole, "the next task goes on")
			assert.Equal(t, "incomplete", run.Status)
			if c.at != "score" && c.at != "stderr" {
				assert.NotEqual(t, "commit", m.ended["trap"])
			}
			if pe := (*guard.Error)(nil); errors.As(err, &pe) {
				assert.Contains(t, string(pe.Stack), "panic")
			}
		})
	}

	_, o := setup(sums{name: "sums", n: 9}, good)
	run, err := Run(context.Background(), shaky{newOracle(1)}, o)
	require.Error(t, err)
	assert.Regexp(t, `^sums: document 3 \(position 3\): the first without all answers when the model panicked at panic_test.go:\d+: a bug in the model`, err.Error())
	assert.Empty(t, run.Scores[1].Hole)
	assert.Equal(t, []results.Value(nil), run.Scores[0].Values)
}

// TestChunksDoNotMatter holds that how many requests are built at a time reaches no result.
func TestChunksDoNotMatter(t *testing.T) {
	var first string
	var score results.Score
	for _, size := range []int{0, 1, 2, 3, 7, 40, 42, 1000} {
		m, o := setup(sums{name: "sums", n: 21})
		o.chunk = size
		run, err := Run(context.Background(), newOracle(uint64(size)), o)
		require.NoError(t, err)
		if size == 0 {
			first, score = m.files["sums"].String(), run.Scores[0]
		}
		assert.Equal(t, first, m.files["sums"].String(), "chunks of %d requests", size)
		assert.Equal(t, score, run.Scores[0])
	}
}
