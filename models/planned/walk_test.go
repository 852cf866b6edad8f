package planned

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
)

// steady is a machine on which every batch takes a second for products, whatever its size, and attention nothing.
func steady(u engine.Use) machine {
	return machine{Rates: bench.Rates{Products: []bench.Rate{{Tokens: 1, Rate: 1}, {Tokens: 1 << 20, Rate: 1 << 20}}, Recall: 1e30, Shared: 1e30}, Use: u}
}

// prompts are texts of the same length, read one after another.
func prompts(n, length, most int) part {
	p := part{perToken: 1, step: 1, entry: 1}
	for i := range n {
		p.texts = append(p.texts, text{prompt: length, own: float64(length), ready: float64((i + 1) * length), most: most})
	}
	p.distinct = float64(n * length)
	return p
}

// TestWalk counts batches: reading fills them, texts begin when they have been read and go on beside what is still read.
func TestWalk(t *testing.T) {
	all := engine.Use{BatchTokens: 100, Together: 256, CacheBytes: 1 << 40, PositionBytes: 1}
	for _, c := range []struct {
		name string
		use  engine.Use
		part part
		want float64
	}{
		{"reading alone", all, part{distinct: 250, perToken: 1}, 3},
		{"one text: its first token comes with its prompt", all, prompts(1, 100, 10), 10},
		{"together, beside the first of which the last is read", all, prompts(4, 25, 10), 11},
		{"a batch has room for the ends of prompts beside those under way", all, prompts(2, 100, 10), 12},
		{"one at a time", engine.Use{BatchTokens: 100, Together: 1, CacheBytes: 1 << 40, PositionBytes: 1}, prompts(4, 25, 10), 40},
		{"two fit the memory", engine.Use{BatchTokens: 100, Together: 256, CacheBytes: 80, PositionBytes: 1}, prompts(4, 25, 10), 20},
	} {
		assert.InDelta(t, c.want, steady(c.use).seconds(c.part, true), 1e-9, c.name)
	}
	assert.InDelta(t, 2, steady(all).seconds(prompts(4, 25, 10), false), 1e-9, "all end at their first token")
}

// TestRecall: what the texts under way have is read again for each token.
func TestRecall(t *testing.T) {
	m := steady(engine.Use{BatchTokens: 100, Together: 256, CacheBytes: 1 << 40, PositionBytes: 1})
	m.Recall, m.Shared = 1, 10
	// The first token comes with the prompt; the second and third look at 101 and 102 positions.
	assert.InDelta(t, 3+101+102, m.seconds(prompts(1, 100, 3), true), 1e-9)
	p := prompts(1, 100, 3)
	p.texts[0].own, p.texts[0].ready, p.distinct = 30, 30, 30
	assert.InDelta(t, 3+31+32+7+7, m.seconds(p, true), 1e-9, "what it has in common with others costs a tenth")
}
