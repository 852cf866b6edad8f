package file

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jinja"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// shot makes an example of a row: Input is the question, Target the answer, Context what begins the answer. Targets is nil
// where there is no answer, so that nothing is put around it.
func (s *sampler) shot(r row) (d tasks.Doc, err error) {
	f := s.Fewshot
	q, err := f.Text.question(r, s.columns, s.Choice != nil)
	if err != nil {
		return d, wrap("doc_to_text", err)
	}
	target, err := f.Target.target(r, s.columns, s.Choice != nil)
	if err != nil {
		return d, wrap("doc_to_target", err)
	}
	var choices []string
	if f.Choice != nil {
		if choices, err = f.Choice.choices(r, s.columns); err != nil {
			return d, wrap("doc_to_choice", err)
		}
	}
	if f.GenPrefix != nil {
		if d.Context, err = f.GenPrefix.text(r, s.columns); err != nil {
			return d, wrap("gen_prefix", err)
		}
	}
	if s.inputs {
		index, ok := asIndex(q)
		if !ok || index < 0 || index >= int64(len(choices)) {
			return d, fmt.Errorf("doc_to_text: %s is no index of the %d choices", jinja.Text(q), len(choices))
		}
		q, choices = choices[index], nil
	}
	var ok bool
	if d.Input, ok = q.(string); !ok {
		return d, fmt.Errorf("doc_to_text: %s is no text", jinja.Text(q))
	}
	if target == nil || target == "" {
		return d, nil
	}
	if d.Target, err = answer(target, choices); err != nil {
		return d, wrap("doc_to_target", err)
	}
	d.Targets = []string{d.Target}
	return d, nil
}

// answer is a target as text: the choice of an index, the first of a list.
func answer(target any, choices []string) (string, error) {
	if index, ok := asIndex(target); ok && len(choices) > 0 {
		if index < 0 {
			index += int64(len(choices))
		}
		if index < 0 || index >= int64(len(choices)) {
			return "", fmt.Errorf("%d is no index of the %d choices", index, len(choices))
		}
		return choices[index], nil
	}
	first := target
	if list, ok := target.([]any); ok {
		if len(list) == 0 {
			return "", fmt.Errorf("the list of targets is empty")
		}
		first = list[0]
	}
	text, ok := first.(string)
	if !ok {
		return "", fmt.Errorf("the answer %s is no text", jinja.Text(target))
	}
	return text, nil
}

// examples are the texts before a document's own.
func (c *Config) examples(d tasks.Doc) string {
	var b strings.Builder
	b.WriteString(d.Context)
	for _, s := range d.Shots {
		b.WriteString(s.Input)
		has := s.Targets != nil
		if has && s.Context == "" || s.Context != "" && s.Input != "" && !spaceAtEnd(s.Input) && !spaceAtStart(s.Context) {
			b.WriteString(c.Fewshot.TargetDelimiter)
		}
		b.WriteString(c.shown(s))
		if has {
			b.WriteString(c.Fewshot.FewshotDelimiter)
		}
	}
	return b.String()
}

// shown is an example's answer after what begins it, a blank between them where neither has one.
func (c *Config) shown(s tasks.Doc) string {
	if s.Context != "" && s.Target != "" && !spaceAtEnd(s.Context) && !spaceAtStart(s.Target) {
		return s.Context + " " + s.Target
	}
	return s.Context + s.Target
}

// Turns are the questions and the answers of a document's examples.
func (t *Task) Turns(d tasks.Doc) (questions, answers []string) {
	for _, s := range d.Shots {
		questions, answers = append(questions, s.Input), append(answers, t.shown(s))
	}
	questions = append(questions, d.Input)
	questions[0] = d.Context + questions[0]
	return questions, answers
}

// Requests returns what to ask about one document.
func (t *Task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	ask := func(prompt, continuation string) tasks.Request {
		return tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.LMEval04, Prompt: prompt, Continuation: continuation}
	}
	prompt := t.examples(d) + d.Input
	switch t.Type {
	case Rolling:
		whole := ask("", d.Target)
		whole.Protocol = tasks.LMEval04Rolling
		return []tasks.Request{whole}
	case LogLikelihood:
		return []tasks.Request{ask(prompt, d.Target)}
	case Generate:
		return t.generations(d, prompt)
	}
	var requests []tasks.Request
	for _, in := range d.Inputs {
		requests = append(requests, ask(t.examples(d)+in, t.TargetDelimiter+d.Target))
	}
	if d.Inputs == nil {
		for _, c := range d.Choices {
			requests = append(requests, ask(prompt, t.TargetDelimiter+c))
		}
	}
	if t.asksMutualInformation() {
		for _, c := range d.Choices {
			requests = append(requests, ask("", t.TargetDelimiter+c))
		}
	}
	return requests
}

// generations ask for one answer where answers are greedy, since every repeat is the same, and for all repeats where they are
// drawn.
func (t *Task) generations(d tasks.Doc, prompt string) []tasks.Request {
	n := 1
	if t.Drawing.On {
		n = t.Repeats
	}
	requests := make([]tasks.Request, n)
	for k := range requests {
		requests[k] = tasks.Request{
			Kind: tasks.Generate, Protocol: tasks.LMEval04, Prompt: prompt, Stop: t.Until, MaxTokens: t.MaxTokens,
			Arguments: string(python.Append(nil, t.Generation, 0)), Repeats: t.Repeats,
		}
		if t.Drawing.On {
			requests[k].Sampling = tasks.Drawn(t.Name, d.ID, k, t.Drawing.Temperature, t.Drawing.TopP)
		}
	}
	return requests
}

func (t *Task) asksMutualInformation() bool {
	for _, m := range t.Config.Metrics {
		if m.Name == "acc_mutual_info" {
			return true
		}
	}
	return false
}

// Outputs reduces the answers to what each metric scores. Of a generation there may be one answer or all repeats.
func (t *Task) Outputs(d tasks.Doc, responses []tasks.Response) []string {
	outputs := make([]string, len(t.spec.Metrics))
	for i := range outputs {
		switch t.Type {
		case Generate:
			repeats := make([]string, max(t.Repeats, len(responses)))
			for k := range repeats {
				repeats[k] = responses[min(k, len(responses)-1)].Text // greedy: one answer is every repeat
			}
			text, err := t.pipe[i].apply(repeats, d.Choices)
			if err != nil {
				panic(err) // an expression that takes too long over this text, or too few repeats: the document's error
			}
			outputs[i] = text
		case LogLikelihood, Rolling:
			outputs[i] = strconv.FormatFloat(responses[0].LogProb, 'g', -1, 64)
			if t.asks[i] == "acc" {
				outputs[i] = verdict(responses[0].Greedy)
			}
		default:
			outputs[i] = t.chosen(t.asks[i], d, responses)
		}
	}
	return outputs
}

func verdict(ok bool) string {
	if ok {
		return right
	}
	return wrong
}

// chosen is the index of the choice that a metric takes for the model's.
func (t *Task) chosen(metric string, d tasks.Doc, responses []tasks.Response) string {
	n := len(d.Choices)
	values := make([]float64, n)
	for i := range values {
		values[i] = responses[i].LogProb
	}
	switch metric {
	case "acc_norm":
		values = divided(values, d.Choices, runes)
	case "acc_bytes":
		values = divided(values, d.Choices, size)
	case "acc_mutual_info":
		for i := range values {
			values[i] -= responses[n+i].LogProb
		}
	case "exact_match":
		for _, target := range d.Targets {
			if i, err := strconv.Atoi(target); err == nil && i >= 0 && i < n && responses[i].Greedy {
				return right
			}
		}
		return wrong
	}
	return strconv.Itoa(best(values))
}
