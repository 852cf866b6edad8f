package harness

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// Task is one task of the two harnesses whose prompts do not depend on the model. It implements tasks.Task.
type Task struct {
	About tasks.Spec
	// Evaluated names the split of the documents, and Training that of the examples. Without Training the examples are
	// other documents of the evaluated split, none of which is Equal to the document. A nil Equal never holds: the data
	// set's records have identifiers.
	Evaluated, Training string
	Equal               func(a, b tasks.Doc) bool
	// Sampler is how the harness draws examples.
	Sampler Sampler
	// Read makes a document of a record, and ReadExample one of a record that serves as an example; nil is Read.
	Read, ReadExample func(r *record.Record) tasks.Doc
	// Unique names the field that tells the evaluated documents apart, "" where the data set has none.
	Unique string
	// Edit begins a walk over the evaluated documents in file order, each of which it may change; nil changes nothing.
	Edit func() func(d *tasks.Doc)
	// Query is a document's text in a prompt, and Solved an example's; nil is Query with the target.
	Query, Solved func(d tasks.Doc) string
	// Ask makes a document's requests.
	Ask Ask
	// Answer reduces the responses to what each metric scores; nil is the text, for all of them.
	Answer func(d tasks.Doc, responses []tasks.Response) []string
}

// Ask makes a document's requests.
type Ask func(t Task, d tasks.Doc) []tasks.Request

// Until asks for a text that ends before any of the strings.
func Until(stop ...string) Ask {
	return func(t Task, d tasks.Doc) []tasks.Request {
		return []tasks.Request{{
			Kind: tasks.Generate, Protocol: t.About.Protocol, Prompt: t.Prompt(d), Stop: slices.Clone(stop), MaxTokens: MaxTokens,
		}}
	}
}

// Choices asks for the likelihood of every choice after a blank.
func Choices(t Task, d tasks.Doc) []tasks.Request {
	prompt := t.Prompt(d)
	requests := make([]tasks.Request, len(d.Choices))
	for i, choice := range d.Choices {
		requests[i] = tasks.Request{Kind: tasks.LogLikelihood, Protocol: t.About.Protocol, Prompt: prompt, Continuation: " " + choice}
	}
	return requests
}

// Likeliest gives the likeliest choice, and the likeliest by its length in code points.
func Likeliest(d tasks.Doc, responses []tasks.Response) []string {
	return []string{Choose(responses), ChoosePerCodePoint(responses, d.Choices)}
}

// Spec returns the task's description.
func (t Task) Spec() tasks.Spec { return t.About }

// Docs returns the evaluated split in the harness's order, every document with the examples drawn for it.
func (t Task) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	docs, _, err := t.Some(src, shots, b, tasks.All)
	return docs, err
}

// Some returns chosen documents. Identifiers are compared among the records that were read.
func (t Task) Some(src tasks.Source, shots int, _ tasks.Budget, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	read, ids := t.Read, record.IDs{}
	if t.Unique != "" {
		read = func(r *record.Record) tasks.Doc {
			ids.Add(r, r.Filled(t.Unique))
			return t.Read(r)
		}
	}
	evaluated, err := Load(src, t.About.Dataset, t.Evaluated, read)
	if err != nil {
		return nil, 0, err
	}
	if t.Edit != nil {
		if err := evaluated.Edit(t.Edit()); err != nil {
			return nil, 0, err
		}
	}
	if t.Sampler != Shuffled {
		return t.perTask(src, evaluated, shots, choose)
	}
	if t.Training == "" {
		return evaluated.Some(shots, evaluated.Others(shots, t.Equal), choose)
	}
	train, err := Training(src, t.About.Dataset, t.Training, shots, t.readExample())
	if err != nil {
		return nil, 0, err
	}
	return evaluated.Some(shots, train, choose)
}

// perTask orders and draws as lm-eval 0.4.2 does. Without shots no other split is opened.
func (t Task) perTask(src tasks.Source, evaluated *Set, shots int, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	pool := evaluated
	if t.Training != "" && shots > 0 {
		if pool, err = Load(src, t.About.Dataset, t.Training, t.readExample()); err != nil {
			return nil, 0, err
		}
	}
	return evaluated.fileOrder(pool, shots, t.Sampler, t.Equal, choose)
}

func (t Task) readExample() func(r *record.Record) tasks.Doc {
	if t.ReadExample != nil {
		return t.ReadExample
	}
	return t.Read
}

// Prompt is the document's examples and its query.
func (t Task) Prompt(d tasks.Doc) string { return Prompt(d.Shots, t.Example, t.Query(d)) }

// Example is a document as an example.
func (t Task) Example(d tasks.Doc) string {
	if t.Solved != nil {
		return t.Solved(d)
	}
	return t.Query(d) + d.Target
}

// Requests returns what to ask about one document.
func (t Task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request { return t.Ask(t, d) }

// Outputs reduces the responses to what each metric scores.
func (t Task) Outputs(d tasks.Doc, responses []tasks.Response) []string {
	if t.Answer != nil {
		return t.Answer(d, responses)
	}
	outputs := make([]string, len(t.About.Metrics))
	for i := range outputs {
		outputs[i] = responses[0].Text
	}
	return outputs
}

// Turns are the examples' queries and solutions, and the document's query. An answer is what the example's text has more
// than its query, without the white space around it.
func (t Task) Turns(d tasks.Doc) (questions, answers []string) {
	for _, shot := range d.Shots {
		query, solved := t.Query(shot), t.Example(shot)
		answer, ok := strings.CutPrefix(solved, query)
		if !ok {
			answer = shot.Target
		}
		questions, answers = append(questions, query), append(answers, strings.TrimSpace(answer))
	}
	return append(questions, t.Query(d)), answers
}
