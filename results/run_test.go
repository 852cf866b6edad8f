package results_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
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

func TestRunRoundTrip(t *testing.T) {
	dir := t.TempDir()
	want := exampleRun()
	require.NoError(t, folder.WriteRun(dir, want))
	for _, path := range []string{dir, filepath.Join(dir, results.RunFile)} {
		got, err := results.ReadRun(path)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	assert.False(t, want.Complete())
}

func TestReadRunRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"newer", `{"schema_version":99}`, "newer"},
		{"not ours", `{"results":{}}`, "no schema_version"},
		{"not JSON", `<html>`, "invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), results.RunFile)
			require.NoError(t, os.WriteFile(path, []byte(c.in), 0o644))
			_, err := results.ReadRun(path)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, path)
		})
	}
	_, err := results.ReadRun(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzReadSamples(f *testing.F) {
	f.Add([]byte(`{"task":"a","doc_id":1,"position":0}` + "\n"))
	f.Add([]byte("{\n"))
	f.Add([]byte(`{"task":"a","doc_id":"x","marks":[{"stat":[1]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		err := results.ReadSamples("fuzz", bytes.NewReader(b), func(results.Sample) error { n++; return nil })
		if err == nil {
			assert.LessOrEqual(t, n, 1+bytes.Count(b, []byte("\n")))
		}
	})
}
