package interop

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/llmjp"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/interop/writeout"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// details gathers what ReadHarnessResult hands out.
type details struct {
	list     []tasks.JPDetail
	problems []string
}

func (d *details) take(task string, i int, detail tasks.JPDetail, problem error) error {
	if problem != nil {
		d.problems = append(d.problems, fmt.Sprintf("%s %d: %v", task, i, problem))
		return nil
	}
	d.list = append(d.list, detail)
	return nil
}

func TestReadHarnessResult(t *testing.T) {
	var d details
	list, err := jpharness.Read("r.json", strings.NewReader(`{"versions":{"mgsm-1.0-0.0":1},"results":{
		"mgsm-1.0-0.0":{"acc":0.5,"details":[
			{"completion":"答えは7","extracted_answer":7,"answer":8,"acc":false},
			{"completion":"","extracted_answer":"[invalid]","answer":123456789012345678901,"acc":false},
			{"completion":"x"}, {"completion":"x","answer":[1]}, {"completion":3}, 7],"acc_stderr":0.25},
		"xlsum_ja":{"rouge2":-1,"details":[{"question":"q","response":"r","gold":"g"}]},
		"gsm8k":{"exact_match,strict-match":0.25,"exact_match_stderr,strict-match":"N/A","alias":"gsm8k"},
		"odd":3}}`), d.take)
	require.NoError(t, err)
	require.Len(t, list, 4)
	assert.Equal(t, []string{
		"mgsm-1.0-0.0 3: answer is neither a string nor a number",
		"mgsm-1.0-0.0 4: completion is a JSON number, want a string",
		"mgsm-1.0-0.0 5: not an object but a JSON number",
	}, d.problems)
	text := func(s string) *string { return &s }
	no := false
	require.Len(t, d.list, 4)
	assert.Equal(t, tasks.JPDetail{Completion: text("答えは7"), Extracted: text("7"), Answer: text("8"), Correct: &no}, d.list[0])
	assert.Equal(t, tasks.JPDetail{Completion: text(""), Extracted: text("[invalid]"), Answer: text("123456789012345678901"), Correct: &no}, d.list[1])
	assert.Equal(t, tasks.JPDetail{Completion: text("x")}, d.list[2])
	assert.Equal(t, `"g"`, string(d.list[3].Gold))

	assert.Equal(t, []string{"mgsm", "xlsum_ja", "gsm8k", "odd"}, []string{list[0].Task(), list[1].Task(), list[2].Task(), list[3].Task()})
	assert.Equal(t, 6, list[0].Details)
	assert.Equal(t, series.Recorded{Text: "0.25", Value: 0.25, Decimals: -1}, list[0].Metrics["acc_stderr"])
	assert.Equal(t, "recorded as -1, which marks a missing number", list[1].Metrics["rouge2"].Hole)
	assert.Equal(t, `recorded as "N/A", not a number`, list[2].Metrics["exact_match_stderr,strict-match"].Hole)

	for _, c := range []struct{ name, in, want string }{
		{"cut off", `{"results":{"mgsm":{"acc":0.5,"details":[{"completion":"a"}`, "r.json: the JSON ends too early"},
		{"nothing", ``, "r.json: the JSON ends too early"},
		{"no results", `{"result":{}}`, `r.json: no "results"`},
		{"a task twice", `{"results":{"mgsm":{},"mgsm":{}}}`, "r.json: mgsm: the task occurs twice"},
		{"two documents", `{"results":{}} {}`, "r.json: more than one JSON value"},
		{"bad syntax", `{"results":{"a" 1}}`, "r.json: invalid character '1'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := jpharness.Read("r.json", strings.NewReader(c.in), nil)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestTaskOfAName(t *testing.T) {
	for name, want := range map[string]string{
		"mgsm": "mgsm", "mgsm-1.0-0.4": "mgsm", "jcommonsenseqa-1.1-0.2.1": "jcommonsenseqa", "wmt20-en-ja": "wmt20-en-ja",
		"xlsum_ja-1.0-0.0": "xlsum_ja", "a-1": "a-1",
	} {
		assert.Equal(t, want, series.Result{Name: name}.Task())
	}
}

// endless hands out a head and then the same record again and again; it fails the test where the reader asks for much
// more than it has handed on.
type endless struct {
	t              *testing.T
	head           *strings.Reader
	record         []byte
	given, ahead   int
	handed, enough int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.head.Len() > 0 {
		return e.head.Read(b)
	}
	if e.ahead = e.given - e.handed*len(e.record); e.ahead > 4<<20 {
		e.t.Fatalf("%d bytes are held of records that were not handed on", e.ahead)
	}
	n := 0
	for n < len(b) {
		m := copy(b[n:], e.record[e.given%len(e.record):])
		n, e.given = n+m, e.given+m
	}
	return n, nil
}

var errEnough = fmt.Errorf("enough")

func (e *endless) take() error {
	if e.handed++; e.handed == e.enough {
		return errEnough
	}
	return nil
}

// TestHugeFilesAreNotHeld reads files without an end: whoever held them would never return.
func TestHugeFilesAreNotHeld(t *testing.T) {
	long := strings.Repeat("長い文章", 2000)
	stream := func(head, record string) *endless {
		return &endless{t: t, head: strings.NewReader(head), record: []byte(record), enough: 600}
	}
	e := stream(`{"results":{"mgsm":{"details":[{"completion":"a"}`, `,{"completion":"`+long+`"}`)
	_, err := jpharness.Read("f", e, func(string, int, tasks.JPDetail, error) error { return e.take() })
	assert.ErrorIs(t, err, errEnough)

	e = stream(`{"outputs":{"jsquad":[{"pred":"a","gold":"b"}`, `,{"input":"`+long+`","pred":"a","gold":"b"}`)
	_, err = llmjp.Read("f", e, func(string, int, llmjp.Record, error) error { return e.take() })
	assert.ErrorIs(t, err, errEnough)

	e = stream(`[{"doc_id":0,"prompt_0":"p","logit_0":"a"}`, `,{"doc_id":-1,"prompt_0":"`+long+`","logit_0":"a"}`)
	assert.ErrorIs(t, writeout.Read("f", e, func(int, tasks.WriteOutDoc, error) error { return e.take() }), errEnough)

	e = stream(`{"doc_id":0,"doc":{},"resps":[["a"]],"filtered_resps":["a"]}`, "\n"+`{"doc":"`+long+`"}`)
	assert.ErrorIs(t, lmeval.Read("f", e, func(series.Place, lmeval.Sample, error) error { return e.take() }), errEnough)
}

func FuzzImportSwallow(f *testing.F) {
	f.Add([]byte(`{"results":{"mgsm-1.0-0.0":{"acc":0.5,"acc_stderr":0.25,"details":[{"completion":"1","extracted_answer":1,"answer":1,"acc":true}]}},"versions":{}}`))
	f.Add([]byte(`{"results":null}`))
	f.Add([]byte(`{"results":{"a":{"acc":NaN,"details":[{},-Infinity]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := map[string]int{}
		list, err := jpharness.Read("fuzz", bytes.NewReader(b), func(task string, i int, _ tasks.JPDetail, _ error) error {
			n[task]++
			return nil
		})
		if err == nil {
			for _, r := range list {
				assert.Equal(t, r.Details, n[r.Name])
			}
		}
	})
}
