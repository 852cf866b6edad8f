package compare

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// Of a condensed run every sample can be read whole again, as Load has it; a file that was changed since is an error.
func TestOriginals(t *testing.T) {
	dir := t.TempDir()
	d := madeRun("m", 30, 0.3, 1)
	for i := range d.Run.Scores {
		s := &d.Run.Scores[i]
		s.SamplesFile = "samples_" + s.Task + ".jsonl"
		var b []byte
		for _, x := range d.Samples[s.Task] {
			var err error
			b, err = results.AppendSample(b, x)
			require.NoError(t, err)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, s.SamplesFile), b, 0o644))
	}
	require.NoError(t, folder.WriteRun(dir, d.Run))
	whole, err := Load(dir)
	require.NoError(t, err)
	condensed, o, err := LoadOriginals(dir)
	require.NoError(t, err)
	for task, samples := range condensed.Samples {
		for i, c := range samples {
			assert.Empty(t, c.Exchanges[0].Prompt)
			s, err := o.Whole(c)
			require.NoError(t, err)
			assert.Equal(t, whole.Samples[task][i], s)
		}
	}
	stranger := condensed.Samples["acc"][0]
	stranger.DocID = []byte(`"nowhere"`)
	_, err = o.Whole(stranger)
	assert.ErrorContains(t, err, `it has no document "nowhere"`)
	changed := condensed.Samples["acc"][3]
	changed.RequestsDigest = "another"
	_, err = o.Whole(changed)
	assert.ErrorContains(t, err, "was changed while it was read")
	require.NoError(t, o.Close())
	_, err = o.Whole(condensed.Samples["acc"][0])
	assert.ErrorContains(t, err, "samples_acc.jsonl: document 0")
}
