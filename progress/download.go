package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Downloads shows downloads on w: a bar where it is a terminal, lines where it is not.
func Downloads(w io.Writer) func(hub.Event) {
	if terminal.IsTerminal(w) {
		d := &downloadBar{w: w}
		return d.show
	}
	d := &downloadLines{w: w, now: time.Now}
	return d.show
}

// downloadLines tells of a download for a log: each file, and in between how far it is.
type downloadLines struct {
	w    io.Writer
	now  func() time.Time
	last time.Time
}

// lineEvery is how often a line says how far a download is.
const lineEvery = 15 * time.Second

func (d *downloadLines) show(e hub.Event) {
	switch e.Kind {
	case hub.Resolved:
		d.last = d.now()
	case hub.Fetched:
		fmt.Fprintf(d.w, "%s: %s\n", textsafe.Terminal(e.Path), terminal.MiB(max(e.FileSize, e.FileDone)))
	case hub.Retrying:
		fmt.Fprintf(d.w, "%s: %s; again in %s\n", textsafe.Terminal(e.Path), terminal.OneLine(e.Err), e.Wait.Round(time.Second))
	case hub.Progress:
		if d.now().Sub(d.last) < lineEvery {
			return
		}
		d.last = d.now()
		what := e.Repo.String()
		if e.Repo.ID == "" {
			what = e.Path
		}
		line := textsafe.Terminal(what) + ": " + terminal.MiB(e.Done)
		if e.Total > 0 {
			line += " of " + terminal.MiB(e.Total)
		}
		if e.Rate > 0 {
			line += ", " + terminal.MiB(int64(e.Rate)) + "/s"
		}
		if e.ETA > 0 {
			line += ", " + e.ETA.Round(time.Second).String() + " left"
		}
		fmt.Fprintln(d.w, line)
	}
}

// downloadBar is one bar for all files of a download.
type downloadBar struct {
	w   io.Writer
	bar *progressbar.ProgressBar
}

func (d *downloadBar) show(e hub.Event) {
	switch e.Kind {
	case hub.Resolved:
		d.bar = progressbar.NewOptions64(e.Total,
			progressbar.OptionSetWriter(d.w), progressbar.OptionShowBytes(true), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetDescription(textsafe.Terminal(e.Repo.String())))
	case hub.Progress:
		if d.bar != nil && e.Total > 0 && d.bar.GetMax64() < 0 {
			d.bar.ChangeMax64(e.Total) // only now has the server said it
		}
	case hub.Retrying:
		fmt.Fprintf(d.w, "\n%s: %s; again in %s\n", textsafe.Terminal(e.Path), terminal.OneLine(e.Err), e.Wait.Round(time.Second))
	case hub.Complete:
		if d.bar != nil {
			_ = d.bar.Finish()
		}
	}
	if d.bar != nil && (e.Kind == hub.Progress || e.Kind == hub.Fetched) {
		// The bar's only errors are those of the terminal it draws on.
		_ = d.bar.Set64(e.Done)
	}
}
