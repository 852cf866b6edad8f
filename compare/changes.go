package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/results"
)

// Change is one document whose answers differ between the runs. Its texts are the model's own, unescaped.
type Change struct {
	DocID    json.RawMessage `json:"doc_id"`
	DocHash  string          `json:"doc_hash"`
	Position int             `json:"position"`
	// Outcome is "lost", "won" or, where the score is the same, "changed".
	Outcome string `json:"outcome"`
	// Field is the first that differs.
	Field string `json:"field"`
	// ScoreA and ScoreB are the document's own scores as shares.
	ScoreA float64 `json:"score_a"`
	ScoreB float64 `json:"score_b"`
	// OutputA and OutputB are what was scored, TextA and TextB the generated texts it came from, where there is one.
	OutputA string   `json:"output_a"`
	OutputB string   `json:"output_b"`
	TextA   *string  `json:"text_a,omitempty"`
	TextB   *string  `json:"text_b,omitempty"`
	Targets []string `json:"targets"`
}

// The outcomes of a Change.
const (
	OutcomeLost    = "lost"
	OutcomeWon     = "won"
	OutcomeChanged = "changed"
)

// changes lists the documents whose answers differ in any byte or bit.
func changes(e *evidence) []Change {
	var out []Change
	for i, d := range e.docs {
		field := answersDiffer(*d.A, *d.B)
		if field == "" {
			continue
		}
		c := Change{
			DocID: d.A.DocID, DocHash: d.A.DocHash, Position: d.A.Position, Outcome: OutcomeChanged, Field: field,
			ScoreA: e.each[0][i], ScoreB: e.each[1][i], OutputA: d.A.Marks[0].Output, OutputB: d.B.Marks[0].Output,
			TextA: text(*d.A), TextB: text(*d.B), Targets: d.A.Targets,
		}
		switch {
		case c.ScoreB < c.ScoreA:
			c.Outcome = OutcomeLost
		case c.ScoreB > c.ScoreA:
			c.Outcome = OutcomeWon
		}
		out = append(out, c)
	}
	rank := map[string]int{OutcomeLost: 0, OutcomeWon: 1, OutcomeChanged: 2}
	slices.SortStableFunc(out, func(x, y Change) int {
		return cmp.Or(
			cmp.Compare(rank[x.Outcome], rank[y.Outcome]),
			cmp.Compare(math.Abs(y.ScoreB-y.ScoreA), math.Abs(x.ScoreB-x.ScoreA)),
			cmp.Compare(x.Position, y.Position),
		)
	})
	return out
}

// text is the one generated text of a document, nil where there is none or there are several.
func text(s results.Sample) *string {
	if len(s.Exchanges) != 1 {
		return nil
	}
	return s.Exchanges[0].Text
}

// answersDiffer names the first field in which two samples' answers or marks differ, "" for none.
func answersDiffer(a, b results.Sample) string {
	if len(a.Exchanges) != len(b.Exchanges) {
		return "exchanges"
	}
	for i, x := range a.Exchanges {
		y := b.Exchanges[i]
		for _, f := range []struct {
			name string
			same bool
		}{
			{"text", same(x.Text, y.Text)},
			{"finish", x.Finish == y.Finish},
			{"logprob", sameBits(x.Log, y.Log)},
			{"is_greedy", same(x.Greedy, y.Greedy)},
			{"prompt_tokens", x.PromptTokens == y.PromptTokens},
			{"output_tokens", x.OutputTokens == y.OutputTokens},
			{"dropped_tokens", x.Dropped == y.Dropped},
			{"lost_tokens", x.Lost == y.Lost},
		} {
			if !f.same {
				return fmt.Sprintf("exchanges[%d].%s", i, f.name)
			}
		}
	}
	if len(a.Marks) != len(b.Marks) {
		return "marks"
	}
	for i, x := range a.Marks {
		y := b.Marks[i]
		if x.Metric != y.Metric || x.Output != y.Output || !slices.Equal(x.Stat, y.Stat) {
			return fmt.Sprintf("marks[%d]", i)
		}
	}
	if a.Fault != b.Fault {
		return "fault"
	}
	return ""
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func sameBits(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Float64bits(*a) == math.Float64bits(*b)
}

// Drift is how far the log-probabilities of two runs are apart, below the level of scores.
type Drift struct {
	// Requests counts the log-probabilities that both runs have, GreedyFlips those whose is_greedy differs.
	Requests    int     `json:"requests"`
	Max         float64 `json:"max"`
	Mean        float64 `json:"mean"`
	GreedyFlips int     `json:"greedy_flips"`
}

// drift is nil where the runs have no finite log-probabilities in common.
func drift(docs []DocPair) *Drift {
	var d Drift
	for _, p := range docs {
		for i := range min(len(p.A.Exchanges), len(p.B.Exchanges)) {
			x, y := p.A.Exchanges[i], p.B.Exchanges[i]
			if x.Log == nil || y.Log == nil {
				continue
			}
			apart := math.Abs(*x.Log - *y.Log)
			if math.IsNaN(apart) || math.IsInf(apart, 0) {
				continue
			}
			d.Requests++
			d.Max = max(d.Max, apart)
			d.Mean += apart
			if !same(x.Greedy, y.Greedy) {
				d.GreedyFlips++
			}
		}
	}
	if d.Requests == 0 {
		return nil
	}
	d.Mean /= float64(d.Requests)
	return &d
}
