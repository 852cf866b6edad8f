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
		got, err := f.Check(taskOf(t, f.Profile, f.Task), dir)
		require.NoError(t, err)
		assert.Equal(t, f, got)
		assert.Equal(t, f.Shots, taskOf(t, f.Profile, f.Task).Spec().Shots)
	}
	_, err = Fingerprints()[0].Check(task(t, "gsm8k"), dir)
	require.Error(t, err)
}

// TestKeysNameTheProfile: what is on record of one profile's task says nothing of another's of the same name.
func TestKeysNameTheProfile(t *testing.T) {
	p := Default()
	f, ok := FingerprintOf(p, "gsm8k")
	require.True(t, ok)
	assert.Equal(t, p.Name, f.Profile)
	assert.NotEmpty(t, ProofsOf(p, "gsm8k"))
	other := p
	other.Name = "swallow-other"
	_, ok = FingerprintOf(other, "gsm8k")
	assert.False(t, ok)
	assert.Empty(t, ProofsOf(other, "gsm8k"))
	other.SharesTexts = p.Name
	g, ok := FingerprintOf(other, "gsm8k")
	assert.True(t, ok)
	assert.Equal(t, f, g, "a profile that shares another's texts")
}
