package suite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestFingerprints keeps a changed prompt from going unnoticed. Pinned files alone are accepted here.
func TestFingerprints(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	for _, f := range Fingerprints() {
		got, err := f.Check(task(t, f.Task), dir)
		require.NoError(t, err)
		assert.Equal(t, f, got)
		assert.Equal(t, f.Shots, task(t, f.Task).Spec().Shots)
	}
	_, err = Fingerprints()[0].Check(task(t, "gsm8k"), dir)
	require.Error(t, err)
}
