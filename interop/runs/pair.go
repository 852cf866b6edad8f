package runs

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// Pair puts documents side by side. Of common ones every score must first be that of its own samples: of some of the
// documents it will be another.
func Pair(a, b compare.RunData, common, across bool, find func(task, metric string) (metrics.Metric, bool)) (compare.Pairing, error) {
	if common {
		a, _ = a.Vouched(find)
		b, _ = b.Vouched(find)
	}
	switch {
	case across:
		return compare.PairAcross(a, b, common)
	case common:
		return compare.PairCommon(a, b)
	}
	return compare.Pair(a, b)
}

// ByMetrics puts the metrics of --metric, which errors name, in front: NAME in every task that has it on both sides, TASK=NAME in one.
func ByMetrics(a, b *compare.RunData, names []string) error {
	for _, given := range names {
		task, metric, one := strings.Cut(given, "=")
		if !one {
			task, metric = "", given
		}
		found := false
		for _, s := range a.Run.Scores {
			if task != "" && task != s.Task {
				continue
			}
			x, inA := a.By(s.Task, metric)
			y, inB := b.By(s.Task, metric)
			if inA && inB {
				*a, *b, found = x, y, true
			}
		}
		if !found {
			return fmt.Errorf("--metric %s: no task of both runs has it", given)
		}
	}
	return nil
}

// JoinTasks puts together what a comma of a task's own name has split: "gsm8k,strict-match" is one task where a run has it.
func JoinTasks(pieces []string, all []Side) []string {
	if len(pieces) == 0 {
		return pieces
	}
	known := map[string]bool{}
	for _, s := range all {
		for _, score := range s.Run.Scores {
			known[score.Task] = true
		}
	}
	var out []string
	for len(pieces) > 0 {
		n := len(pieces)
		for n > 1 && !known[strings.Join(pieces[:n], ",")] {
			n--
		}
		out, pieces = append(out, strings.Join(pieces[:n], ",")), pieces[n:]
	}
	return out
}
