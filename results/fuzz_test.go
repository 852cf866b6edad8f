package results_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// FuzzReadRun: a manifest that is read is one of ours, of a version that is known, and can be written and read again.
func FuzzReadRun(f *testing.F) {
	for _, s := range []string{`{"schema_version":1}`, `{"schema_version":2}`, `{"schema_version":0}`, `[]`, `{"schema_version":"1"}`,
		`{"schema_version":1,"model":{"name":"x","digest":"sha256:0"},"scores":[{"task":"t","n":1,"total":2,"values":[{"metric":"acc","value":1e308,"max":1}]}]}`,
		`{"schema_version":1,"started":"2024-01-01T00:00:00Z","scores":[{"hole":"x","values":null}]}`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, results.RunFile), content, 0o644))
		r, err := results.ReadRun(dir)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), filepath.Join(dir, results.RunFile)+": "), err.Error())
			return
		}
		require.Equal(t, results.SchemaVersion, r.SchemaVersion)
		if folder.WriteRun(dir, r) != nil {
			return // a date beyond the year 9999
		}
		again, err := results.ReadRun(dir)
		require.NoError(t, err)
		first, err := json.Marshal(r)
		require.NoError(t, err)
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}
