// Package invent makes the smoke data: questions in the schema of each of the fourteen benchmarks, written by this
// project about towns, people and things that do not exist. A seed gives the same data set everywhere.
//
// The items come from templates, and what makes an item new is its combination of template, words and facts. A data set
// is made with the keys of another to be kept out of it, which is how the text that a model is trained on is kept apart
// from what it is evaluated on.
package invent

import (
	"encoding/json"
	"fmt"
)

// record is one row in the schema of its benchmark.
type record map[string]any

// item is one question.
type item struct {
	key    string // what makes it the same question as another
	row    record
	worked string // the solution of a sum
}

// Set is a data set of all benchmarks.
type Set struct {
	splits []split
	// Worked holds the solutions of the evaluated sums of MGSM, whose file has none, by question.
	Worked map[string]string
}

// split is one split of a benchmark.
type split struct {
	dataset, name string
	items         []item
}

// family is one kind of question with the splits that it fills.
type family struct {
	dataset, evaluated, training string // training is "" where examples come from the evaluated split
	make                         func(r *random) item
	twins                        func(r *random) [2]item // instead of make
	identify                     func(row record, split string, n int)
	examples                     int // rows of the training split where it has a fixed number, 0 for the set's
	most                         int // evaluated rows where each is dear, 0 for the set's
}

func families() []family {
	return append([]family{
		{dataset: "jcommonsenseqa", evaluated: "validation", training: "train", make: choiceJA, identify: number("q_id")},
		{dataset: "jemhopqa", evaluated: "dev", training: "train", make: multiJA, identify: name("qid")},
		{dataset: "niilc", evaluated: "test", training: "dev", make: factJA, identify: name("id")},
		{dataset: "jsquad", evaluated: "validation", training: "train", make: readJA, identify: paragraph},
		{dataset: "xlsum_ja", evaluated: "test", training: "train", make: newsJA},
		{dataset: "mgsm", evaluated: "test", training: "train", make: sumJA, examples: 8},
		{dataset: "wmt20", evaluated: "en-ja", make: intoJA},
		{dataset: "wmt20", evaluated: "ja-en", make: intoEN},
		{dataset: "openbookqa", evaluated: "test", training: "train", make: scienceEN, identify: name("id")},
		{dataset: "trivia_qa", evaluated: "validation", training: "train", make: factEN, identify: name("question_id")},
		{dataset: "hellaswag", evaluated: "validation", training: "train", make: sceneEN, identify: number("ind")},
		{dataset: "squad_v2", evaluated: "validation", training: "train", make: readEN, identify: name("id")},
		{dataset: "xwinograd", evaluated: "test", twins: twinsEN},
		{dataset: "gsm8k", evaluated: "test", training: "train", make: sumEN},
	}, laterFamilies()...)
}

func number(field string) func(record, string, int) {
	return func(row record, _ string, n int) { row[field] = n }
}

func name(field string) func(record, string, int) {
	return func(row record, split string, n int) { row[field] = fmt.Sprintf("smoke-%s-%d", split, n) }
}

// paragraph numbers a question as JSQuAD does, article, paragraph, question; every paragraph here has one question.
func paragraph(row record, split string, n int) { row["id"] = fmt.Sprintf("smoke%sa%dp0q0", split, n) }

// Options say what a data set is made of.
type Options struct {
	// Seed gives the items.
	Seed uint64
	// Evaluated and Training are the numbers of documents of a split; Evaluated is even.
	Evaluated, Training int
	// Without holds the keys of items that the data set must not have.
	Without map[string]bool
}

// Published makes the data set that the binary carries.
func Published() (*Set, error) { return New(Options{Seed: 2023, Evaluated: 40, Training: 48}) }

// New makes a data set.
func New(o Options) (*Set, error) {
	s := &Set{Worked: map[string]string{}}
	for i, f := range families() {
		r := newRandom(o.Seed, uint64(i))
		taken := map[string]bool{}
		n := o.Evaluated
		if f.most > 0 {
			n = min(n, f.most)
		}
		evaluated, err := f.draw(r, n, o.Without, taken)
		if err != nil {
			return nil, err
		}
		s.add(f, f.evaluated, evaluated)
		for _, it := range evaluated {
			if f.dataset == "mgsm" {
				s.Worked[it.row["question"].(string)] = it.worked
			}
		}
		if f.training == "" {
			continue
		}
		n = o.Training
		if f.examples > 0 {
			n = f.examples
		}
		training, err := f.draw(r, n, o.Without, taken)
		if err != nil {
			return nil, err
		}
		s.add(f, f.training, training)
	}
	s.splits = append(s.splits, thoughts())
	return s, nil
}

func (s *Set) add(f family, name string, items []item) {
	if f.identify != nil {
		for i, it := range items {
			f.identify(it.row, name, i)
		}
	}
	s.splits = append(s.splits, split{f.dataset, name, items})
}

// draw makes n items that are neither in without nor in taken, and enters them there.
func (f family) draw(r *random, n int, without, taken map[string]bool) ([]item, error) {
	var items []item
	for tries := 0; len(items) < n; tries++ {
		if tries > 1000*n {
			return nil, fmt.Errorf("%s: no %d different items could be made", f.dataset, n)
		}
		var some []item
		if f.twins != nil {
			two := f.twins(r)
			some = two[:]
		} else {
			some = []item{f.make(r)}
		}
		fresh := true
		for _, it := range some {
			fresh = fresh && !without[f.key(it)] && !taken[f.key(it)]
		}
		if !fresh {
			continue
		}
		for _, it := range some {
			taken[f.key(it)] = true
			items = append(items, it)
		}
	}
	return items, nil
}

func (f family) key(it item) string { return f.dataset + "/" + f.evaluated + "/" + it.key }

// Evaluated returns the keys of the evaluated items, for Options.Without.
func (s *Set) Evaluated() map[string]bool {
	return s.keys(func(f family, name string) bool { return name == f.evaluated })
}

// Keys returns the keys of all items.
func (s *Set) Keys() map[string]bool {
	return s.keys(func(family, string) bool { return true })
}

func (s *Set) keys(wanted func(f family, name string) bool) map[string]bool {
	keys := map[string]bool{}
	for _, f := range families() {
		for _, sp := range s.splits {
			if sp.dataset == f.dataset && (sp.name == f.evaluated || sp.name == f.training) && wanted(f, sp.name) {
				for _, it := range sp.items {
					keys[f.key(it)] = true
				}
			}
		}
	}
	return keys
}

// Rows returns a split's records, as the reader of its file would.
func (s *Set) Rows(dataset, name string) (file string, rows []json.RawMessage, err error) {
	for _, sp := range s.splits {
		if sp.dataset != dataset || sp.name != name {
			continue
		}
		for _, it := range sp.items {
			b, err := json.Marshal(it.row)
			if err != nil {
				return "", nil, err
			}
			rows = append(rows, b)
		}
		return dataset + "/" + name, rows, nil
	}
	return "", nil, fmt.Errorf("no split %q of a data set %q", name, dataset)
}
