package tables

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

func exampleRun() results.Run {
	se := 0.01
	return results.Run{
		SchemaVersion: 1, Profile: "swallow-2023", Status: "complete", Limit: "20",
		Model: results.Model{Name: "evil\x1b[31m", DType: "f32", Numerics: "f32-1", Window: 512}, AllowUnpinnedData: true,
		Started: time.Unix(1e9, 0).UTC(), Finished: time.Unix(1e9, 0).UTC(),
		Scores: []results.Score{
			{Task: "jcommonsenseqa", Title: "JCommonsenseQA", Language: "ja", Shots: 4, N: 20, Total: 1119,
				Values: []results.Value{{Metric: "exact_match", Value: 0.25, Max: 1, StdErr: &se}}, Cuts: results.Cuts{PastWindowDocs: 20}},
			{Task: "wmt20-en-ja", Title: "WMT20-en-ja", Language: "ja", Shots: 4, N: 20, Total: 1000, Hole: "no segmenter"},
			{Task: "squad2", Title: "SQuAD2.0", Language: "en", Shots: 8, N: 20, Total: 11873,
				Values: []results.Value{{Metric: "exact", Value: 32.07, Max: 100}},
				Cuts:   results.Cuts{DroppedDocs: 3, DroppedTokens: 700, LostDocs: 3, FaultDocs: 1, Fault: "dies"},
				Data:   []results.DataFile{{Path: "squad_v2/train.jsonl.gz", State: "unpinned"}, {Path: "x.json", State: "stand-in"}}},
		},
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, exampleRun()))
	out := b.String()
	for _, want := range []string{
		"swallow-2023", `evil\u001b[31m`, "0.2500", "± 0.0100", "20 of 1119", "0.3207", "—",
		"--limit 20: first documents only",
		"WMT20-en-ja: no number: no segmenter",
		"SQuAD2.0: 3 of 20 prompts exceed the model's window of 512: 700 tokens dropped from their left",
		"SQuAD2.0: in 3 of 20 documents the reference's wrapper discards",
		"SQuAD2.0: 1 of 20 documents on which the reference itself fails (dies)",
		"JCommonsenseQA: 20 of 20 prompts run past the model's window of 512",
		"SQuAD2.0: data file squad_v2/train.jsonl.gz is not the pinned original",
		"SQuAD2.0: x.json stands in for the original file",
	} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "\x1b")
	assert.Less(t, strings.Index(out, "JCommonsenseQA"), strings.Index(out, "SQuAD2.0"))
}

// TestFaultF7WidthOfJapanese: characters of two columns and those of none keep the frame of a table straight.
func TestFaultF7WidthOfJapanese(t *testing.T) {
	r := exampleRun()
	for i, title := range []string{"日本語の長い題名", "e\u0301\u0302", "👩‍👩‍👧 家族", "ascii"} {
		s := r.Scores[0]
		s.Title = title
		if i > 0 {
			r.Scores = append(r.Scores, s)
		} else {
			r.Scores[0].Title = title
		}
	}
	var b bytes.Buffer
	require.NoError(t, Write(&b, r))
	widths := map[string]int{}
	for _, line := range strings.Split(b.String(), "\n") {
		if strings.HasPrefix(line, "┌") {
			widths["now"] = runewidth.StringWidth(line)
		}
		if strings.HasPrefix(line, "│") {
			assert.Equal(t, widths["now"], runewidth.StringWidth(line), line)
			widths["rows"]++
		}
	}
	assert.Greater(t, widths["rows"], 6)
}
