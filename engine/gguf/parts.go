package gguf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Keys of a model in parts (llama.cpp, gguf-split): the number of the part, from 0, how many there are, and the tensors of
// all together. The first part has all other metadata.
const (
	splitNo      = "split.no"
	splitCount   = "split.count"
	splitTensors = "split.tensors.count"
)

// maxParts bounds how many files are opened on a file's word.
const maxParts = 1000

// Parts returns the names of all parts of the model whose first part has that name, or nil for one that is whole.
func Parts(first string) []string {
	stem, n, ok := partsOf(first)
	if !ok || n > maxParts {
		return nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%05d-of-%05d.gguf", stem, i+1, n)
	}
	return names
}

// partName is the name of a part, which ends in -0000I-of-0000N.gguf.
var partName = regexp.MustCompile(`^(.+)-\d{5}(-of-\d{5}\.gguf)$`)

// FirstPart returns the name of the first part of a model where name is that of any part; ok tells that it is.
func FirstPart(name string) (first string, ok bool) {
	m := partName.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	return m[1] + "-00001" + m[2], true
}

// partsOf takes the name of a first part to pieces.
func partsOf(first string) (stem string, n int, ok bool) {
	const first5, of, tail = "-00001", "-of-", "-00001-of-00000.gguf"
	if len(first) <= len(tail) || !strings.HasSuffix(first, ".gguf") {
		return "", 0, false
	}
	stem, end := first[:len(first)-len(tail)], first[len(first)-len(tail):]
	if !strings.HasPrefix(end, first5+of) {
		return "", 0, false
	}
	for _, c := range []byte(end[len(first5+of) : len(tail)-len(".gguf")]) {
		if c < '0' || c > '9' {
			return "", 0, false
		}
		n = 10*n + int(c-'0')
	}
	return stem, n, n > 0
}

// splitOf reads the keys; a file without them is part 0 of 1.
func (p *parsed) splitOf() (no, count int, err error) {
	m := Metadata{parsed: p}
	count = m.Size(splitCount, 1)
	if v, ok := p.values[splitNo]; ok {
		n, err := v.uint()
		if err == nil && n >= uint64(count) {
			err = fmt.Errorf("%d, of %d parts", n, count)
		}
		m.Fail(splitNo, err)
		no = int(min(n, maxParts))
	}
	if count > maxParts {
		m.Fail(splitCount, fmt.Errorf("%d parts, at most %d are read", count, maxParts))
	}
	return no, count, m.err
}

// openParts opens the other parts of a model, if it has any, and joins their tensors.
func (f *File) openParts(dir string) error {
	no, count, err := f.splitOf()
	name := f.file.Name
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case count == 1:
		return nil
	case no != 0:
		return fmt.Errorf("%s: part %d of %d; name the first one, which ends in -00001-of-%05d.gguf", name, no+1, count, count)
	}
	names := Parts(name)
	if len(names) != count {
		return fmt.Errorf("%s: the first of %d parts, which must be called …-00001-of-%05d.gguf for the others to be found", name, count, count)
	}
	for i, other := range names[1:] {
		opened, p, err := open(dir, other)
		if err != nil {
			return fmt.Errorf("part %d of %d: %w", i+2, count, err)
		}
		f.parts = append(f.parts, opened)
		if err := f.join(p, i+1, count); err != nil {
			return fmt.Errorf("%s: %w", other, err)
		}
	}
	m := Metadata{parsed: f.parsed}
	if n := m.Size(splitTensors, len(f.tensors)); m.err != nil || n != len(f.tensors) {
		if m.err == nil {
			m.err = fmt.Errorf("%s is %d, the parts have %d tensors", splitTensors, n, len(f.tensors))
		}
		return fmt.Errorf("%s: %w", name, m.err)
	}
	return nil
}

// join adds the tensors of part no.
func (f *File) join(p *parsed, no, count int) error {
	n, of, err := p.splitOf()
	switch {
	case err != nil:
		return err
	case n != no || of != count:
		return fmt.Errorf("it says that it is part %d of %d, and its name that it is %d of %d", n+1, of, no+1, count)
	}
	if _, ok := p.values["general.architecture"]; ok && p.text("general.architecture") != f.text("general.architecture") {
		return errors.New("part of a model of another architecture")
	}
	for name, t := range p.tensors {
		if _, ok := f.tensors[name]; ok {
			return fmt.Errorf("tensor %q is in an earlier part, too", name)
		}
		f.tensors[name] = t
	}
	return nil
}

// text returns a text value, "" where there is none.
func (p *parsed) text(key string) string {
	s, _ := p.values[key].text()
	return s
}
