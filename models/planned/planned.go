// Package planned counts what an evaluation would ask of a model, and estimates what the answers would cost on this machine.
// Its Model answers every request with nothing; what is made of that is no result of anything. It needs a tokenizer and a
// configuration, no weights.
package planned

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Task is what one task asks.
type Task struct {
	Name       string `json:"task"`
	Hole       string `json:"hole,omitempty"` // why it asks nothing
	Documents  int    `json:"documents"`
	Requests   int    `json:"requests"`
	Remembered int    `json:"remembered"`      // requests whose answers are stored
	Tokens     int    `json:"tokens"`          // that the others have the model read, each for itself
	Distinct   int    `json:"distinct_tokens"` // of these, what is left where they share their beginnings
	Texts      int    `json:"texts"`           // that are generated
	Generated  int    `json:"most_generated"`  // tokens, if every generation goes to its limit

	// Operations, a multiply-add counting two: of reading, and of generating up to the limits.
	Read     float64 `json:"read_flops"`
	Generate float64 `json:"generate_flops"`

	parts []part
}

// Model is an eval.Model and the eval.Progress of the same evaluation.
type Model struct {
	*wrapper.Encoder
	identity results.Model
	config   engine.Config
	known    func(q tasks.Request) bool
	list     []Task
}

var (
	_ eval.Model    = (*Model)(nil)
	_ eval.Progress = (*Model)(nil)
)

// New plans for a model. known tells which requests have stored answers; nil is none.
func New(e *wrapper.Encoder, c engine.Config, identity results.Model, known func(q tasks.Request) bool) *Model {
	if known == nil {
		known = func(tasks.Request) bool { return false }
	}
	return &Model{Encoder: e, config: c, identity: identity, known: known}
}

// Tasks are the counts so far.
func (m *Model) Tasks() []Task { return m.list }

// Identity is what is known of the model.
func (m *Model) Identity() results.Model { return m.identity }

// Begin starts to count a task.
func (m *Model) Begin(task string, docs, _ int) {
	m.list = append(m.list, Task{Name: task, Documents: docs})
}

// Answered does nothing: Do counts.
func (m *Model) Answered(int) {}

// End notes why a task could not be counted. That metrics find nothing in answers of nothing is no such reason.
func (m *Model) End(s results.Score) {
	if last := len(m.list) - 1; s.Hole != "" && (last < 0 || m.list[last].Name != s.Task) {
		m.list = append(m.list, Task{Name: s.Task, Hole: s.Hole})
	}
}

// Do counts requests and answers them with nothing.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	t := &m.list[len(m.list)-1]
	t.Requests += len(requests)
	var rest []tasks.Request
	for _, q := range requests {
		if m.known(q) {
			t.Remembered++
		} else {
			rest = append(rest, q)
		}
	}
	plan, err := m.Plan(rest, func(int, tasks.Response) error { return nil })
	if err != nil {
		return err
	}
	m.count(t, plan)
	for i := range requests {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := done(i, tasks.Response{}); err != nil {
			return err
		}
	}
	return nil
}

// count adds what a plan has the model read and write.
func (m *Model) count(t *Task, plan *wrapper.Plan) {
	var inputs [][]int32
	positions, wanted := 0.0, 0
	add := func(tokens []int32) {
		inputs = append(inputs, tokens)
		t.Tokens += len(tokens)
		positions += float64(len(tokens)) * float64(len(tokens)+1) / 2
	}
	for _, s := range plan.Scorings {
		add(s.Tokens[:len(s.Tokens)-1])
		wanted += len(s.Tokens) - s.From
	}
	var texts []text
	var prompts [][]int32
	generated, behind := 0, 0.0
	for _, g := range plan.Generations {
		if _, settled := g.Settled(); settled || g.Max == 0 {
			continue
		}
		add(g.Prompt)
		prompts = append(prompts, g.Prompt)
		texts = append(texts, text{prompt: len(g.Prompt), most: g.Max})
		generated += g.Max
		behind += float64(g.Max) * (float64(len(g.Prompt)) + float64(g.Max)/2)
	}
	if len(inputs) == 0 {
		return
	}
	tokens, distinct := sum(inputs), engine.DistinctTokens(inputs)
	t.Distinct += distinct
	t.Texts += len(texts)
	t.Generated += generated
	vocab := 2 * float64(m.config.HiddenSize) * float64(m.config.VocabSize)
	all := positions / max(1, float64(tokens))
	read := bench.ReadFLOPs(m.config, float64(distinct), float64(wanted+len(texts)), all) + vocab*float64(wanted)
	t.Read += read
	if generated > 0 {
		t.Generate += bench.LayerFLOPs(m.config, float64(generated), behind/float64(generated)) + vocab*float64(generated)
	}
	// What is read, and what of it only one text looks at while it is continued, are divided among the texts by their lengths: where in the
	// tree of beginnings each is, matters little. What is scored reads with the others, but looks at nothing later.
	once, ready := ratio(distinct, tokens), 0.0
	alone := once
	if len(prompts) < len(inputs) {
		alone = ratio(engine.DistinctTokens(prompts), sum(prompts))
	}
	for i := range texts {
		texts[i].own = float64(texts[i].prompt) * alone
		ready += float64(texts[i].prompt) * once
		texts[i].ready = min(ready, float64(distinct))
	}
	t.parts = append(t.parts, part{
		distinct: float64(distinct), perToken: read / max(1, float64(distinct)), texts: texts,
		step:  bench.LayerFLOPs(m.config, 1, 0) + vocab,
		entry: bench.LayerFLOPs(m.config, 1, 1) - bench.LayerFLOPs(m.config, 1, 0),
	})
}

func ratio(part, whole int) float64 { return float64(part) / max(1, float64(whole)) }

func sum(inputs [][]int32) (n int) {
	for _, tokens := range inputs {
		n += len(tokens)
	}
	return n
}
