package notes

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// inventedNote is the sentence about invented questions. Tasks of task files beside them asked the user's own, and are excepted by name:
// those whose data files are known, and all a task file's.
func inventedNote(l *noteList, r results.Run) {
	var own []string
	for _, s := range r.Scores {
		others := slices.ContainsFunc(s.Data, func(f results.DataFile) bool { return !strings.HasPrefix(f.Dataset, "own:") })
		if len(s.Data) > 0 && !others {
			own = append(own, s.Name())
		}
	}
	if own == nil {
		l.add("invented")
		return
	}
	l.add("invented_but", strings.Join(own, ", "))
}
