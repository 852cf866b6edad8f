package wrapper

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// These tests hold the wrappers' constants with the tests' own tokenizer, so that a clone alone notices a changed one; the
// replays of the references' own code compare with far more.

// harnesses are the protocols of the two LM evaluation harnesses.
func harnesses() []tasks.Protocol { return []tasks.Protocol{tasks.HarnessJP, tasks.HarnessEN} }

// ids are so many tokens.
func ids(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(300 + i%100)
	}
	return list
}

func plan(t *testing.T, e *Encoder, p tasks.Protocol, prompt, most int, stop ...string) *Generation {
	t.Helper()
	g, err := e.PlanGeneration(ids(prompt), tasks.Request{Kind: tasks.Generate, Protocol: p, Stop: stop, MaxTokens: most})
	require.NoError(t, err)
	return g
}

// TestReserve: the harnesses keep 256 positions free, 4096 of a larger model's in the Japanese one, and discard as many
// generated tokens as prompt tokens were dropped. llm-jp-eval cuts nothing.
func TestReserve(t *testing.T) {
	for _, c := range []struct {
		p              tasks.Protocol
		window, prompt int
		fed, cut       int
	}{
		{tasks.HarnessEN, 1000, 744, 744, 0},
		{tasks.HarnessEN, 1000, 745, 744, 1},
		{tasks.HarnessJP, 1000, 745, 744, 1},
		{tasks.HarnessEN, 8192, 7936, 7936, 0},
		{tasks.HarnessEN, 8192, 7937, 7936, 1},
		{tasks.HarnessJP, 8192, 3840, 3840, 0},
		{tasks.HarnessJP, 8192, 3850, 3840, 10},
		{tasks.HarnessJP, 4095, 3840, 3839, 1},
		{tasks.LLMJPEval, 1000, 1500, 1500, 0},
	} {
		name := fmt.Sprintf("%s, %d positions, %d tokens", c.p, c.window, c.prompt)
		g := plan(t, small(t, c.window), c.p, c.prompt, 256)
		assert.Equal(t, ids(c.prompt)[c.cut:], g.Prompt, name)
		assert.Len(t, g.Prompt, c.fed, name)
		assert.Equal(t, 256, g.Max, "%s: the limit stays", name)
		r := g.Response(ids(12), "length")
		assert.Equal(t, c.cut, r.Dropped, name)
		assert.Equal(t, min(c.cut, 12), r.Lost, name)
		assert.Equal(t, c.prompt, r.PromptTokens, name)
	}
	_, err := small(t, 256).PlanGeneration(ids(5), tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, MaxTokens: 9})
	require.ErrorContains(t, err, "leaves no room for a prompt beside 256 new tokens")
}

// TestCutLengthIsPartOfTheQuestion: two prompts that are fed the same tokens but lost other numbers of them have other
// answers, since as many generated tokens are discarded.
func TestCutLengthIsPartOfTheQuestion(t *testing.T) {
	e := small(t, 300)
	ask := func(words int) tasks.Request {
		return tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: strings.Repeat("a", words), MaxTokens: 40}
	}
	got := map[int]tasks.Response{}
	p, err := e.Plan([]tasks.Request{ask(60), ask(61), ask(60)}, func(i int, r tasks.Response) error { got[i] = r; return nil })
	require.NoError(t, err)
	require.Len(t, p.Generations, 2)
	assert.Equal(t, p.Generations[0].Prompt, p.Generations[1].Prompt, "they are fed the same")
	for k := range p.Generations {
		require.NoError(t, p.Generated(k, ids(40), "length"))
	}
	assert.Equal(t, got[0], got[2])
	assert.Equal(t, got[0].Lost+1, got[1].Lost)

	// So have two scorings of the same tokens, of which another number is the continuation or was dropped.
	a, err := e.PlanScoring(ids(400), ids(5), tasks.HarnessEN)
	require.NoError(t, err)
	b, err := e.PlanScoring(append(ids(100), ids(400)...), ids(5), tasks.HarnessEN)
	require.NoError(t, err)
	require.Equal(t, a.Tokens, b.Tokens)
	assert.NotEqual(t, a.key(), b.key())
}

// TestGreedyIsOfAllTokens: a continuation is greedy where each of its tokens is, and its log-probability is their sum.
func TestGreedyIsOfAllTokens(t *testing.T) {
	e := small(t, 300)
	for _, p := range []tasks.Protocol{tasks.LLMJPEval, tasks.HarnessJP, tasks.HarnessEN, tasks.Plain} {
		s, err := e.PlanScoring(ids(9), ids(3), p)
		require.NoError(t, err)
		for _, greedy := range [][]bool{{true, true, true}, {false, true, true}, {true, false, true}, {true, true, false}, {false, false, false}} {
			r := s.Response([]float64{-1, -2, -4}, greedy)
			assert.Equal(t, greedy[0] && greedy[1] && greedy[2], r.Greedy, "%v", greedy)
			assert.Equal(t, -7.0, r.LogProb)
			assert.Equal(t, 9, r.PromptTokens)
			assert.Equal(t, 3, r.OutputTokens)
		}
	}
}

// TestLookbackWindows: generation ends when as many of the last tokens as the stop string itself has decode to it. The end
// of the sequence spelled out is none of these strings, whatever its length: it cuts the text and generation goes on.
func TestLookbackWindows(t *testing.T) {
	e := small(t, 1000)
	for _, p := range harnesses() {
		g := plan(t, e, p, 10, 50, "Q:", "\n")
		say := func(text string) (string, tasks.Response) {
			kept, ended := g.Until(spell(t, e.Tokenizer(), text))
			finish := "length"
			if ended {
				finish = "stop"
			}
			return fmt.Sprint(ended, len(kept)), g.Response(kept, finish)
		}
		ended, r := say("abQ:cd")
		assert.Equal(t, "true 4", ended)
		assert.Equal(t, "ab", r.Text)
		ended, r = say("ab\ncd")
		assert.Equal(t, "true 3", ended)
		assert.Equal(t, "ab", r.Text)
		// Four tokens spell the end of the sequence; were they a stop string, generation would end with them.
		require.Equal(t, "</s>", e.EOS())
		var spelled []int32
		for _, piece := range []string{"a", "<", "/", "s", ">", "b", "c"} {
			id, ok := e.Tokenizer().ID(piece)
			require.True(t, ok)
			spelled = append(spelled, id)
		}
		kept, stopped := g.Until(spelled)
		assert.False(t, stopped, "%s", p)
		assert.Len(t, kept, len(spelled))
		assert.Equal(t, "a", g.Response(kept, "length").Text, "%s: but the text is cut there", p)
	}
	g := plan(t, e, tasks.LLMJPEval, 10, 50)
	assert.Empty(t, g.Stops(), "llm-jp-eval cuts at nothing")
}

// TestFirstLine: llm-jp-eval's generation ends with the first token that settles the first line, which no byte does.
func TestFirstLine(t *testing.T) {
	e := small(t, 1000)
	g := plan(t, e, tasks.LLMJPEval, 10, 50)
	kept, ended := g.Until(spell(t, e.Tokenizer(), "ab\nc\nd"))
	assert.True(t, ended)
	assert.Len(t, kept, 4)
	assert.Equal(t, "ab\nc", g.Response(kept, "stop").Text, "nothing is cut from the reply itself")
	kept, ended = g.Until(spell(t, e.Tokenizer(), "ab\n"))
	assert.False(t, ended, "a line feed is a byte")
	assert.Len(t, kept, 3)
}

// TestScoringWindow: of a context that does not fit the last tokens are fed, one more than the model has positions, since
// the last token is scored and never read.
func TestScoringWindow(t *testing.T) {
	for _, c := range []struct {
		p                 tasks.Protocol
		window, ctx, cont int
		cut               int
	}{
		{tasks.HarnessEN, 100, 96, 5, 0}, {tasks.HarnessEN, 100, 97, 5, 1}, {tasks.HarnessJP, 100, 97, 5, 1},
		{tasks.HarnessEN, 5000, 4092, 5, 0}, {tasks.HarnessJP, 5000, 4092, 5, 0}, {tasks.HarnessJP, 5000, 4093, 5, 1},
		{tasks.LLMJPEval, 100, 200, 5, 0},
	} {
		s, err := small(t, c.window).PlanScoring(ids(c.ctx), ids(c.cont), c.p)
		require.NoError(t, err)
		assert.Equal(t, c.cut, s.Dropped(), "%+v", c)
		assert.Len(t, s.Tokens, c.ctx+c.cont-c.cut, "%+v", c)
		assert.Equal(t, len(s.Tokens)-c.cont, s.From, "%+v", c)
	}
	_, err := small(t, 100).PlanScoring(ids(3), ids(101), tasks.HarnessEN)
	require.ErrorContains(t, err, "the continuation has 101 tokens")
	_, err = small(t, 100).PlanScoring(ids(97), ids(5), tasks.Plain)
	require.ErrorContains(t, err, "have 102 tokens, the model has 100 positions")
}

// TestEmptyContext: where context and continuation are encoded apart, an empty context is the end-of-sequence token.
func TestEmptyContext(t *testing.T) {
	e := small(t, 100)
	eos, ok := e.Tokenizer().EOS()
	require.True(t, ok)
	for _, p := range []tasks.Protocol{tasks.HarnessJP, tasks.LLMJPEval} {
		ctx, cont, err := e.EncodePair("", "the", p)
		require.NoError(t, err)
		assert.Equal(t, []int32{eos}, ctx, "%s", p)
		assert.Equal(t, e.Tokenizer().Encode("the"), cont)
	}
	// The English one moves the context's trailing white space to the continuation.
	ctx, cont, err := e.EncodePair("the ", "and", tasks.HarnessEN)
	require.NoError(t, err)
	assert.Equal(t, e.Tokenizer().Encode("the and"), append(ctx, cont...))
	assert.Equal(t, e.Tokenizer().Encode("the"), ctx)
}

// pieces are tokens by their names.
func pieces(t *testing.T, e *Encoder, names ...string) []int32 {
	t.Helper()
	var list []int32
	for _, name := range names {
		id, ok := e.Tokenizer().ID(name)
		require.True(t, ok, name)
		list = append(list, id)
	}
	return list
}

// TestLookbackPassesOver: a stop string that the model spells in more tokens than the tokenizer does is not seen.
func TestLookbackPassesOver(t *testing.T) {
	e := small(t, 1000)
	require.Equal(t, []string{"▁", "ing"}, e.Pieces("ing"), "two tokens")
	for _, p := range harnesses() {
		g := plan(t, e, p, 10, 50, "ing")
		for _, c := range []struct {
			said []int32
			at   int // tokens at which generation ends, 0 where it does not
		}{
			{pieces(t, e, "a", "ing", "b"), 2},
			{pieces(t, e, "a", "in", "g", "b"), 3},
			{pieces(t, e, "a", "i", "n", "g", "b"), 0},
		} {
			kept, ended := g.Until(c.said)
			assert.Equal(t, c.at > 0, ended, "%s %v", p, c.said)
			if ended {
				assert.Len(t, kept, c.at)
			}
			assert.Equal(t, "a", g.Response(kept, "x").Text, "the text is cut all the same")
		}
	}
}

// TestDecoding: llm-jp-eval's pipeline decodes prompt and reply together, which keeps a leading space, and cleans up
// spaces before punctuation; the harnesses decode the reply alone and leave it as it is.
func TestDecoding(t *testing.T) {
	e := small(t, 1000)
	said := pieces(t, e, "▁the", "▁", ".", "▁", ",")
	for p, want := range map[tasks.Protocol]string{tasks.LLMJPEval: " the.,", tasks.HarnessJP: "the . ,", tasks.HarnessEN: "the . ,", tasks.Plain: " the . ,"} {
		assert.Equal(t, want, plan(t, e, p, 10, 50).Response(said, "eos").Text, "%s", p)
	}
}

// TestLimits: what is left when the window ends a generation, and when the wrapper would discard all of it.
func TestLimits(t *testing.T) {
	e := small(t, 300)
	for most, want := range map[int]string{289: "length", 290: "length", 291: "window"} {
		g := plan(t, e, tasks.Plain, 10, most)
		assert.Equal(t, min(most, 290), g.Max)
		assert.Equal(t, want, g.Response(ids(3), "length").Finish, "%d tokens after 10 of 300", most)
		assert.Equal(t, "eos", g.Response(ids(3), "eos").Finish)
	}
	for cut, settled := range map[int]bool{19: false, 20: true, 21: true} {
		g := plan(t, e, tasks.HarnessEN, 44+cut, 20)
		r, ok := g.Settled()
		assert.Equal(t, settled, ok, "%d tokens cut, 20 asked for", cut)
		if ok {
			assert.Equal(t, tasks.Response{PromptTokens: 44 + cut, Dropped: cut, Lost: 20, Finish: "lost"}, r)
		}
	}
	long := tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: strings.Repeat("a", 100), MaxTokens: 20}
	v, err := e.View(long)
	require.NoError(t, err)
	assert.Equal(t, 20, v.Lost, "no more are lost than are generated")
	assert.Equal(t, 300, v.Window)
	assert.Len(t, v.Tokens, 44)
	assert.Equal(t, "ab", e.Cut("abc", 2))
	assert.Equal(t, "abc", e.Cut("abc", 9))
}

// TestErrorsNameTheFirst: of equal questions the first is named.
func TestErrorsNameTheFirst(t *testing.T) {
	e := small(t, 300)
	g := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "a", MaxTokens: 2}
	p, err := e.Plan([]tasks.Request{g, g, g}, nil)
	require.NoError(t, err)
	require.EqualError(t, p.GenerationError(0, assert.AnError), "request 0: "+assert.AnError.Error())
}
