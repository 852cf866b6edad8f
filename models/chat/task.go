package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Options say how a task's prompt becomes turns.
type Options struct {
	// System is the content of a system turn in front, "" for none.
	System string
	// Multiturn makes a turn of every example and one of its answer; otherwise the whole prompt is one turn.
	Multiturn bool
}

// Suffix is what the name of a profile gets: "+chat", with "+multiturn" and the digest of a system instruction.
func (o Options) Suffix() string {
	name := tasks.ChatSuffix
	if o.Multiturn {
		name += "+multiturn"
	}
	if o.System != "" {
		sum := sha256.Sum256([]byte(o.System))
		name += "+system:" + hex.EncodeToString(sum[:4])
	}
	return name
}

// Profile returns a profile, whose name has the suffix already, and its chosen tasks, asked in a chat template.
func Profile(p tasks.Profile, chosen []tasks.Task, t *Template, o Options) (tasks.Profile, []tasks.Task, error) {
	wrap := func(list []tasks.Task) ([]tasks.Task, error) {
		out := make([]tasks.Task, len(list))
		for i, task := range list {
			if _, ok := tasks.AsJudged(task); ok {
				out[i] = unasked{task}
				continue
			}
			if _, ok := task.(tasks.Conversation); o.Multiturn && !ok {
				return nil, fmt.Errorf("%s: its examples are no turns of their own: leave out --fewshot-as-multiturn for it", task.Spec().Name)
			}
			out[i] = Task{task, t, o}
		}
		return out, nil
	}
	var err error
	if chosen, err = wrap(chosen); err != nil {
		return p, nil, err
	}
	p.Tasks = chosen
	p.SharedFraction = slices.Clone(p.SharedFraction)
	for i, protocol := range p.SharedFraction {
		p.SharedFraction[i] = protocol.Chat()
	}
	return p, chosen, nil
}

// unasked is a task that no turn can ask: its answer goes on where the prompt ends, in the middle of a program.
type unasked struct{ tasks.Task }

// Spec is the task's without metrics, under the protocol that says "+chat".
func (t unasked) Spec() tasks.Spec {
	s := t.Task.Spec()
	s.Protocol, s.Metrics = s.Protocol.Chat(), nil
	s.Hole = "its answer goes on with the prompt's program, which the answer to a turn does not"
	return s
}

// Task is a task asked in a chat template.
type Task struct {
	Inner    tasks.Task
	Template *Template
	Options  Options
}

// Spec is the task's, under the protocol that says "+chat".
func (t Task) Spec() tasks.Spec {
	s := t.Inner.Spec()
	s.Protocol = s.Protocol.Chat()
	return s
}

// Docs are the task's. An error names the first document that the template does not render.
func (t Task) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	docs, _, err := t.Some(src, shots, b, tasks.All)
	return docs, err
}

// Some returns chosen documents, each of which the template renders.
func (t Task) Some(src tasks.Source, shots int, b tasks.Budget, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	docs, total, err = tasks.Some(t.Inner, src, shots, b, choose)
	if err != nil {
		return nil, total, err
	}
	for _, d := range docs {
		for _, r := range t.Inner.Requests(d, b) {
			if _, err := t.Template.Render(t.turns(d, r.Prompt)); err != nil {
				return nil, total, fmt.Errorf("document %s: %w", d.ID, err)
			}
		}
	}
	return docs, total, nil
}

// turns are the messages that a prompt becomes.
func (t Task) turns(d tasks.Doc, prompt string) []Turn {
	var turns []Turn
	if t.Options.System != "" {
		turns = append(turns, Turn{"system", t.Options.System})
	}
	if t.Options.Multiturn {
		questions, answers := t.Inner.(tasks.Conversation).Turns(d)
		for i, answer := range answers {
			turns = append(turns, Turn{"user", questions[i]}, Turn{"assistant", answer})
		}
		return append(turns, Turn{"user", questions[len(answers)]})
	}
	return append(turns, Turn{"user", prompt})
}

// Requests are the task's with the rendered turns for a prompt. The white space that parts a continuation from its prompt
// is dropped: the template ends where an answer begins.
func (t Task) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	requests := t.Inner.Requests(d, b)
	for i := range requests {
		r := &requests[i]
		rendered, err := t.Template.Render(t.turns(d, r.Prompt))
		if err != nil {
			panic(err) // Docs rendered it, and rendering depends on nothing else
		}
		r.Prompt, r.Protocol = rendered, r.Protocol.Chat()
		r.Continuation = strings.TrimLeftFunc(r.Continuation, unicode.IsSpace)
	}
	return requests
}

// Outputs are the task's.
func (t Task) Outputs(d tasks.Doc, responses []tasks.Response) []string {
	return t.Inner.Outputs(d, responses)
}
