package hellaswag

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "hellaswag")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"activity_label":"A","ctx_a":"x.","ctx_b":"then ÉMILE","endings":["a [x] b","[title] c","d   e","f"],"label":"3"}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "validation", good, map[string]string{
		`{"activity_label":"A","ctx_a":"x.","ctx_b":"","endings":["a","b","c"],"label":"1"}`:       "field endings has 3 elements, want 4",
		`{"activity_label":"A","ctx_a":"x.","ctx_b":"","endings":[],"label":"1"}`:                  "field endings has 0 elements, want 4",
		`{"activity_label":"A","ctx_a":"x.","ctx_b":"","endings":["a","b","c","d"],"label":4}`:     "the answer is choice 5 of 4",
		`{"activity_label":"A","ctx_a":"x.","ctx_b":"","endings":["a","b","c","d"],"label":""}`:    `field label is "", want a whole number`,
		`{"activity_label":"A","ctx_a":"x.","ctx_b":null,"endings":["a","b","c","d"],"label":"1"}`: "field ctx_b is null",
		`{"activity_label":"A","ctx_a":"x.","ctx_b":"","endings":["a","b","c",4],"label":"1"}`:     "field endings[3] is the number 4, want a string",
	})
	golden.MissingSplits(t, New(), "validation", "train", good)
}

func TestPreparation(t *testing.T) {
	docs, err := New().Docs(golden.Source{"validation": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, "A: x. Then émile", docs[0].Input)
	require.Equal(t, []string{"a b", " c", "d  e", "f"}, docs[0].Choices)
	require.Equal(t, []string{"3"}, docs[0].Targets)
	require.Equal(t, "  c", New().Requests(docs[0], nil)[1].Continuation)
}

func TestCapitalize(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "A", "hELLO wORLD": "Hello world", " a": " a", "ßA": "Ssa", "ǆA": "ǅa", "ﬁN": "Fin", "ŉx": "ʼNx",
		"ΑΣ": "Ας", "Σ": "Σ", "σΣ": "Σς", "İI": "İi", "1A": "1a", "ʰA": "ʰa", "ა": "ა", "日A": "日a", "\u0345Α": "\u0399α", "ᾳ": "ᾼ",
	} {
		require.Equal(t, want, capitalize(in), "%q", in)
	}
}

func TestPreparationIsTheReferences(t *testing.T) {
	texts, docs := 0, 0
	for _, line := range shared.Lines(t, "goldens/metrics/harness_en.jsonl.gz") {
		var c struct {
			Family   string          `json:"family"`
			Input    json.RawMessage `json:"input"`
			Expected struct {
				Out string `json:"out"`
				Doc struct {
					Query   string   `json:"query"`
					Choices []string `json:"choices"`
					Gold    int      `json:"gold"`
				} `json:"doc"`
				Text   string `json:"doc_to_text"`
				Target string `json:"doc_to_target"`
			} `json:"expected"`
		}
		require.NoError(t, json.Unmarshal(line, &c))
		switch c.Family {
		case "hellaswag_preprocess":
			texts++
			var in struct {
				Text string `json:"text"`
			}
			require.NoError(t, json.Unmarshal(c.Input, &in))
			require.Equal(t, c.Expected.Out, clean(in.Text), "%q", in.Text)
		case "hellaswag_process_doc":
			docs++
			got, err := New().Docs(golden.Source{"validation": {string(c.Input)}}, 0, tasks.Unlimited{})
			require.NoError(t, err, "%s", c.Input)
			require.Equal(t, c.Expected.Doc.Query, got[0].Input, "%s", c.Input)
			require.Equal(t, c.Expected.Text, got[0].Input)
			require.Equal(t, c.Expected.Target, got[0].Target)
			require.Equal(t, c.Expected.Doc.Choices, got[0].Choices)
			require.Equal(t, []string{strconv.Itoa(c.Expected.Doc.Gold)}, got[0].Targets)
		}
	}
	require.Positive(t, texts)
	require.Positive(t, docs)
	t.Logf("%d recorded texts and %d recorded documents compared", texts, docs)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "hellaswag")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
