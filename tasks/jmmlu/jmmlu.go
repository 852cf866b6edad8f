// Package jmmlu is JMMLU as llm-jp-eval 1.3.0 asks it: half of the questions of 53 subjects in one shuffled list, five examples of
// mixed subjects that are the same for all, and one generated token, right when it is the letter.
package jmmlu

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const (
	instruction = "与えられた質問と選択肢から、最も適切な回答を選択してください。なお、回答には選択肢のアルファベット（例：A）のみを含め、他には何も含めないことを厳守してください。"
	// seed seeds the one generator of the data step.
	seed = 42
	// held is how many questions the data step takes from either half for the examples.
	held = 16
)

// task is a task of llm-jp-eval with a data step of its own.
type task struct{ llmjp.Task }

// New returns the task.
func New() tasks.Task {
	return task{llmjp.In13(llmjp.Task{
		About: tasks.Spec{
			Name: "jmmlu", Reference: "jmmlu", Title: "JMMLU", Language: "ja", Foreign: foreign, Parted: true,
			Shots: 5, Dataset: "jmmlu", Metrics: []metrics.Metric{metrics.ExactMatch13()},
		},
		MaxTokens: 1,
		Read:      func(*record.Record) (tasks.Doc, bool) { return tasks.Doc{}, false },
		Input: func(d tasks.Doc) string {
			lettered := make([]string, len(d.Choices))
			for i, c := range d.Choices {
				lettered[i] = fmt.Sprintf("%c.%s", 'A'+i, c)
			}
			return "質問：" + d.Input + "\n選択肢：" + strings.Join(lettered, ",")
		},
	}, instruction, "jmmlu")}
}

// Unstripped returns the task as v202407 scored it.
func Unstripped() tasks.Task {
	return task{llmjp.Unstripped(New().(task).Task).(llmjp.Task)}
}

// order is the reference's order of the subjects, on which every draw depends (FILENAMES of src/llm_jp_eval/datasets/jmmlu.py at 635f5a8).
func order() []string {
	return strings.Fields(`econometrics human_aging high_school_psychology professional_medicine electrical_engineering college_mathematics
		medical_genetics formal_logic nutrition prehistory world_religions japanese_history high_school_geography international_law
		logical_fallacies human_sexuality philosophy college_medicine professional_accounting high_school_mathematics global_facts
		business_ethics high_school_chemistry college_physics high_school_statistics moral_disputes high_school_biology miscellaneous
		high_school_macroeconomics high_school_computer_science abstract_algebra elementary_mathematics jurisprudence security_studies
		high_school_physics college_computer_science public_relations management computer_security college_chemistry anatomy
		high_school_european_history machine_learning virology high_school_microeconomics astronomy world_history college_biology
		clinical_knowledge conceptual_physics professional_psychology sociology marketing`)
}

// Docs follows the data step: each subject is shuffled and halved, both lists of halves are shuffled, and the second, without its
// first sixteen, is what is evaluated. The examples are the first of sixteen of either.
func (t task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	if shots < 0 || shots > 2*held {
		return nil, fmt.Errorf("%d shots: the reference has 0 to %d", shots, 2*held)
	}
	bySubject, err := read(src)
	if err != nil {
		return nil, err
	}
	r := fewshot.New(seed)
	shuffle := func(docs []tasks.Doc) {
		r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	}
	var dev, test []tasks.Doc
	for _, subject := range order() {
		docs := bySubject[subject]
		shuffle(docs)
		half := len(docs) / 2
		dev, test = append(dev, docs[:half]...), append(test, docs[half:]...)
	}
	shuffle(dev)
	shuffle(test)
	if len(dev) < held || len(test) <= held {
		return nil, fmt.Errorf("JMMLU has %d questions: too few for the examples and one to evaluate", len(dev)+len(test))
	}
	examples := slices.Concat(dev[:held], test[:held])[:shots]
	docs := test[held:]
	for i := range docs {
		docs[i].Shots = examples
	}
	return docs, nil
}

// read makes the documents, by subject. Their identifiers are subject and row of the subject's file; the reference has none.
func read(src tasks.Source) (map[string][]tasks.Doc, error) {
	file, rows, err := src.Rows("jmmlu", "test")
	if err != nil {
		return nil, err
	}
	known, docs := order(), map[string][]tasks.Doc{}
	for i, raw := range rows {
		rec := record.Read(file, i, raw)
		d := document(rec, known)
		if err := rec.Err(); err != nil {
			return nil, err
		}
		docs[d.Subject] = append(docs[d.Subject], d)
	}
	return docs, nil
}

// document makes one document of a subject that is known.
func document(rec *record.Record, known []string) tasks.Doc {
	d := tasks.Doc{Subject: rec.Filled("subject"), Input: rec.Text("question"), Choices: rec.Texts("choices")}
	d.ID = tasks.TextID(d.Subject + "-" + strconv.FormatInt(rec.Int("row"), 10))
	letter := rec.Text("answer")
	switch {
	case len(d.Choices) != 4:
		rec.Fail("field choices has %d elements, want 4", len(d.Choices))
	case !slices.Contains([]string{"A", "B", "C", "D"}, letter):
		rec.Fail("the answer %.20q is none of A to D", letter)
	case !slices.Contains(known, d.Subject):
		rec.Fail("there is no subject %.40q", d.Subject)
	}
	llmjp.Answer(&d, letter)
	return d
}

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEvalDoc: func(row json.RawMessage, _ string) (tasks.Doc, error) { // the data step draws from all rows
			rec := record.Read("doc", 0, row)
			d := document(rec, order())
			return d, rec.Err()
		},
		Swallow: []tasks.SwallowColumn{{Name: "jmmlu"}},
	}
}

// OnInvented returns the task itself: its data step is the same for all data.
func (t task) OnInvented() tasks.Task { return t }
