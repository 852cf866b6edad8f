package runs

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
)

// RequestsDiffer says whether digests alone tell that runs asked different things: then only whole runs say in what.
func RequestsDiffer(p compare.Pairing) bool {
	return slices.ContainsFunc(p.Tasks, func(t compare.TaskPair) bool {
		return t.Mismatch != nil && strings.HasPrefix(t.Mismatch.Field, compare.RequestsField)
	})
}

// CondensedFirst has runs loaded condensed, and whole where it is then found that requests differ.
func CondensedFirst(load func(condensed bool) (differ bool, err error)) error {
	differ, err := load(true)
	if err == nil && differ {
		_, err = load(false)
	}
	return err
}

// Originals reads samples of the runs whole: all of them or, of a trend, the first and the last.
func Originals(runs []compare.RunData, all []Side) func(k int, s results.Sample) (results.Sample, error) {
	shown := all
	if len(runs) < len(all) {
		shown = []Side{all[0], all[len(all)-1]}
	}
	return func(k int, s results.Sample) (results.Sample, error) {
		if o := shown[k].Originals; o != nil {
			return o.Whole(s)
		}
		return s, nil
	}
}

// Close closes files that were read alone.
func Close(all []Side) {
	for _, s := range all {
		if s.Originals != nil {
			_ = s.Originals.Close()
		}
	}
}
