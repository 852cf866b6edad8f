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

// Of reports on w: a bar with ETA where w is a terminal that can show it, a quiet line now and then
// where it is not. What is left of the whole run stands beside it once it is worth asking outlook, which may be nil.
func Of(w io.Writer, outlook Outlook) Run {
	all := whole{now: time.Now, outlook: outlook}
	if f, ok := w.(*os.File); ok && os.Getenv("TERM") != "dumb" {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns >= barWidth {
			return &barProgress{w: w, whole: all}
		}
	}
	return &lineProgress{w: w, every: 30 * time.Second, whole: all}
}

// Run is what eval.Run tells of itself. Close clears what is shown.
type Run interface {
	eval.Progress
	Close()
}

type barProgress struct {
	whole
	w       io.Writer
	bar     *progressbar.ProgressBar
	waiting int // answers that the bar does not show yet
	drawn   time.Time
}

// redrawn is how often a bar is.
const redrawn = 100 * time.Millisecond

func (p *barProgress) Begin(task string, docs, requests int) {
	p.begin(task, requests)
	p.waiting, p.drawn = 0, p.started
	p.bar = progressbar.NewOptions(requests,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(p.describe()),
		progressbar.OptionSetWidth(10),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionClearOnFinish(),
	)
}

// describe is the task and what is left of it, and of all tasks where that is known.
func (p *barProgress) describe() string {
	task, run, known := p.left()
	text := ""
	if p.settled > 0 {
		text = brief(task) + " left"
	}
	if known {
		text += ", all " + brief(run)
	}
	return fmt.Sprintf("%-15s %-23s", p.task, text)
}

func (p *barProgress) Answered(int) {
	p.answered()
	p.waiting++
	now := p.now()
	if now.Sub(p.drawn) < redrawn {
		return
	}
	p.bar.Describe(p.describe())
	// The bar's only errors are those of the terminal it draws on; results do not depend on it.
	_ = p.bar.Add(p.waiting)
	p.waiting, p.drawn = 0, now
}

func (p *barProgress) End(s results.Score) {
	p.end(s.Task)
	p.clear()
	fmt.Fprintln(p.w, endLine(s))
}

func (p *barProgress) Close() {
	p.close()
	p.clear()
}

func (p *barProgress) clear() {
	if p.bar != nil {
		_ = p.bar.Exit()
		p.bar = nil
	}
}

// lineProgress is for logs: one line when a task begins to take long, one when it ends.
type lineProgress struct {
	whole
	w      io.Writer
	every  time.Duration
	tokens int
	spoke  time.Time
}

func (p *lineProgress) Begin(task string, docs, requests int) {
	p.begin(task, requests)
	p.tokens, p.spoke = 0, p.started
}

func (p *lineProgress) Answered(tokens int) {
	p.answered()
	p.tokens += tokens
	now := p.now()
	if now.Sub(p.spoke) < p.every {
		return
	}
	p.spoke = now
	left, run, known := p.left()
	line := fmt.Sprintf("%s: %d of %d requests, %.0f tokens/s, about %s left",
		p.task, p.settled, p.total, float64(p.tokens)/now.Sub(p.started).Seconds(), left.Round(time.Second))
	if known {
		line += fmt.Sprintf(", %s of all tasks", brief(run))
	}
	fmt.Fprintln(p.w, line)
}

func (p *lineProgress) End(s results.Score) {
	p.end(s.Task)
	fmt.Fprintln(p.w, endLine(s))
}

func (p *lineProgress) Close() { p.close() }

func endLine(s results.Score) string {
	if s.Hole != "" {
		return fmt.Sprintf("%s: no number: %s", s.Task, terminal.OneLine(fmt.Errorf("%s", s.Hole)))
	}
	return fmt.Sprintf("%s: %s %.4f, %d documents", s.Task, s.Values[0].Metric, s.Values[0].Value/s.Values[0].Max, s.N)
}
