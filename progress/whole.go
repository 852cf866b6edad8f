package progress

import (
	"context"
	"fmt"
	"time"

	"github.com/swallow-eval/swallow-eval/eval"
)

// Outlook tells what the tasks of a run weigh against each other.
type Outlook func(ctx context.Context) []eval.Share

// worthAnOutlook is how long a run takes before it is asked how long it will take: looking at all tasks takes a while, too.
const worthAnOutlook = 5 * time.Second

// whole estimates when the run of several tasks ends.
type whole struct {
	now     func() time.Time
	outlook Outlook // nil when it has been asked, or there is none
	got     chan []eval.Share
	stop    context.CancelFunc
	weights map[string]float64 // of tasks that are not done; nil before they are known
	begun   time.Time
	done    float64 // weight of the tasks that are done
	ended   []string

	task           string
	started        time.Time
	total, settled int // requests of the task
}

func (w *whole) begin(task string, requests int) {
	w.task, w.total, w.settled, w.started = task, requests, 0, w.now()
	if w.begun.IsZero() {
		w.begun = w.started
	}
}

func (w *whole) answered() {
	w.settled++
	w.total = max(w.total, w.settled)
	if w.outlook != nil && w.now().Sub(w.begun) >= worthAnOutlook {
		ctx, stop := context.WithCancel(context.Background())
		ask, got := w.outlook, make(chan []eval.Share, 1)
		w.outlook, w.stop, w.got = nil, stop, got
		go func() { got <- ask(ctx) }()
	}
}

// end notes that a task is done. A hole, which took no time to speak of, counts as well: its weight is unknown, or nothing.
func (w *whole) end(task string) {
	w.ended = append(w.ended, task)
	w.task = ""
}

// left is how long the task and the run still take; known is false where nothing is known of the run.
func (w *whole) left() (task, run time.Duration, known bool) {
	now := w.now()
	task = time.Duration(float64(now.Sub(w.started)) / float64(max(1, w.settled)) * float64(w.total-w.settled))
	w.receive()
	for _, ended := range w.ended {
		w.done += w.weights[ended]
		delete(w.weights, ended)
	}
	if w.weights != nil {
		w.ended = nil
	}
	done, rest := w.done, 0.0
	for name, weight := range w.weights {
		if name != w.task {
			rest += weight
			continue
		}
		done += weight * float64(w.settled) / float64(max(1, w.total))
	}
	if done == 0 || rest == 0 { // nothing to go by, or the last task
		return task, task, false
	}
	// What the run has taken so far for what it has done is what it takes for other tasks.
	return task, task + time.Duration(float64(now.Sub(w.begun))*rest/done), true
}

// receive takes the outlook when it has come.
func (w *whole) receive() {
	select {
	case shares := <-w.got:
		w.weights = map[string]float64{}
		for _, s := range shares {
			w.weights[s.Task] = s.Weight
		}
	default:
	}
}

// close ends an outlook that nobody waits for any more.
func (w *whole) close() {
	if w.stop != nil {
		w.stop()
	}
}

// brief is a time in the two largest units that it has.
func brief(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return d.String()
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}
