package xlsum

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

// budget returns the tokenizer that a record names.
func budget(t *testing.T, name string, window int) tasks.Budget {
	switch {
	case strings.HasPrefix(name, "codepoint"):
		return golden.CodePoints(window)
	case name == "llama2-sentencepiece":
		return golden.Llama2(t, window)
	}
	require.Failf(t, "unknown tokenizer", "%q", name)
	return nil
}

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "xlsum_synthetic")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	type setting struct {
		tokenizer string
		window    int
	}
	groups := map[setting][]golden.Record{}
	for _, r := range records {
		s := setting{r.Tokenizer, r.MaxLength}
		groups[s] = append(groups[s], r)
	}
	for s, rs := range groups {
		golden.Requests(t, New(), dir, rs, budget(t, s.tokenizer, s.window))
	}
}

func TestFitting(t *testing.T) {
	lines := shared.Lines(t, "goldens/prompts/xlsum_fitting.jsonl.gz")
	tokenizers := map[string]tasks.Budget{}
	for _, line := range lines {
		var c struct {
			Name      string `json:"name"`
			Tokenizer string `json:"tokenizer"`
			Context   string `json:"context"`
			MaxLength int    `json:"max_length"`
			Output    string `json:"output"`
			Error     string `json:"error"`
		}
		require.NoError(t, json.Unmarshal(line, &c))
		if tokenizers[c.Tokenizer] == nil {
			tokenizers[c.Tokenizer] = budget(t, c.Tokenizer, 4096)
		}
		got, err := fit(c.Context, c.MaxLength, tokenizers[c.Tokenizer])
		if c.Error != "" {
			require.EqualError(t, err, c.Error, "%s, %s, %d", c.Name, c.Tokenizer, c.MaxLength)
			continue
		}
		require.NoError(t, err, "%s, %s, %d", c.Name, c.Tokenizer, c.MaxLength)
		require.Equal(t, c.Output, got, "%s, %s, %d", c.Name, c.Tokenizer, c.MaxLength)
	}
	t.Logf("%d recorded fittings compared", len(lines))
}

func TestNegativeRoom(t *testing.T) {
	got, err := fit(articleMark+"あいう。えお。\n"+summaryMark, -3, golden.CodePoints(0))
	require.NoError(t, err)
	assert.Equal(t, articleMark+"\n"+summaryMark, got, "tokens[:-3] drops the last three tokens of the first sentence")
	assert.Equal(t, -2, floorDiv(-3, 2))
	assert.Equal(t, 1, floorDiv(3, 2))
	assert.Equal(t, -2, floorDiv(-4, 2))
}

func TestTheReferencesFailuresAreFaults(t *testing.T) {
	long := strings.Repeat("長い文。", 40)
	rows := func(texts ...string) source {
		return func() []json.RawMessage {
			var all []json.RawMessage
			for _, text := range texts {
				row, err := json.Marshal(map[string]string{"text": text, "summary": "まとめ"})
				require.NoError(t, err)
				all = append(all, row)
			}
			return all
		}
	}
	docs, err := New().Docs(rows(long+summaryMark, long, "短い"+articleMark+"文。"), 0, golden.CodePoints(120))
	require.NoError(t, err)
	for _, d := range docs {
		asked := New().Requests(d, golden.CodePoints(120))[0].Prompt
		if strings.HasSuffix(d.Input, summaryMark) {
			assert.Contains(t, d.Fault, "ValueError: too many values to unpack (expected 2)")
			assert.Equal(t, prompt(d), asked)
		} else {
			assert.Empty(t, d.Fault, "a mark in a prompt that fits does no harm")
			assert.Equal(t, d.Input == long, asked != prompt(d))
		}
	}
}

// source is a data set of which every split has the same rows.
type source func() []json.RawMessage

func (s source) Rows(string, string) (string, []json.RawMessage, error) {
	return "xlsum_ja/test.csv", s(), nil
}

func TestBadRecords(t *testing.T) {
	good := `{"text":"a","summary":"b"}`
	golden.BadRecords(t, New(), "test", good, map[string]string{
		`{"text":"a"}`:               "field summary is missing",
		`{"text":"a","summary":5}`:   "field summary is the number 5, want a string",
		`{"summary":"b"}`:            "field text is missing",
		`{"text":null,"summary":""}`: "field text is null",
	})
	golden.MissingSplits(t, New(), "test", "train", good)
}

func TestPieces(t *testing.T) {
	hole := tasks.Bind(New(), metrics.Env{Segment: strings.ToLower}).Spec()
	assert.Empty(t, hole.Metrics)
	assert.Contains(t, hole.Hole, "no model's tokenizer is at hand")
	spec := tasks.Bind(New(), metrics.Env{Pieces: func(text string) []string { return strings.Split(text, "") }}).Spec()
	require.Len(t, spec.Metrics, 1)
	assert.Empty(t, spec.Hole)
	m := spec.Metrics[0]
	stat := m.Each("東京は晴れ", []string{"東京は晴れ"})
	assert.InDelta(t, 100, m.Corpus(stat, 1), 1e-9)
}
