package schedule

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// passes counts how many times a sequence would go through the network for an output that is known, with the guesses that
// are made for it when at most budget cost little.
func passes(prompt, output []int32, budget int) int {
	g := &Generating{Prompt: Prompt{Tokens: prompt, MaxTokens: len(output)}, batched: 1}
	g.drafts.begin()
	n := 0
	for done := 0; done < len(output); n++ {
		g.tokens = append(append([]int32(nil), prompt...), output[:done]...)
		g.fed = len(g.tokens) - 1
		g.drafts.tokens = precedent(nil, g.tokens, g.guesses(budget))
		right := 0
		for right < len(g.drafts.tokens) && g.drafts.tokens[right] == output[done+right] {
			right++
		}
		g.drafts.judged(right)
		done += right + 1
	}
	return n
}

func TestPasses(t *testing.T) {
	count := func(n int) (list []int32) {
		for i := range n {
			list = append(list, int32(i))
		}
		return list
	}
	assert.Equal(t, 40, passes(count(10), count(40), 0), "without guesses")
	// An output that is in the prompt: two tokens as a key, then runs of 4, 8 and 16 guesses, one more token each.
	prompt := append(count(40), 90, 0, 1)
	assert.Equal(t, 3, passes(prompt, count(40)[2:30], 100))
	assert.Equal(t, 40, passes([]int32{200}, count(40), 100), "an output like nothing before costs no more passes")
}

// TestReplay measures, where SWALLOW_EVAL_REPLAY names a file of lines {"task", "prompt": [ids], "output": [ids]}, how many
// passes a generated token takes; docs/performance.md has what came out.
func TestReplay(t *testing.T) {
	name := os.Getenv("SWALLOW_EVAL_REPLAY")
	if name == "" {
		t.Skip("SWALLOW_EVAL_REPLAY names no file of outputs")
	}
	f, err := os.Open(name)
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	type sum struct{ sequences, tokens, memory, disk int }
	sums := map[string]*sum{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var x struct {
			Task           string
			Prompt, Output []int32
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &x))
		s := sums[x.Task]
		if s == nil {
			s = &sum{}
			sums[x.Task] = s
		}
		s.sequences++
		s.tokens += len(x.Output)
		s.memory += passes(x.Prompt, x.Output, freeTokens-1)
		s.disk += passes(x.Prompt, x.Output, freeTokensStreaming)
	}
	require.NoError(t, lines.Err())
	for task, s := range sums {
		t.Logf("%s: %d sequences, %d tokens; passes a token: one sequence in memory %.2f, from a disk %.2f",
			task, s.sequences, s.tokens, float64(s.memory)/float64(s.tokens), float64(s.disk)/float64(s.tokens))
	}
}
