// Package progress tells how far a run and a download are: a bar where it is a terminal that can show one, quiet lines where it is a
// log.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/results"
)

// barWidth is what a bar with its figures needs: in a narrower terminal it would not overwrite itself.
const barWidth = 76

// Of reports on w: a bar with rate and ETA where w is a terminal that can show it, a quiet line now and then
// where it is not.
func Of(w io.Writer) Run {
	if f, ok := w.(*os.File); ok && os.Getenv("TERM") != "dumb" {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns >= barWidth {
			return &barProgress{w: w}
		}
	}
	return &lineProgress{w: w, every: 30 * time.Second, now: time.Now}
}

// Run is what eval.Run tells of itself. Close clears what is shown.
type Run interface {
	eval.Progress
	Close()
}

type barProgress struct {
	w   io.Writer
	bar *progressbar.ProgressBar
}

func (p *barProgress) Begin(task string, docs, requests int) {
	p.bar = progressbar.NewOptions(requests,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(fmt.Sprintf("%-15s", task)),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("requests"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

func (p *barProgress) Answered(int) {
	// The bar's only errors are those of the terminal it draws on; results do not depend on it.
	_ = p.bar.Add(1)
}

func (p *barProgress) End(s results.Score) {
	p.Close()
	fmt.Fprintln(p.w, endLine(s))
}

func (p *barProgress) Close() {
	if p.bar != nil {
		_ = p.bar.Exit()
		p.bar = nil
	}
}

// lineProgress is for logs: one line when a task begins to take long, one when it ends.
type lineProgress struct {
	w              io.Writer
	every          time.Duration
	now            func() time.Time
	task           string
	total, done    int
	tokens         int
	started, spoke time.Time
}

func (p *lineProgress) Begin(task string, docs, requests int) {
	p.task, p.total, p.done, p.tokens = task, requests, 0, 0
	p.started = p.now()
	p.spoke = p.started
}

func (p *lineProgress) Answered(tokens int) {
	p.done++
	p.total = max(p.total, p.done)
	p.tokens += tokens
	now := p.now()
	if now.Sub(p.spoke) < p.every {
		return
	}
	p.spoke = now
	elapsed := now.Sub(p.started)
	left := time.Duration(float64(elapsed) / float64(p.done) * float64(p.total-p.done))
	fmt.Fprintf(p.w, "%s: %d of %d requests, %.0f tokens/s, about %s left\n",
		p.task, p.done, p.total, float64(p.tokens)/elapsed.Seconds(), left.Round(time.Second))
}

func (p *lineProgress) End(s results.Score) { fmt.Fprintln(p.w, endLine(s)) }

func (p *lineProgress) Close() {}

func endLine(s results.Score) string {
	if s.Hole != "" {
		return fmt.Sprintf("%s: no number: %s", s.Task, terminal.OneLine(fmt.Errorf("%s", s.Hole)))
	}
	return fmt.Sprintf("%s: %s %.4f, %d documents", s.Task, s.Values[0].Metric, s.Values[0].Value/s.Values[0].Max, s.N)
}
