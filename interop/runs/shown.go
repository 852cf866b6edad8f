package runs

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/compare"
)

// Shown are runs in the order in which they are shown.
type Shown struct {
	All []Side
	// Documents are the runs whose documents are shown: all or, of a line, the first and the last.
	Documents []compare.RunData
}

// Show reads runs to be shown: condensed, with what that leaves out at hand, and whole if digests tell that others asked something else
// than the first. Of a line, such as a model's checkpoints, samples between the first and the last are let go. each sees the runs
// read so far whenever one more is read, before its samples go; again tells that reading began anew, as whole. The runs are the
// caller's to close, and none are left where there is an error.
func (l Loader) Show(paths []string, line bool, each func(all []Side, again bool) error) (s Shown, err error) {
	err = CondensedFirst(func(condensed bool) (differ bool, err error) {
		s.Close()
		l.Originals = condensed
		s, err = l.show(paths, line, func(all []Side) error { return each(all, !condensed) })
		return err == nil && condensed && s.differ(), err
	})
	if err != nil {
		s.Close()
		return Shown{}, err
	}
	return s, nil
}

// show reads runs as the loader says. What was read before an error is returned, too.
func (l *Loader) show(paths []string, line bool, each func(all []Side) error) (s Shown, err error) {
	for i, path := range paths {
		r, err := l.Load(path)
		if err != nil {
			return s, err
		}
		s.All = append(s.All, r)
		if err := each(s.All); err != nil {
			return s, err
		}
		if line && i > 0 && i < len(paths)-1 {
			s.All[i].Samples = nil
			continue
		}
		s.Documents = append(s.Documents, r.RunData)
	}
	return s, nil
}

// differ says whether digests alone tell that runs asked other things than the first.
func (s Shown) differ() bool {
	return slices.ContainsFunc(s.Documents[min(1, len(s.Documents)):], func(other compare.RunData) bool {
		pairing, _ := compare.Pair(s.Documents[0], other) // what else prevents a comparison is said where it is made
		return RequestsDiffer(pairing)
	})
}

// Close closes the files of the runs.
func (s Shown) Close() { Close(s.All) }
