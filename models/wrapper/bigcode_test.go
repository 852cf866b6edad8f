package wrapper

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestPromptAndAnswerTogether: bigcode-evaluation-harness counts both, feeds the last tokens of a prompt that is too long, and has then nothing left.
func TestPromptAndAnswerTogether(t *testing.T) {
	for _, c := range []struct{ prompt, fed, most int }{{1, 1, 99}, {99, 99, 1}, {100, 100, 0}, {130, 100, 0}} {
		g := plan(t, small(t, 64), tasks.BigCode, c.prompt, 100)
		assert.Equal(t, ids(c.prompt)[c.prompt-c.fed:], g.Prompt, "beyond the model's positions too")
		assert.Equal(t, c.most, g.Max)
		r, settled := g.Settled()
		assert.Equal(t, c.most == 0, settled)
		if settled {
			assert.Equal(t, tasks.Response{PromptTokens: c.prompt, Dropped: c.prompt - c.fed, Finish: "lost"}, r)
		}
	}
	_, err := small(t, 64).PlanGeneration(ids(1), tasks.Request{Kind: tasks.Generate, Protocol: tasks.BigCode})
	require.ErrorContains(t, err, "0 tokens together")
}

// TestSpecialTokensAreText: what the harness decodes keeps them, and the end token's text cuts.
func TestSpecialTokensAreText(t *testing.T) {
	e := small(t, 64)
	bos, ok := e.tok.BOS()
	require.True(t, ok)
	prompt := e.tok.Encode("a b")
	g, err := e.PlanGeneration(prompt, tasks.Request{Kind: tasks.Generate, Protocol: tasks.BigCode, MaxTokens: 60, Stop: []string{" あ"}})
	require.NoError(t, err)
	answer := append(append(e.tok.Encode("a b")[len(e.tok.Encode("a")):], bos), e.tok.Encode("c")...)
	text := e.tok.DecodeAfter(prompt, answer[:len(answer)-1-len(e.tok.Encode("c"))]) + e.tok.Piece(bos) + e.tok.DecodeRaw(e.tok.Encode("c"))
	assert.Equal(t, text, g.Response(answer, "length").Text)
	assert.Contains(t, text, e.tok.Piece(bos))
	assert.Equal(t, text, g.Response(append(answer, e.tok.Encode("あいう")...), "length").Text, "cut at the stop string")
}

// TestDrawsAreNotMerged: equal prompts with other draws are other questions, and equal draws are one.
func TestDrawsAreNotMerged(t *testing.T) {
	q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.BigCode, Prompt: "a", MaxTokens: 60, Sampling: tasks.Drawn("t", tasks.RowID(0), 0, 0.2, 0.95)}
	other := q
	other.Sampling = tasks.Drawn("t", tasks.RowID(0), 1, 0.2, 0.95)
	p, err := small(t, 64).Plan([]tasks.Request{q, other, q}, nil)
	require.NoError(t, err)
	require.Len(t, p.Generations, 2)
	assert.Equal(t, q.Sampling, p.Generations[0].Sampling)
	assert.Equal(t, other.Sampling, p.Generations[1].Sampling)
}

// TestOpenings holds each later wrapper's rule about the token that begins a text, by family.
func TestOpenings(t *testing.T) {
	llama2, llama3 := tasks.Family{Type: "llama", Name: "meta-llama/Llama-2-7b-hf", AddsBOS: true}, tasks.Family{Type: "llama", Name: "meta-llama/Meta-Llama-3-8B", AddsBOS: true}
	qwen := tasks.Family{Type: "qwen2", Name: "Qwen/Qwen2.5-7B"}
	gemma, gemma2 := tasks.Family{Type: "gemma", Name: "google/gemma-7b", AddsBOS: true}, tasks.Family{Type: "gemma2", Name: "google/gemma-2-9b", AddsBOS: true}
	other2 := tasks.Family{Type: "gemma2", Name: "my/model", AddsBOS: true}
	all := []tasks.Family{llama2, llama3, qwen, gemma, gemma2, other2}
	for p, want := range map[tasks.Protocol][]bool{
		tasks.LLMJPEval: {false, false, false, false, false, false}, tasks.HarnessJP: {false, false, false, false, false, false}, tasks.HarnessEN: {false, false, false, false, false, false},
		tasks.LLMJPEval0407: {false, false, false, false, false, false},
		tasks.LLMJPEval0411: {true, true, false, true, true, true},
		tasks.HarnessEN0407: {false, false, false, true, false, false},
		tasks.HarnessEN0411: {false, false, false, true, true, true},
		tasks.HarnessJP0411: {false, false, false, false, true, false},
		tasks.BigCode:       {true, true, false, true, true, true},
	} {
		rules, ok := p.Rules()
		require.True(t, ok)
		for i, family := range all {
			assert.Equal(t, want[i], rules.BOS.Opens(family), "%s %s", p, family.Name)
		}
	}
}
