package tasks

// Judged is a task whose answers are programs: what they are worth is known when something has run them. This program
// runs none without being told to.
type Judged interface {
	// Programs returns what to run for each of a document's responses, in their order.
	Programs(d Doc, responses []Response) []string
}

// Passed is the verdict on a program that ran to its end. Every other verdict is a reason, such as TimedOut.
const (
	Passed   = "passed"
	TimedOut = "timed out"
)

// Unjudged is the number of responses that nothing has run.
func Unjudged(responses []Response) (n int) {
	for _, r := range responses {
		if r.Verdict == "" {
			n++
		}
	}
	return n
}

// AsJudged returns a task's way of making programs, also where the task is asked under other terms.
func AsJudged(t Task) (Judged, bool) {
	for {
		if j, ok := t.(Judged); ok {
			return j, true
		}
		inner, ok := t.(interface{ Unwrap() Task })
		if !ok {
			return nil, false
		}
		t = inner.Unwrap()
	}
}
