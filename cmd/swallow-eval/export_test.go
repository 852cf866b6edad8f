package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/results"
)

// command runs one command line in this process.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// TestExportRoundTrip evaluates real documents of all fourteen tasks, exports them as lm-eval 0.4 does, and reads the
// export back: every score is the same number again.
func TestExportRoundTrip(t *testing.T) {
	dir, work := shared.Dir(t), t.TempDir()
	model, data := filepath.Join(dir, "models", "stories260k"), filepath.Join(dir, "data")
	out, lm := filepath.Join(work, "run"), filepath.Join(work, "lm")
	code, _, errs := command(t, "run", "--tasks", "all", "--model", model, "--data-dir", data, "--allow-unpinned-data",
		"--limit", "3", "--ja-segmenter", "char", "-o", out, "--no-cache")
	require.Zero(t, code, errs)
	code, _, errs = command(t, "export", out, "--as", "lm-eval", "-o", lm, "--data-dir", data)
	require.Zero(t, code, errs)
	assert.Contains(t, errs, "hellaswag: the data file lacks columns", "a rebuilt file cannot join with the published one")
	assert.NotContains(t, errs, "gsm8k: the data file lacks")

	code, r, errs := rescore(t, lm, "--model", model, "--ja-segmenter", "char")
	require.Zero(t, code, errs)
	original, err := results.ReadRun(out)
	require.NoError(t, err)
	require.Len(t, r.Tasks, len(original.Scores))
	for i, task := range r.Tasks {
		score := original.Scores[i]
		assert.Equal(t, score.Task, task.Task)
		assert.Equal(t, score.N, task.N)
		assert.Empty(t, task.Changed)
		k := 0
		for _, v := range task.Values {
			if slices.ContainsFunc(score.Unmeasured, func(u results.Unmeasured) bool { return u.Metric == v.Metric }) {
				assert.Equal(t, "not scored", v.Verdict, "%s %s", task.Task, v.Metric) // of no document
				continue
			}
			require.Less(t, k, len(score.Values), v.Metric)
			assert.Equal(t, "identical", v.Verdict, "%s %s", task.Task, v.Metric)
			assert.Equal(t, score.Values[k].Metric, v.Metric)
			assert.Equal(t, score.Values[k].Value, v.Value.Value)
			assert.Equal(t, score.Values[k].Signature, v.Signature)
			k++
		}
		assert.Len(t, score.Values, k)
	}

	// Beside the run itself, the export is the same model with the same answers, document by document.
	folders, err := filepath.Glob(filepath.Join(lm, "*"))
	require.NoError(t, err)
	code, table, errs := command(t, "compare", folders[0], out, "--model", model, "--ja-segmenter", "char", "--gate")
	require.Zero(t, code, errs)
	assert.Contains(t, table, "tier 0: same model, same arithmetic")
	for _, score := range original.Scores {
		assert.Regexp(t, `(?m)^│ `+score.Task+` .* identical +│$`, table)
	}

	// What pairs the documents of two tools: the row's number and its hash, taken of the official file.
	files, err := filepath.Glob(filepath.Join(lm, "*", "samples_gsm8k_*.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	b, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var last int
	for line := range bytes.Lines(b) {
		var s struct {
			DocID int    `json:"doc_id"`
			Hash  string `json:"doc_hash"`
		}
		require.NoError(t, json.Unmarshal(line, &s))
		assert.GreaterOrEqual(t, s.DocID, last, "in the order of rows")
		assert.Equal(t, gsm8kHashes[s.DocID], s.Hash)
		last = s.DocID
	}
}

// gsm8kHashes are doc_hash of the first three documents in evaluation order, by row, as hash_string of
// lm_eval/utils.py at 4e7e0d4 gave them for json.dumps of the rows.
var gsm8kHashes = map[int]string{
	588:  "6485e15d5b7fb79d16eccfb8f08722d3824b2755016f858cc4f0203c2ef0497e",
	1214: "2cda1466766db3a7ad76861f522dc0908d5af9e4a119750f3e1171d85a4e05e3",
	57:   "bfb10198703bc183ef40d129c9d7e096a1c82ff904b2519758c579fde4f4b2ad",
}

// TestExportOfADamagedManifest holds that a score without a usable number is an error, not a NaN in a table.
func TestExportOfADamagedManifest(t *testing.T) {
	for name, values := range map[string]string{
		"no values": `[]`, "no maximum": `[{"metric":"acc","value":0.5}]`, "negative maximum": `[{"metric":"acc","value":0.5,"max":-1}]`,
	} {
		dir := t.TempDir()
		put(t, dir, "run.json", `{"schema_version":1,"profile":"swallow-2023","status":"complete","scores":[{"task":"gsm8k","values":`+values+`}]}`)
		code, out, errs := command(t, "export", dir, "--as", "markdown")
		assert.Equal(t, exitFailure, code, name)
		assert.Empty(t, out)
		assert.Contains(t, errs, "gsm8k", name)
		assert.Equal(t, 1, strings.Count(errs, "\n"))
	}
}

// TestExportLeadsNowhereElse holds that a run.json from a stranger reads and writes in its places only.
func TestExportLeadsNowhereElse(t *testing.T) {
	work := t.TempDir()
	hostile := func(task, file, model string) string {
		dir := filepath.Join(work, "run")
		put(t, dir, "run.json", map[string]any{
			"schema_version": 1, "profile": "swallow-2023", "status": "complete", "model": map[string]any{"name": model},
			"scores": []any{map[string]any{"task": task, "samples_file": file, "values": []any{map[string]any{"metric": "acc", "value": 1, "max": 1}}}},
		})
		return dir
	}
	for _, c := range []struct{ task, file, model, want string }{
		{"../x", "samples.jsonl", "m", `"../x" is none of swallow-2023`},
		{"gsm8k", "../../etc/passwd", "m", "leads out of the run's folder"},
		{"gsm8k", "..", "m", "leads out of the run's folder"},
		{"gsm8k", "", "m", "kept no samples"},
	} {
		code, _, errs := command(t, "export", hostile(c.task, c.file, c.model), "--as", "lm-eval", "-o", filepath.Join(work, "o"))
		assert.Equal(t, exitFailure, code)
		assert.Contains(t, errs, c.want)
	}
	for _, model := range []string{"..", "../..", "/etc/x", "a/../../b", `..\..\x`} {
		code, _, errs := command(t, "export", hostile("gsm8k", "s.jsonl", model), "--as", "lm-eval", "--no-samples", "--force", "-o", filepath.Join(work, "in", "side"))
		assert.Zero(t, code, errs)
		code, _, errs = command(t, "export", hostile("gsm8k", "s.jsonl", model), "--as", "swallow", "--force", "-o", filepath.Join(work, "in", "side"))
		assert.Zero(t, code, errs)
	}
	for _, dir := range []string{work, filepath.Join(work, "in")} {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			assert.Contains(t, []string{"run", "in", "side", "o"}, e.Name())
		}
	}
}
