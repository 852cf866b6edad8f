package harness

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// numbered is a data set whose splits hold n records {"n": row}.
type numbered map[string]int

func (s numbered) Rows(_, split string) (string, []json.RawMessage, error) {
	rows := make([]json.RawMessage, s[split])
	for i := range rows {
		rows[i] = json.RawMessage(`{"n":` + strconv.Itoa(i) + `}`)
	}
	return split, rows, nil
}

func read(r *record.Record) tasks.Doc { return tasks.Doc{Input: strconv.FormatInt(r.Int("n"), 10)} }

func rowsOf(t *testing.T, docs []tasks.Doc) []int {
	t.Helper()
	rows := make([]int, len(docs))
	for i, d := range docs {
		n, err := strconv.Atoi(d.Input)
		require.NoError(t, err)
		require.Equal(t, d.Input, d.ID.String())
		rows[i] = n
	}
	return rows
}

// TestOrderAndDraws compares order and draws with those of the reference, for the sizes of the six English tasks.
func TestOrderAndDraws(t *testing.T) {
	var recorded map[string]struct {
		Eval     int     `json:"n_eval"`
		Pool     int     `json:"n_fewshot_pool"`
		Order    []int   `json:"order_first50"`
		Eight    [][]int `json:"fewshot8_first50"`
		EightEnd []int   `json:"fewshot8_last"`
		Two      [][]int `json:"fewshot2_first20"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/rng_order.json"), &recorded))
	require.Len(t, recorded, 6)
	for name, want := range recorded {
		src := numbered{"eval": want.Eval, "pool": want.Pool}
		for shots, draws := range map[int][][]int{0: nil, 2: want.Two, 8: want.Eight} {
			test, err := Load(src, "", "eval", read)
			require.NoError(t, err)
			draw := test.Others(shots, func(a, b tasks.Doc) bool { return a.Input == b.Input })
			if name != "xwinograd_en" {
				draw, err = Training(src, "", "pool", shots, read)
				require.NoError(t, err)
			}
			docs, err := test.Order(shots, draw)
			require.NoError(t, err)
			require.Len(t, docs, want.Eval)
			assert.Equal(t, want.Order, rowsOf(t, docs)[:len(want.Order)], name)
			for i, rows := range draws {
				require.Equal(t, rows, rowsOf(t, docs[i].Shots), "%s: %d shots, position %d", name, shots, i)
			}
			if shots == 8 {
				assert.Equal(t, want.EightEnd, rowsOf(t, docs[len(docs)-1].Shots), name)
			}
		}
	}
}

func TestShotsThatCannotBe(t *testing.T) {
	src := numbered{"eval": 3, "pool": 2}
	test, err := Load(src, "", "eval", read)
	require.NoError(t, err)
	draw, err := Training(src, "", "pool", 3, read)
	require.NoError(t, err)
	_, err = test.Order(3, draw)
	require.EqualError(t, err, "3 shots: pool has 2 records to draw from")
	_, err = test.Order(3, test.Others(3, func(a, b tasks.Doc) bool { return a.Input == b.Input }))
	require.EqualError(t, err, "3 shots: eval has 3 records to draw from")
	_, err = test.Order(-1, draw)
	require.EqualError(t, err, "-1 shots: the number of examples cannot be negative")
}

// TestOthers: what equals the document is never an example, and a document with twins may get fewer.
func TestOthers(t *testing.T) {
	test, err := Load(numbered{"eval": 6}, "", "eval", read)
	require.NoError(t, err)
	docs, err := test.Order(4, test.Others(4, func(a, b tasks.Doc) bool { return a.Input == b.Input }))
	require.NoError(t, err)
	for _, d := range docs {
		assert.Len(t, d.Shots, 4)
		assert.NotContains(t, rowsOf(t, d.Shots), rowsOf(t, []tasks.Doc{d})[0])
	}
	docs, err = test.Order(4, test.Others(4, func(a, b tasks.Doc) bool { return true }))
	require.NoError(t, err)
	for _, d := range docs {
		assert.Empty(t, d.Shots)
	}
}

func TestTheFirstBadRecordOfTheFileIsReported(t *testing.T) {
	test, err := Load(numbered{"eval": 50}, "", "eval", func(r *record.Record) tasks.Doc {
		if r.Row()%10 == 7 {
			r.Fail("bad")
		}
		return tasks.Doc{}
	})
	require.NoError(t, err)
	_, err = test.Order(0, test.Sample(0))
	require.EqualError(t, err, "eval: record 8: bad")
}

func TestPrompt(t *testing.T) {
	show := func(d tasks.Doc) string { return d.Input + "!" }
	assert.Equal(t, "q", Prompt(nil, show, "q"))
	assert.Equal(t, "a!\n\nb!\n\nq", Prompt([]tasks.Doc{{Input: "a"}, {Input: "b"}}, show, "q"))
}

func TestChoose(t *testing.T) {
	responses := []tasks.Response{{LogProb: -4}, {LogProb: -3}, {LogProb: -3}}
	assert.Equal(t, "1", Choose(responses), "the first of equals")
	assert.Equal(t, "0", ChoosePerCodePoint(responses, []string{"日本語です", "a", "b"}), "lengths are code points")
}

func TestWindow(t *testing.T) {
	assert.Equal(t, 4096, Window(tasks.Unlimited{}))
	assert.Equal(t, 3840, PromptRoom(tasks.Unlimited{}))
	assert.Equal(t, math.MaxInt, tasks.Unlimited{}.Window())
}
