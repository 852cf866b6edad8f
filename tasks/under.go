package tasks

import (
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Terms are what a profile may ask of a task otherwise than the task's own Spec says. A zero field changes nothing.
type Terms struct {
	// Title is the column's head.
	Title string
	// Shots is the published number of examples.
	Shots *int
	// Metric names the one that the column shows.
	Metric string
	// Protocol is the wrapper that answers.
	Protocol Protocol
}

// Under returns t under a profile's terms. A Metric that t does not have is a mistake of the program, and panics.
func Under(t Task, terms Terms) Task {
	v := viewOf(t)
	if terms.Title != "" {
		v.spec.Title = terms.Title
	}
	if terms.Shots != nil {
		v.spec.Shots = *terms.Shots
	}
	if terms.Protocol != "" {
		v.spec.Protocol, v.protocol = terms.Protocol, terms.Protocol
	}
	if terms.Metric != "" {
		i := slices.IndexFunc(v.spec.Metrics, func(m metrics.Metric) bool { return m.Name == terms.Metric })
		if i < 0 {
			panic(fmt.Sprintf("%s has no metric %s", v.spec.Name, terms.Metric))
		}
		// The task's own order of the others stays.
		m, at := v.spec.Metrics[i], v.order[i]
		v.spec.Metrics = slices.Insert(slices.Delete(v.spec.Metrics, i, i+1), 0, m)
		v.order = slices.Insert(slices.Delete(v.order, i, i+1), 0, at)
	}
	return v
}

// Bind returns t with its metrics bound to e. Where one of them cannot be, the task has none and its Hole says why; its
// requests do not change.
func Bind(t Task, e metrics.Env) Task {
	if !slices.ContainsFunc(t.Spec().Metrics, func(m metrics.Metric) bool { return m.Each == nil }) {
		return t
	}
	v := viewOf(t)
	for i, m := range v.spec.Metrics {
		if v.spec.Metrics[i] = m.Bind(e); v.spec.Metrics[i].Each == nil {
			v.spec.Metrics, v.order, v.spec.Hole, v.spec.Lacks = nil, nil, v.spec.Unmet, m.Needs
			break
		}
	}
	return v
}

// view is a task with another Spec.
type view struct {
	Task
	spec Spec
	// order tells for each of spec.Metrics which of the task's own it is.
	order []int
	// protocol replaces that of the requests where it is not "".
	protocol Protocol
}

// viewOf returns a view in which nothing is changed yet.
func viewOf(t Task) view {
	if v, ok := t.(view); ok {
		v.spec.Metrics, v.order = slices.Clone(v.spec.Metrics), slices.Clone(v.order)
		return v
	}
	v := view{Task: t, spec: t.Spec()}
	v.spec.Metrics = slices.Clone(v.spec.Metrics)
	for i := range v.spec.Metrics {
		v.order = append(v.order, i)
	}
	return v
}

func (v view) Spec() Spec { return v.spec }

// Some returns chosen documents of the task.
func (v view) Some(src Source, shots int, b Budget, choose Choice) ([]Doc, int, error) {
	return Some(v.Task, src, shots, b, choose)
}

// Unwrap is the task that is viewed.
func (v view) Unwrap() Task { return v.Task }

func (v view) Requests(d Doc, b Budget) []Request {
	requests := v.Task.Requests(d, b)
	if v.protocol == "" {
		return requests
	}
	requests = slices.Clone(requests)
	for i := range requests {
		requests[i].Protocol = v.protocol
	}
	return requests
}

func (v view) Outputs(d Doc, responses []Response) []string {
	own := v.Task.Outputs(d, responses)
	if len(v.order) > 0 && len(own) != len(v.Task.Spec().Metrics) {
		panic(fmt.Sprintf("%d outputs for %d metrics", len(own), len(v.Task.Spec().Metrics)))
	}
	outputs := make([]string, len(v.order))
	for i, at := range v.order {
		outputs[i] = own[at]
	}
	return outputs
}

// OnInvented returns the task for data that were invented, under the same terms.
func (v view) OnInvented() Task {
	if other, ok := v.Task.(Inventive); ok {
		v.Task = other.OnInvented()
	}
	return v
}
