package tokenizertest

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
)

func TestWriteModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, WriteModel(path))
	tok, err := tokenizer.LoadFile(path)
	require.NoError(t, err)
	assert.Equal(t, VocabSize, tok.VocabSize())
	assert.Equal(t, "</s>", tok.EOSText())
	bos, ok := tok.BOS()
	assert.True(t, ok)
	assert.Equal(t, int32(1), bos)
	assert.Equal(t, []string{"▁the", "▁question", ":", "▁", "東京都", "<0xF0>", "<0x9F>", "<0xA6>", "<0x99>"},
		tok.Pieces("the question: 東京都🦙"))
	require.Error(t, WriteModel(filepath.Join(t.TempDir(), "none", "tokenizer.model")))
}
