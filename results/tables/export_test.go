package tables

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// exported is a run of three tasks, with hostile names.
func exported() results.Run {
	se := 0.125
	return results.Run{
		SchemaVersion: 1, Profile: "swallow-2023", Status: "complete", Limit: "4",
		Tool:    results.Tool{Name: "swallow-eval", Version: "1.0", Go: "go1", OS: "linux", Arch: "amd64"},
		Model:   results.Model{Name: "=org|x/<img>\x1b[31m", Digest: "sha256:aa", DType: "f32", Numerics: "f32-1", Window: 64, Parameters: 7},
		Started: time.Unix(1700000000, 0).UTC(), Finished: time.Unix(1700000060, 0).UTC(),
		Scores: []results.Score{
			{Task: "jemhopqa", Title: "JEMHopQA", Language: "ja", Version: "1.1.1", Shots: 4, N: 4, Total: 120,
				Values: []results.Value{{Metric: "char_f1", Signature: "a|b", Value: 0.5, Max: 1, StdErr: &se}}},
			{Task: "mgsm", Title: "MGSM", Language: "ja", Version: "1.0", Shots: 4, N: 4, Total: 250,
				Values: []results.Value{{Metric: "acc", Value: 0.75, Max: 1}}},
			{Task: "gsm8k", Title: "GSM8K", Language: "en", Version: "0", Shots: 8, N: 4, Total: 1319,
				Data:   []results.DataFile{{Dataset: "gsm8k", Path: "gsm8k/test.jsonl", SHA256: "bb", State: "official"}},
				Values: []results.Value{{Metric: "acc", Value: 0.25, Max: 1}}},
		},
	}
}

// TestTables holds what every text format promises: holes are seen, and nothing of a hostile name gets through.
func TestTables(t *testing.T) {
	run := exported()
	run.Scores[1].Hole, run.Scores[1].Values = "no\n| tokenizer", nil
	other := exported()
	other.Model.Name, other.Scores = "50%_b", other.Scores[2:]

	var md, tex, table bytes.Buffer
	require.NoError(t, Markdown(&md, []results.Run{run, other}, modelCard2023()))
	assert.Contains(t, md.String(), "| Model | JCommonsenseQA | JEMHopQA | NIILC | JSQuAD | XL-Sum | MGSM | WMT20-en-ja | WMT20-ja-en |")
	assert.Contains(t, md.String(), `| \=org\|x/\<img\>\\u001b\[31m | — | 0.5000 | — | — | — | — | — | — |`)
	assert.Contains(t, md.String(), `| 50%\_b | — | — | — | — | — | 0.2500 |`)
	assert.Contains(t, md.String(), `MGSM: no number: no\\n\| tokenizer`)
	require.NoError(t, LaTeX(&tex, []results.Run{run, other}, modelCard2023()))
	assert.Contains(t, tex.String(), `50\%\_b & --- & --- & --- & --- & --- & 0.2500 \\`)
	assert.Contains(t, tex.String(), `=org\textbar{}x/\textless{}img\textgreater{}\textbackslash{}u001b[31m & ---`)
	require.NoError(t, CSV(&table, []results.Run{run, other}))
	rows, err := csv.NewReader(&table).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	assert.Equal(t, `'=org|x/<img>\u001b[31m`, rows[1][0])
	assert.Equal(t, []string{"char_f1", "0.5", "0.125", "0.5", "1"}, rows[1][8:13])
	assert.Equal(t, `no\n| tokenizer`, rows[2][14])
	for _, out := range []string{md.String(), tex.String()} {
		assert.False(t, strings.ContainsFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }))
	}

	other.Profile = "swallow-2024"
	assert.ErrorContains(t, Markdown(&md, []results.Run{run, other}, modelCard2023()), "share no table")
}

// published are the columns of the model cards.
func modelCard2023() []Column {
	var columns []Column
	for _, t := range published.Swallow2023().Tasks {
		columns = append(columns, Column{t.Name, t.Title, t.Language, t.Shots})
	}
	return columns
}
