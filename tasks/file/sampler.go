package file

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/internal/jinja"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// sampler draws examples: one random stream over all documents in evaluation order, never reset.
type sampler struct {
	*builder
	n       int
	pool    []row
	file    string
	random  *fewshot.Random
	exclude bool
	made    map[int]tasks.Doc
}

func (b *builder) sampler(src tasks.Source, shots int, file string, evaluated []row) (*sampler, error) {
	s := &sampler{builder: b, n: shots, file: file, random: fewshot.New(int64(b.Seed)), made: map[int]tasks.Doc{}}
	// lm-eval compares the names as they are written: both absent are equal, too.
	s.exclude = b.Fewshot.Split == b.Test
	if shots == 0 || b.Type == Rolling {
		s.n = 0
		return s, nil
	}
	switch split := b.Task.pool(); {
	case b.Fewshot.Split == "" && b.Fewshot.Samples != nil:
		s.pool = b.Fewshot.Samples
	case split == b.evaluated():
		s.pool = evaluated
	default:
		var err error
		if s.file, s.pool, err = b.rows(src, split); err != nil {
			return nil, err
		}
	}
	return s, s.selectIndices()
}

// selectIndices leaves of the pool the records of fewshot_indices, in their order.
func (s *sampler) selectIndices() error {
	if s.Fewshot.Indices == nil {
		return nil
	}
	chosen := make([]row, len(s.Fewshot.Indices))
	for i, at := range s.Fewshot.Indices {
		if at >= len(s.pool) {
			return fmt.Errorf("%s: fewshot_config.fewshot_indices: %d is beyond the %d records, of which the first is 0", s.file, at, len(s.pool))
		}
		chosen[i] = s.pool[at]
	}
	s.pool = chosen
	return nil
}

// order is that of the documents. The harness of 2023 shuffles them with the generator that draws their examples afterwards
// (lm_eval/evaluator.py of EleutherAI/lm-evaluation-harness at 3ccea2b); lm-eval 0.4 leaves them as they are.
func (s *sampler) order(n int) []int {
	if s.Fewshot.Sampler == shuffled {
		return s.random.Permutation(n)
	}
	return tasks.Upto(n)
}

// draw returns the examples of the next document.
func (s *sampler) draw(r row) ([]tasks.Doc, error) {
	if s.n == 0 {
		return nil, nil
	}
	at, err := s.places(r)
	if err != nil {
		return nil, err
	}
	if len(at) < s.n {
		return nil, fmt.Errorf("%d examples are asked for and %d are left of the %d of %s", s.n, len(at), len(s.pool), s.file)
	}
	shots := make([]tasks.Doc, s.n)
	for i, place := range at[:s.n] {
		d, ok := s.made[place]
		if !ok {
			if d, err = s.shot(s.pool[place]); err != nil {
				return nil, fmt.Errorf("its example, record %d of %s: %w", s.place(place)+1, s.file, err)
			}
			d.ID = tasks.RowID(int64(s.place(place)))
			s.made[place] = d
		}
		shots[i] = d
	}
	return shots, nil
}

// place is where a record of the pool stands in its file.
func (s *sampler) place(at int) int {
	if s.Fewshot.Indices != nil {
		return s.Fewshot.Indices[at]
	}
	return at
}

func (s *sampler) places(r row) (at []int, err error) {
	if s.Fewshot.Sampler == firstN {
		for i := range s.pool {
			if !s.exclude || !sameRow(s.pool[i], r) {
				at = append(at, i)
			}
		}
		return at, nil
	}
	n := s.n + btoi(s.exclude)
	drawn, err := s.random.Sample(len(s.pool), n)
	if err != nil {
		return nil, fmt.Errorf("%d examples are drawn of the %d of %s: %w", n, len(s.pool), s.file, err)
	}
	for _, i := range drawn {
		if !s.exclude || !sameRow(s.pool[i], r) {
			at = append(at, i)
		}
	}
	return at, nil
}

// sameRow is Python's equality of two records: the order of columns is none of it.
func sameRow(a, b row) bool {
	if len(a.plain) != len(b.plain) {
		return false
	}
	for name, v := range a.vars {
		w, ok := b.vars[name]
		if !ok || !bytes.Equal(canonical(v), canonical(w)) {
			return false
		}
	}
	return true
}

func canonical(v any) []byte {
	plain, err := jinja.Plain(v)
	if err != nil {
		return []byte(err.Error())
	}
	return appendCanonical(nil, plain)
}

// appendCanonical is equal for equal values: whole floats are as integers, members in the order of names.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return strconv.AppendInt(b, int64(v), 10)
		}
	case bool:
		return strconv.AppendInt(b, int64(btoi(v)), 10)
	case []any:
		for _, e := range v {
			b = append(appendCanonical(append(b, '['), e), ']')
		}
		return append(b, '.')
	case python.Object:
		members := map[string]any{}
		for _, m := range v {
			members[m.Name] = m.Value
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			b = append(appendCanonical(strconv.AppendQuote(append(b, '{'), name), members[name]), '}')
		}
		return append(b, ';')
	}
	return python.Append(b, v, 0)
}
