package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/results"
)

// storedDocument is a document with what each run has of it; what it is called and where it stands is in the index.
type storedDocument struct {
	Cluster string            `json:"cluster,omitempty"`
	Shots   []json.RawMessage `json:"shots,omitempty"`
	// Choices are texts, or true where they are the continuations without the space before them.
	Choices any `json:"choices,omitempty"`
	// Target stands where there are no Targets.
	Target string `json:"target,omitempty"`
	// Texts are the prompts and other long texts in pieces, each once. Question is where in the first of them the question
	// begins, in UTF-16, nil where there is none.
	Texts    []storedText `json:"texts"`
	Question *int         `json:"question,omitempty"`
	Targets  []string     `json:"targets"`
	// Runs are the runs' answers, null where a run lacks the document.
	Runs []*storedAnswer `json:"runs"`

	texts []string // what Texts will be
}

// storedAnswer is one run's part of a document.
type storedAnswer struct {
	Exchanges []storedExchange `json:"exchanges"`
	Marks     []results.Mark   `json:"marks"`
	Fault     string           `json:"fault,omitempty"`
}

// storedExchange is a results.Exchange whose prompt is a number in the document's table of texts.
type storedExchange struct {
	results.Exchange
	Prompt int        `json:"prompt"`
	Tokens *tokenView `json:"tokens,omitempty"`
}

// textTable numbers the texts of a document.
type textTable []string

func (t *textTable) number(s string) int {
	n := slices.Index(*t, s)
	if n < 0 {
		n = len(*t)
		*t = append(*t, s)
	}
	return n
}

// store makes a part's documents of whole samples.
func (p *part) store(runs []results.Run, task string, o Options) error {
	p.documents, p.lengths = make([]storedDocument, len(p.from)), make([]int, len(p.from))
	for i, d := range p.from {
		d, err := o.whole(d)
		if err != nil {
			return err
		}
		var table textTable
		s := d.any()
		x := storedDocument{
			Cluster: s.Cluster, Shots: s.Shots, Targets: s.Targets, Texts: []storedText{}, Runs: make([]*storedAnswer, len(d.samples)),
		}
		if prompt, at, ok := d.questionOf(); ok {
			table.number(prompt)
			n := units(prompt[:at])
			x.Question = &n
			p.lengths[i] = utf8.RuneCountInString(strings.TrimSpace(prompt[at:]))
		}
		for k, s := range d.samples {
			if s == nil {
				continue
			}
			if x.Runs[k], err = storeAnswer(*s, runs[k], &table, o); err != nil {
				return fmt.Errorf("%s: document %s: %w", task, s.DocID, err)
			}
		}
		if len(s.Targets) == 0 {
			x.Target = s.Target
		}
		if len(s.Choices) > 0 {
			x.Choices = s.Choices
			if asksChoices(*s) {
				x.Choices = true
			}
		}
		x.texts = table
		p.documents[i] = x
	}
	return nil
}

// asksChoices says whether the choices are what the requests continue with.
func asksChoices(s results.Sample) bool {
	return slices.EqualFunc(s.Choices, s.Exchanges, func(choice string, x results.Exchange) bool {
		return choice != "" && choice == strings.TrimPrefix(x.Continuation, " ")
	})
}

// storeAnswer is what a run has of a document, its prompts as numbers in the table. Log-probabilities have six places, of
// which the page shows four.
func storeAnswer(s results.Sample, run results.Run, table *textTable, o Options) (*storedAnswer, error) {
	a := &storedAnswer{Exchanges: make([]storedExchange, len(s.Exchanges)), Marks: s.Marks, Fault: s.Fault}
	for e, asked := range s.Exchanges {
		x := &a.Exchanges[e]
		*x = storedExchange{Exchange: asked, Prompt: table.number(asked.Prompt)}
		if asked.Log != nil {
			log := math.Round(*asked.Log*1e6) / 1e6
			x.Log = &log
		}
		x.Exchange.Prompt = "" // whole prompts are let go before the block is full
		if o.Tokens == nil {
			continue
		}
		v, err := o.Tokens.Of(run, s.Task, asked)
		if err != nil {
			return nil, err
		}
		if v != nil {
			x.Tokens = storeTokens(*v, asked, table)
		}
	}
	return a, nil
}

// whole is the document with whole samples in place of condensed ones.
func (o Options) whole(d document) (document, error) {
	if o.Whole == nil {
		return d, nil
	}
	out := document{samples: make([]*results.Sample, len(d.samples)), outcomes: d.outcomes}
	for k, s := range d.samples {
		if s == nil {
			continue
		}
		full, err := o.Whole(k, *s)
		if err != nil {
			return d, err
		}
		out.samples[k] = &full
	}
	return out, nil
}

// length is about how much of a block the document takes.
func (d storedDocument) length() int {
	n := 300 + len(d.Target)
	for _, s := range d.Targets {
		n += len(s) + 3
	}
	for _, t := range d.Texts {
		for _, p := range t {
			if short, ok := p.(string); ok {
				n += len(short)
			}
			n += 6
		}
	}
	for _, r := range d.Runs {
		if r == nil {
			continue
		}
		for _, x := range r.Exchanges {
			n += 200 + len(x.Continuation)
			if x.Text != nil {
				n += len(*x.Text)
			}
			if x.Tokens != nil {
				n += len(x.Tokens.Lengths)
			}
		}
		for _, m := range r.Marks {
			n += 40 + len(m.Output)
		}
	}
	return n
}
