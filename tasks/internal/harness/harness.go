// Package harness is what the tasks of the two LM evaluation harnesses share: the order of the documents, the draw of
// their examples and the shape of a prompt.
//
// One generator per task, seeded with 42, shuffles the evaluated documents and then draws the examples of one document
// after another, so a document's examples depend on the sizes of the splits, the number of shots and its position, and
// on nothing else. Sources: lm_eval/evaluator.py and lm_eval/base.py of EleutherAI/lm-evaluation-harness at 3ccea2b
// (swallow-llm/swallow-evaluation at 570bf6a, lm-evaluation-harness-en/) and of Stability AI's JP fork at 9b42d41.
package harness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// MaxTokens is max_gen_toks of both wrappers: what a generation may produce whatever the task asks for.
const MaxTokens = 256

// Separator stands between the examples and before the document in all of these tasks.
const Separator = "\n\n"

// SourceEN is where a task's module lies in the English harness.
func SourceEN(module string) string {
	return "EleutherAI/lm-evaluation-harness lm_eval/tasks/" + module + ".py @ 3ccea2b, as in swallow-llm/swallow-evaluation lm-evaluation-harness-en/ @ 570bf6a"
}

// SourceJP is where a task's module lies in the Japanese fork.
func SourceJP(module string) string {
	return "Stability-AI/lm-evaluation-harness lm_eval/tasks/" + module + ".py @ 9b42d41, as in swallow-llm/swallow-evaluation @ 570bf6a"
}

// Set is one split, whose records become documents when they are first needed: training splits are large and few of
// their records are drawn.
type Set struct {
	file string
	rows []json.RawMessage
	read func(r *record.Record) tasks.Doc
	docs map[int]tasks.Doc
}

// Load opens a split; read makes a document of a record and says what is wrong with it.
func Load(src tasks.Source, dataset, split string, read func(r *record.Record) tasks.Doc) (*Set, error) {
	file, rows, err := src.Rows(dataset, split)
	if err != nil {
		return nil, err
	}
	return &Set{file, rows, read, make(map[int]tasks.Doc)}, nil
}

// Doc returns the document of a row. Its ID is the row number.
func (s *Set) Doc(row int) (tasks.Doc, error) {
	if d, ok := s.docs[row]; ok {
		return d, nil
	}
	r := record.Read(s.file, row, s.rows[row])
	d := s.read(r)
	if err := r.Err(); err != nil {
		return tasks.Doc{}, err
	}
	d.ID = tasks.RowID(int64(row))
	s.docs[row] = d
	return d, nil
}

// Edit reads all documents in file order and lets edit change each.
func (s *Set) Edit(edit func(d *tasks.Doc)) error {
	for row := range s.rows {
		d, err := s.Doc(row)
		if err != nil {
			return err
		}
		edit(&d)
		s.docs[row] = d
	}
	return nil
}

// pick returns the documents of several rows, in their order.
func (s *Set) pick(rows []int) ([]tasks.Doc, error) {
	docs := make([]tasks.Doc, len(rows))
	for i, row := range rows {
		d, err := s.Doc(row)
		if err != nil {
			return nil, err
		}
		docs[i] = d
	}
	return docs, nil
}

// Draw gives one document its examples, with the task's generator. Where d is nil the generator moves on as it does for any
// document, and nothing is built.
type Draw func(r *fewshot.Random, d *tasks.Doc) error

// Training draws from a split of its own. Nothing is left out. Without shots the split is not opened.
func Training(src tasks.Source, dataset, split string, shots int, read func(r *record.Record) tasks.Doc) (Draw, error) {
	if shots == 0 {
		return func(*fewshot.Random, *tasks.Doc) error { return nil }, nil
	}
	train, err := Load(src, dataset, split, read)
	if err != nil {
		return nil, err
	}
	return train.Sample(shots), nil
}

// Sample draws shots documents of the set.
func (s *Set) Sample(shots int) Draw {
	return func(r *fewshot.Random, d *tasks.Doc) error {
		if d != nil {
			d.Shots = nil
		}
		if shots == 0 {
			return nil
		}
		rows, err := r.Sample(len(s.rows), shots)
		if err != nil {
			return s.tooFew(shots)
		}
		if d != nil {
			d.Shots, err = s.pick(rows)
		}
		return err
	}
}

// Others draws from the evaluated split itself: one more than asked for, of which those that equal the document in
// every field are dropped.
func (s *Set) Others(shots int, equal func(a, b tasks.Doc) bool) Draw {
	return func(r *fewshot.Random, d *tasks.Doc) error {
		var failed error
		rows, err := r.SampleOthers(len(s.rows), shots, func(row int) bool {
			if d == nil {
				return true
			}
			other, err := s.Doc(row)
			if err != nil {
				failed = err
				return true
			}
			return equal(*d, other)
		})
		switch {
		case err != nil:
			return s.tooFew(shots)
		case failed != nil:
			return failed
		}
		if len(rows) > 0 {
			d.Shots, err = s.pick(rows)
		}
		return err
	}
}

func (s *Set) tooFew(shots int) error {
	return fmt.Errorf("%d shots: %s has %d records to draw from", shots, s.file, len(s.rows))
}

// Order returns the documents of the evaluated split in the harness's order, each with its examples.
func (s *Set) Order(shots int, draw Draw) ([]tasks.Doc, error) {
	docs, _, err := s.Some(shots, draw, tasks.All)
	return docs, err
}

// Some returns the documents of Order at the positions that choose picks, and the number of all. Where it picks all, the first
// bad record of the file is the one that is reported.
func (s *Set) Some(shots int, draw Draw, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	r := fewshot.New(fewshot.HarnessSeed)
	return s.arrange(shots, r, func() []int { return r.Permutation(len(s.rows)) }, draw, choose)
}

// arrange returns chosen documents of an order, each with the examples that r draws for it: r draws for those before it too.
func (s *Set) arrange(shots int, r *fewshot.Random, order func() []int, draw Draw, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	if shots < 0 {
		return nil, 0, fmt.Errorf("%d shots: the number of examples cannot be negative", shots)
	}
	total = len(s.rows)
	positions, err := choose(total)
	if err != nil {
		return nil, total, err
	}
	rows := order()
	chosen := make([]int, len(positions))
	for i, p := range positions {
		chosen[i] = rows[p]
	}
	// Reading in file order first makes the first bad record of the file the one that is reported.
	for _, row := range slices.Sorted(slices.Values(chosen)) {
		if _, err := s.Doc(row); err != nil {
			return nil, total, err
		}
	}
	if docs, err = s.pick(chosen); err != nil {
		return nil, total, err
	}
	next := 0
	for i, p := range positions {
		for ; next < p; next++ {
			if err := draw(r, nil); err != nil {
				return nil, total, err
			}
		}
		if err := draw(r, &docs[i]); err != nil {
			return nil, total, err
		}
		next++
	}
	return docs, total, nil
}

// Prompt joins the examples, each as show writes it, and the query.
func Prompt(shots []tasks.Doc, show func(tasks.Doc) string, query string) string {
	var b strings.Builder
	for _, shot := range shots {
		b.WriteString(show(shot))
		b.WriteString(Separator)
	}
	b.WriteString(query)
	return b.String()
}

// Choose returns the index of the choice with the highest log-likelihood, the first of equals, as the output.
func Choose(responses []tasks.Response) string {
	return strconv.Itoa(metrics.ArgMax(logProbs(responses)))
}

// ChoosePerCodePoint is Choose after division by the choices' lengths.
func ChoosePerCodePoint(responses []tasks.Response, choices []string) string {
	return strconv.Itoa(metrics.ArgMax(metrics.PerCodePoint(logProbs(responses), choices)))
}

func logProbs(responses []tasks.Response) []float64 {
	values := make([]float64, len(responses))
	for i, r := range responses {
		values[i] = r.LogProb
	}
	return values
}
