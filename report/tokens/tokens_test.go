package tokens

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestReportTokens shows a prompt as tokens, and refuses to where the run recorded other counts.
func TestReportTokens(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	shape := enginetest.Tiny()
	shape.MaxPositions, shape.Vocab = 128, tokenizertest.VocabSize
	require.NoError(t, enginetest.Write(dir, shape, 7))
	e, err := embedded.OpenEncoder(dir, 128)
	require.NoError(t, err)
	run := results.Run{Model: results.Model{Window: 128, TokenizerDigest: e.Tokenizer().Digest()}}
	r := &Runs{encoders: map[int]*wrapper.Encoder{128: e}, digest: e.Tokenizer().Digest()}
	prompt := strings.Repeat("東京 is a city. ", 30)
	view, err := e.View(tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: prompt, Continuation: " 大"})
	require.NoError(t, err)
	require.NotEmpty(t, view.Dropped)
	x := results.Exchange{
		Kind: string(tasks.LogLikelihood), Protocol: string(tasks.HarnessEN), Prompt: prompt, Continuation: " 大",
		PromptTokens: len(view.Dropped) + view.ScoredFrom, Dropped: len(view.Dropped),
	}
	v, err := r.Of(run, "xwino", x)
	require.NoError(t, err)
	assert.Equal(t, " "+prompt+" 大", v.Text, "the tokenizer puts a space in front")
	assert.Equal(t, len(view.Dropped), v.Dropped)
	assert.Equal(t, x.PromptTokens, v.ScoredFrom)
	assert.Len(t, v.Lengths, len(view.Dropped)+len(view.Tokens))
	sum := 0
	for _, n := range v.Lengths {
		sum += n
	}
	assert.Len(t, v.Text, sum)

	for _, wrong := range []results.Exchange{{Dropped: x.Dropped, PromptTokens: x.PromptTokens + 1}, {Dropped: x.Dropped - 1, PromptTokens: x.PromptTokens}} {
		y := x
		y.Dropped, y.PromptTokens = wrong.Dropped, wrong.PromptTokens
		_, err := r.Of(run, "xwino", y)
		require.ErrorContains(t, err, "the run recorded")
	}
	run.Model.TokenizerDigest = "another"
	v, err = r.Of(run, "xwino", x)
	require.NoError(t, err)
	assert.Nil(t, v, "another run's tokenizer shows nothing")
}
