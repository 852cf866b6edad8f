package suite

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// carriedFiles hold, for tasks whose official files nobody could pin, a few rows that may be passed on and what the
// reference's own code asked when it was run over them.
//
//go:embed carried/*.json
var carriedFiles embed.FS

// Carried is a check of a task that needs no data: rows within this program, and the requests and golds that the
// reference gave for them at some positions. It proves the prompt and its stop strings, not the user's data.
type Carried struct {
	// Profile is the one whose texts were asked, as Profile.TextsOf names it.
	Profile string `json:"profile"`
	Task    string `json:"task"`
	// Source says whose code gave the requests, Origin whose rows they are and under what licence.
	Source string `json:"source"`
	Origin string `json:"origin"`
	// Splits are the data set's splits, by name.
	Splits map[string]carriedSplit `json:"splits"`
	Asked  []CarriedDoc            `json:"asked"`
}

// carriedSplit is a split of which a few rows are there. The others are needed for their number alone, which the order
// and the draws depend on: each is Filler.
type carriedSplit struct {
	Size   int                     `json:"size"`
	Filler json.RawMessage         `json:"filler"`
	At     map[int]json.RawMessage `json:"at"`
}

// CarriedDoc is what the reference gave for the document at one position.
type CarriedDoc struct {
	Shots    int `json:"shots"`
	Position int `json:"position"`
	// Window is the number of positions of a model that counts code points, 0 for one to which everything fits.
	Window int `json:"window,omitempty"`
	// Digest is tasks.Digest over the document's requests, Target the text that an example of it would show.
	Digest string `json:"digest"`
	Target string `json:"target"`
	// Golds are what the output is compared with.
	Golds []string `json:"golds"`
}

// CarriedChecks returns all of them.
func CarriedChecks() ([]Carried, error) {
	names, err := fs.Glob(carriedFiles, "carried/*.json")
	if err != nil {
		return nil, err
	}
	var all []Carried
	for _, name := range names {
		content, err := carriedFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var c Carried
		if err := json.Unmarshal(content, &c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Check asks the task about the rows. differs says where it first asks something other than the reference, or holds
// another answer for right; it is "" where all is the same.
func (c Carried) Check(t tasks.Task) (differs string, err error) {
	type setting struct{ shots, window int }
	docs := map[setting][]tasks.Doc{}
	for _, a := range c.Asked {
		s := setting{a.Shots, a.Window}
		if docs[s] == nil {
			if docs[s], err = t.Docs(c, a.Shots, a.budget()); err != nil {
				return "", err
			}
		}
		if a.Position >= len(docs[s]) {
			return fmt.Sprintf("%d-shot: there are only %d documents", a.Shots, len(docs[s])), nil
		}
		d := docs[s][a.Position]
		got := carriedDoc(t, d, a)
		what := ""
		switch {
		case got.Digest != a.Digest:
			what = "requests"
		case got.Target != a.Target || !slices.Equal(got.Golds, a.Golds):
			what = "golds"
		default:
			continue
		}
		return fmt.Sprintf("%d-shot: %s differ, first at position %d, document %s", a.Shots, what, a.Position, d.ID), nil
	}
	return "", nil
}

// carriedDoc is what t makes of a document in the place of a.
func carriedDoc(t tasks.Task, d tasks.Doc, a CarriedDoc) CarriedDoc {
	digest := tasks.NewDigest()
	for _, r := range t.Requests(d, a.budget()) {
		digest.Add(r)
	}
	a.Digest, a.Target, a.Golds = digest.String(), d.Target, d.Targets
	return a
}

func (a CarriedDoc) budget() tasks.Budget {
	if a.Window == 0 {
		return tasks.Unlimited{}
	}
	return codePointBudget(a.Window)
}

// Rows implements tasks.Source.
func (c Carried) Rows(_, split string) (file string, rows []json.RawMessage, err error) {
	s, ok := c.Splits[split]
	if !ok {
		return "", nil, fmt.Errorf("the rows within the program have no split %q of %s", split, c.Task)
	}
	rows = make([]json.RawMessage, s.Size)
	for i := range rows {
		rows[i] = s.Filler
	}
	for i, row := range s.At {
		rows[i] = row
	}
	return "rows within the program", rows, nil
}

// codePointBudget is a tokenizer whose tokens are code points, with a window of that many: what the reference's code
// was run with.
type codePointBudget int

func (codePointBudget) Count(text string) int { return utf8.RuneCountInString(text) }

func (codePointBudget) Cut(text string, n int) string {
	return string([]rune(text)[:min(n, utf8.RuneCountInString(text))])
}

func (b codePointBudget) Window() int { return int(b) }

func (codePointBudget) EOS() string { return "</s>" }
