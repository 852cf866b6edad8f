package owntasks

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// Check prints what a task asks and what its own references score; low names the metrics that are not perfect.
func Check(w io.Writer, t *file.Task, src tasks.Source, shown int) (low []string, err error) {
	docs, err := t.Docs(src, t.Spec().Shots, tasks.Unlimited{})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %d documents, %d-shot, %s\n", t.Spec().Name, len(docs), t.Spec().Shots, t.Type)
	for i, d := range docs[:min(shown, len(docs))] {
		fmt.Fprintf(&b, "\n--- document %s (position %d) ---\n", textsafe.Terminal(d.ID.String()), i)
		for k, r := range t.Requests(d, tasks.Unlimited{}) {
			if k == 0 || r.Prompt != t.Requests(d, tasks.Unlimited{})[0].Prompt {
				fmt.Fprintf(&b, "%s⏎\n", textsafe.TerminalLines(r.Prompt))
			}
			if r.Kind == tasks.LogLikelihood {
				fmt.Fprintf(&b, "[scored:]%s⏎\n", textsafe.TerminalLines(r.Continuation))
			}
		}
		fmt.Fprintf(&b, "[right:] %s\n", textsafe.Quoted(d.Targets))
	}
	fmt.Fprintf(&b, "\nits own references as answers:\n")
	for i, m := range t.Spec().Metrics {
		score, wrong := t.OwnScore(i, docs)
		if math.IsNaN(score) || math.IsInf(score, 0) {
			fmt.Fprintf(&b, "  %s has no number for these references\n", m.Name)
			low = append(low, m.Name)
			continue
		}
		fmt.Fprintf(&b, "  %s %.4g\n", m.Name, score)
		if wrong >= 0 {
			low = append(low, m.Name)
			fmt.Fprintf(&b, "    first at document %s: the output %q against %s\n", textsafe.Terminal(docs[wrong].ID.String()), t.OwnOutput(i, docs[wrong]), textsafe.Quoted(docs[wrong].Targets))
		}
	}
	_, err = w.Write(b.Bytes())
	return low, err
}

// TellGroups prints what task files average.
func TellGroups(w io.Writer, own []File) error {
	for _, o := range own {
		for _, g := range o.Groups {
			for _, m := range g.Metrics {
				how := "by task"
				if m.BySize {
					how = "by document"
				}
				if _, err := fmt.Fprintf(w, "average %s: %s %s over %s\n", textsafe.Terminal(g.Name), m.Name, how, textsafe.Terminal(strings.Join(g.Tasks, ", "))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
