package xwino

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "xwino")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"sentence":"a _ b","option1":"x","option2":"y","answer":"2"}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		`{"sentence":"a b","option1":"x","option2":"y","answer":"2"}`:   "field sentence has no blank _",
		`{"sentence":"a _ b","option1":"x","option2":"","answer":"2"}`:  "field option2 is empty",
		`{"sentence":"a _ b","option1":"x","option2":"y","answer":"3"}`: "the answer is choice 3 of 2",
		`{"sentence":"a _ b","option1":"x","option2":"y","answer":""}`:  `field answer is "", want a whole number`,
		`{"sentence":"a _ b","option1":"x","option2":"y"}`:              "field answer is missing",
	})
	golden.MissingSplits(t, New(), "test", "test", good)
}

func TestClusters(t *testing.T) {
	row := func(a, b string) string {
		return `{"sentence":"s _","option1":"` + a + `","option2":"` + b + `","answer":1}`
	}
	docs, err := New().Docs(golden.Source{"test": {row("x", "y"), row("y", "x"), row("p", "q"), row("x", "y")}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	clusters := map[string]string{}
	for _, d := range docs {
		clusters[d.ID.String()] = d.Cluster
	}
	require.Equal(t, map[string]string{"0": "schema at 0", "1": "schema at 0", "2": "schema at 2", "3": "schema at 3"}, clusters)
}

// TestTheAnswerTellsRecordsApart: a record that differs from the document in its answer alone may serve as its example,
// since the reference compares whole records.
func TestTheAnswerTellsRecordsApart(t *testing.T) {
	one, other := tasks.Doc{Input: "s _", Choices: []string{"x", "y"}, Targets: []string{"0"}}, tasks.Doc{Input: "s _", Choices: []string{"x", "y"}, Targets: []string{"1"}}
	require.True(t, equal(one, one))
	require.False(t, equal(one, other))
	require.False(t, equal(one, tasks.Doc{Input: "t _", Choices: one.Choices, Targets: one.Targets}))
	require.False(t, equal(one, tasks.Doc{Input: "s _", Choices: []string{"y", "x"}, Targets: one.Targets}))
}

// TestBlankLineInTheSentence: what the reference's split at blank lines, and its replacing of the last block, come to.
func TestBlankLineInTheSentence(t *testing.T) {
	shot := tasks.Doc{Context: "Ann saw that ", Choices: []string{"Bob", "she"}, Target: " left.", Targets: []string{"1"}}
	const example = "Ann saw that she left.\n\n"
	for name, c := range map[string]struct {
		doc   tasks.Doc
		asked [2]string
	}{
		"none": {
			tasks.Doc{Context: "A\nb ", Choices: []string{"x", "y"}},
			[2]string{"A\nb x", "A\nb y"},
		},
		"before the blank": {
			tasks.Doc{Context: "First.\n\nThen ", Choices: []string{"x", "y"}},
			[2]string{"First.\n\nFirst.\n\nThen x", "First.\n\nFirst.\n\nThen y"},
		},
		"two": {
			tasks.Doc{Context: "A\n\nB\n\nC ", Choices: []string{"x", "y"}},
			[2]string{"A\n\nB\n\nA\n\nB\n\nC x", "A\n\nB\n\nA\n\nB\n\nC y"},
		},
		"three line feeds part once, after the second": {
			tasks.Doc{Context: "A\n\n\nB ", Choices: []string{"x", "y"}},
			[2]string{"A\n\nA\n\n\nB x", "A\n\nA\n\n\nB y"},
		},
		"in the right option": {
			tasks.Doc{Context: "A ", Choices: []string{"x", "y\n\nz"}, Targets: []string{"1"}},
			[2]string{"A y\n\nA x", "A y\n\nA y\n\nz"},
		},
		"in the wrong option": {
			tasks.Doc{Context: "A ", Choices: []string{"x", "y\n\nz"}, Targets: []string{"0"}},
			[2]string{"A x", "A y\n\nz"},
		},
	} {
		if c.doc.Targets == nil {
			c.doc.Targets = []string{"0"}
		}
		c.doc.Target = " rest"
		for shots, before := range []string{"", example} {
			c.doc.Shots = []tasks.Doc{shot}[:shots]
			for i, r := range New().Requests(c.doc, nil) {
				require.Equal(t, before+c.asked[i], r.Prompt, "%s, %d-shot", name, shots)
				require.Equal(t, " rest", r.Continuation)
			}
		}
	}
}

func TestOutputs(t *testing.T) {
	require.Equal(t, []string{"1"}, New().Outputs(tasks.Doc{}, []tasks.Response{{LogProb: -2}, {LogProb: -1}}))
	require.Equal(t, []string{"0"}, New().Outputs(tasks.Doc{}, []tasks.Response{{LogProb: -1}, {LogProb: -1}}))
}

func TestSplitIsTheReferences(t *testing.T) {
	n := 0
	for _, line := range shared.Lines(t, "goldens/metrics/harness_en.jsonl.gz") {
		var c struct {
			Family string `json:"family"`
			Input  struct {
				Doc json.RawMessage `json:"doc"`
			} `json:"input"`
			Expected struct {
				Text     string      `json:"doc_to_text"`
				Target   string      `json:"doc_to_target"`
				Requests [][2]string `json:"requests"`
			} `json:"expected"`
		}
		require.NoError(t, json.Unmarshal(line, &c))
		if c.Family != "xwinograd_split" {
			continue
		}
		n++
		docs, err := New().Docs(golden.Source{"test": {string(c.Input.Doc)}}, 0, tasks.Unlimited{})
		require.NoError(t, err)
		require.Equal(t, c.Expected.Text+c.Expected.Target, solved(docs[0]))
		for i, r := range New().Requests(docs[0], nil) {
			require.Equal(t, c.Expected.Requests[i], [2]string{"EX ONE\n\n" + r.Prompt, r.Continuation})
		}
	}
	require.Positive(t, n)
	t.Logf("%d recorded splits compared", n)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "xwino")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
