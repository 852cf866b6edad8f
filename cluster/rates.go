package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Telling is what a worker has done.
type Telling struct {
	Batches, Requests int
	Took              time.Duration
}

// tell counts an answer.
func (m *Model) tell(got answer) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	t := m.tellings[got.Worker]
	if t == nil {
		t = &Telling{}
		m.tellings[got.Worker] = t
	}
	t.Batches++
	t.Requests += len(got.Responses)
	t.Took += got.Took
}

// Told lists what each worker has done, one line each.
func (m *Model) Told() (lines []string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, name := range slices.Sorted(maps.Keys(m.tellings)) {
		t := m.tellings[name]
		rate := 0.0
		if t.Took > 0 {
			rate = float64(t.Requests) / t.Took.Seconds()
		}
		lines = append(lines, fmt.Sprintf("worker %s: %d requests in %d batches, %.1f requests/s", name, t.Requests, t.Batches, rate))
	}
	return lines
}

// counts are the requests that each worker has answered so far.
func (m *Model) counts() map[string]int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	list := map[string]int{}
	for name, t := range m.tellings {
		list[name] = t.Requests
	}
	return list
}

// namedWorkers is how many workers are named with their rates; of more, the extremes are.
const namedWorkers = 8

// rates says in one line what workers have answered between two counts, that many apart: each worker's requests a second, the
// fastest first, and who has answered nothing. Workers that have never answered anything count as silent.
func rates(before, after map[string]int, apart time.Duration) string {
	type worker struct {
		name string
		did  int
	}
	var list []worker
	var silent []string
	total := 0
	for name, n := range after {
		if did := n - before[name]; did > 0 {
			list = append(list, worker{name, did})
			total += did
		} else {
			silent = append(silent, name)
		}
	}
	slices.SortFunc(list, func(a, b worker) int { return cmp.Or(cmp.Compare(b.did, a.did), strings.Compare(a.name, b.name)) })
	slices.Sort(silent)
	each := func(list []worker) string {
		parts := make([]string, len(list))
		for i, w := range list {
			parts[i] = fmt.Sprintf("%s %.1f", w.name, float64(w.did)/apart.Seconds())
		}
		return strings.Join(parts, ", ")
	}
	plural := "s"
	if len(list) == 1 {
		plural = ""
	}
	line := fmt.Sprintf("in the last %v: %.1f requests/s of %d worker%s", apart, float64(total)/apart.Seconds(), len(list), plural)
	switch half := namedWorkers / 2; {
	case len(list) > namedWorkers:
		line += ": fastest " + each(list[:half]) + "; slowest " + each(list[len(list)-half:])
	case len(list) > 0:
		line += ": " + each(list)
	}
	if len(silent) > 0 {
		shown := silent[:min(len(silent), namedWorkers)]
		line += fmt.Sprintf("; nothing from %s", strings.Join(shown, ", "))
		if more := len(silent) - len(shown); more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
	}
	return line
}
