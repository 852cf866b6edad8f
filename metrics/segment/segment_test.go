package segment

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
)

// TestOpen: each segmenter says which it is, and splits.
func TestOpen(t *testing.T) {
	e, err := Open(Char, "")
	require.NoError(t, err)
	assert.Equal(t, Char, e.Segmenter)
	assert.Equal(t, "東 京 a b 𠮷", e.Segment("東京\u3000ab\n𠮷"))
	e, err = Open(MeCab, "")
	require.NoError(t, err)
	assert.Contains(t, e.Segmenter, MeCab)
	assert.Equal(t, "東京 に 行く", e.Segment("東京に行く"))
	_, err = Open("kuromoji", "")
	assert.EqualError(t, err, `"kuromoji": choose nagisa, mecab or char`)
	for _, name := range Names() {
		if name != Nagisa {
			_, err := Open(name, "")
			assert.NoError(t, err)
		}
	}
}

// TestFetched: nagisa's model is files, without which there is no segmenter.
func TestFetched(t *testing.T) {
	dir := t.TempDir()
	assert.False(t, Fetched(dir))
	_, err := Open(Nagisa, dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(filepath.Join(dir, nagisa.Files()[0].Name), nil, 0o600))
	assert.True(t, Fetched(dir))
	_, err = Open(Nagisa, dir)
	assert.Error(t, err, "an empty file is no model")
}
