package verify

import (
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// Carried asks a task about the rows that the program carries for it, if it does.
func Carried(p tasks.Profile, t tasks.Task) ([]Verdict, error) {
	all, err := suite.CarriedChecks()
	if err != nil {
		return nil, err
	}
	var list []Verdict
	for _, c := range all {
		if c.Profile != p.TextsOf() || c.Task != t.Spec().Name {
			continue
		}
		v := Verdict{Subject: c.Task, Check: fmt.Sprintf("%d documents of rows within the program, asked by the code of %s", len(c.Asked), c.Source)}
		differs, err := c.Check(t)
		v.judge(differs == "", err)
		if err == nil {
			v.Detail = differs
		}
		list = append(list, v)
	}
	return list, nil
}

// Task compares a task's requests with every digest that is recorded of them.
func Task(profile tasks.Profile, t tasks.Task, src tasks.Source) []Verdict {
	name := t.Spec().Name
	var list []Verdict
	for _, p := range suite.ProofsOf(profile, name) {
		v := Verdict{Subject: name, Check: fmt.Sprintf("%d-shot %s, %s", p.Shots, p.Kind, p.Source)}
		got, err := p.Check(t, src)
		if err == nil && got != p.SHA256 && p.Rebuilt != "" {
			v.Result, v.Unproven = NotCheckable, true
			v.Detail = "the requests are not those on record, but " + p.Rebuilt
		} else {
			v.judge(got == p.SHA256, err)
		}
		list = append(list, v)
	}
	published := Verdict{Subject: name, Check: fmt.Sprintf("%d-shot, published setting", t.Spec().Shots)}
	f, known := suite.FingerprintOf(profile, name)
	if !known {
		published.Result, published.Unproven = NotCheckable, true
		published.Detail = "no digest recorded, not all original files were at hand"
		return append(list, published)
	}
	got, err := f.Check(t, src)
	published.judge(got == f, err)
	if published.Result == Different {
		published.Detail = whatDiffers(f, got, t, src)
	}
	return append(list, published)
}

// Invented builds a task's documents from data that are no benchmark's: there is nothing to compare them with.
func Invented(t tasks.Task, src tasks.Source) Verdict {
	v := Verdict{Subject: t.Spec().Name, Check: fmt.Sprintf("%d-shot, published setting", t.Spec().Shots), Result: NotCheckable, Unproven: true}
	docs, err := t.Docs(src, t.Spec().Shots, tasks.Unlimited{})
	if err != nil {
		v.Detail, v.Failed = err.Error(), true
		return v
	}
	v.Detail = fmt.Sprintf("%d documents of invented data, which no reference knows", len(docs))
	return v
}

// whatDiffers tells questions from answers: with the requests unchanged, it is the golds.
func whatDiffers(want, got suite.Fingerprint, t tasks.Task, src tasks.Source) string {
	at := firstDifference(want, t, src)
	if got.Digest == want.Digest && got.Docs == want.Docs {
		return "the requests are the same, gold answers differ, " + at
	}
	return at
}

func firstDifference(f suite.Fingerprint, t tasks.Task, src tasks.Source) string {
	position, id, differs, err := f.FirstDifference(t, src)
	switch {
	case err != nil:
		return err.Error()
	case !differs:
		return "the documents' own digests agree; only their number or order differs"
	case id == "":
		return "the documents end before position " + strconv.Itoa(position)
	}
	return fmt.Sprintf("first at position %d, document %s", position, id)
}
