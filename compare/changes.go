package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/results"
)

// Change is one document whose answers differ between the runs. Its texts are the model's own, unescaped.
type Change struct {
	DocID    json.RawMessage `json:"doc_id"`
	DocHash  string          `json:"doc_hash"`
	Position int             `json:"position"`
	// Outcome is "lost", "won" or, where the score is the same, "changed".
	Outcome string `json:"outcome"`
	// Field is the first that differs, ValueA and ValueB what it holds: of long texts the part from where they part.
	Field  string `json:"field"`
	ValueA string `json:"value_a"`
	ValueB string `json:"value_b"`
	// ScoreA and ScoreB are the document's own scores as shares.
	ScoreA float64 `json:"score_a"`
	ScoreB float64 `json:"score_b"`
	// OutputA and OutputB are what was scored, TextA and TextB the generated texts it came from, where there is one.
	OutputA string `json:"output_a"`
	OutputB string `json:"output_b"`
	// ChoiceA and ChoiceB are the candidate answers that outputs which are numbers of choices stand for.
	ChoiceA string   `json:"choice_a,omitempty"`
	ChoiceB string   `json:"choice_b,omitempty"`
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
		field, valueA, valueB := answersDiffer(*d.A, *d.B)
		if field == "" {
			continue
		}
		c := Change{
			DocID: d.A.DocID, DocHash: d.A.DocHash, Position: d.A.Position, Outcome: OutcomeChanged,
			Field: field, ValueA: valueA, ValueB: valueB,
			ScoreA: e.each[0][i], ScoreB: e.each[1][i], OutputA: d.A.Marks[0].Output, OutputB: d.B.Marks[0].Output,
			TextA: text(*d.A), TextB: text(*d.B), Targets: d.A.Targets,
		}
		choices := d.A.Choices
		if c.Targets == nil { // a condensed sample leaves them to the other side
			c.Targets = d.B.Targets
		}
		if choices == nil {
			choices = d.B.Choices
		}
		c.ChoiceA, c.ChoiceB = choice(choices, c.OutputA), choice(choices, c.OutputB)
		switch {
		case e.differences[i] < 0:
			c.Outcome = OutcomeLost
		case e.differences[i] > 0:
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

// choice is the candidate answer of that number, "" for none.
func choice(choices []string, output string) string {
	if i, err := strconv.Atoi(output); err == nil && i >= 0 && i < len(choices) {
		return choices[i]
	}
	return ""
}

// text is the one generated text of a document, nil where there is none or there are several.
func text(s results.Sample) *string {
	if len(s.Exchanges) != 1 {
		return nil
	}
	return s.Exchanges[0].Text
}

// answersDiffer names the first field in which two samples' answers or marks differ, "" for none, and what it holds.
func answersDiffer(a, b results.Sample) (field, valueA, valueB string) {
	if len(a.Exchanges) != len(b.Exchanges) {
		return "exchanges", strconv.Itoa(len(a.Exchanges)), strconv.Itoa(len(b.Exchanges))
	}
	for i, x := range a.Exchanges {
		y := b.Exchanges[i]
		for _, f := range []struct {
			name string
			same bool
			x, y any
		}{
			{"text", same(x.Text, y.Text), x.Text, y.Text},
			{"finish", x.Finish == y.Finish, x.Finish, y.Finish},
			{"logprob", sameBits(x.Log, y.Log), x.Log, y.Log},
			{"is_greedy", same(x.Greedy, y.Greedy), x.Greedy, y.Greedy},
			{"prompt_tokens", x.PromptTokens == y.PromptTokens, x.PromptTokens, y.PromptTokens},
			{"output_tokens", x.OutputTokens == y.OutputTokens, x.OutputTokens, y.OutputTokens},
			{"dropped_tokens", x.Dropped == y.Dropped, x.Dropped, y.Dropped},
			{"lost_tokens", x.Lost == y.Lost, x.Lost, y.Lost},
		} {
			if !f.same {
				valueA, valueB := shownValue(f.x), shownValue(f.y)
				if f.name == "text" {
					valueA, valueB = parting(valueA, valueB)
				}
				return fmt.Sprintf("exchanges[%d].%s", i, f.name), valueA, valueB
			}
		}
	}
	if len(a.Marks) != len(b.Marks) {
		return "marks", strconv.Itoa(len(a.Marks)), strconv.Itoa(len(b.Marks))
	}
	for i, x := range a.Marks {
		y := b.Marks[i]
		switch {
		case x.Metric != y.Metric:
			return fmt.Sprintf("marks[%d].metric", i), x.Metric, y.Metric
		case x.Output != y.Output:
			valueA, valueB := parting(x.Output, y.Output)
			return fmt.Sprintf("marks[%d].output", i), valueA, valueB
		case !slices.Equal(x.Stat, y.Stat):
			return fmt.Sprintf("marks[%d].stat", i), fmt.Sprint(x.Stat), fmt.Sprint(y.Stat)
		}
	}
	if a.Fault != b.Fault {
		return "fault", a.Fault, b.Fault
	}
	return "", "", ""
}

// shownValue is a field's value, "" for none.
func shownValue(v any) string {
	switch v := v.(type) {
	case *string:
		if v != nil {
			return *v
		}
	case *float64:
		if v != nil {
			return strconv.FormatFloat(*v, 'g', -1, 64)
		}
	case *bool:
		if v != nil {
			return strconv.FormatBool(*v)
		}
	default:
		return fmt.Sprint(v)
	}
	return ""
}

// parting cuts two texts to a few characters before the first that differs and some after it.
func parting(a, b string) (x, y string) {
	const before, length = 12, 60
	r, q := []rune(a), []rune(b)
	at := 0
	for at < min(len(r), len(q)) && r[at] == q[at] {
		at++
	}
	from := max(0, at-before)
	cut := func(s []rune) string {
		text := string(s[from:min(len(s), from+length)])
		if from > 0 {
			text = "…" + text
		}
		if len(s) > from+length {
			text += "…"
		}
		return text
	}
	return cut(r), cut(q)
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func sameBits(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Float64bits(*a) == math.Float64bits(*b)
}

// Drift is how far the stored answers of two runs are apart, below the level of scores. What a whole distribution
// would say (KL divergence) needs the models and is the drift command's.
type Drift struct {
	// Requests counts the log-probabilities that both runs have; Max and Mean are their absolute differences, in nats.
	Requests int     `json:"requests"`
	Max      float64 `json:"max"`
	Mean     float64 `json:"mean"`
	// GreedyFlips counts those whose continuation is the model's own first choice in one run only; Top1Agreement is the
	// share of the others.
	GreedyFlips   int     `json:"greedy_flips"`
	Top1Agreement float64 `json:"top1_agreement"`
	// Generations counts the generated texts that both runs have, SameGenerations those equal in every byte.
	Generations     int `json:"generations"`
	SameGenerations int `json:"same_generations"`
}

// drift is nil where the runs have no answers in common.
func drift(docs []DocPair) *Drift {
	var d Drift
	for _, p := range docs {
		for i := range min(len(p.A.Exchanges), len(p.B.Exchanges)) {
			x, y := p.A.Exchanges[i], p.B.Exchanges[i]
			if x.Text != nil && y.Text != nil {
				d.Generations++
				if *x.Text == *y.Text {
					d.SameGenerations++
				}
			}
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
	if d.Requests+d.Generations == 0 {
		return nil
	}
	d.Top1Agreement = 1
	if d.Requests > 0 {
		d.Mean /= float64(d.Requests)
		d.Top1Agreement = 1 - float64(d.GreedyFlips)/float64(d.Requests)
	}
	return &d
}
