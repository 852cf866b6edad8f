package store

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// PrintEntries shows people what List found, a row a model. Weights are named by whoever wrote the segments: made harmless.
func PrintEntries(w io.Writer, entries []Entry) error {
	rows := [][]string{}
	for _, e := range entries {
		rows = append(rows, []string{e.Digest[:12], textsafe.Terminal(e.Identity.Weights), e.Identity.DType, e.Identity.Numerics,
			strconv.Itoa(e.Segments), terminal.MiB(e.Bytes), e.Changed.UTC().Format(time.DateTime)})
	}
	return terminal.Table(w, []string{"model", "weights", "dtype", "numerics", "segments", "size", "written (UTC)"}, rows)
}

// PrintReports shows people what Verify found, a line a model and a line for each damage. bad counts conflicts and damages of all
// models together; torn segments lost nothing and are not among them.
func PrintReports(w io.Writer, reports []Report) (bad int, err error) {
	for _, r := range reports {
		if _, err := fmt.Fprintf(w, "%s: %d answers in %d records, %d torn segments, %d conflicts, %d damages\n",
			r.Digest[:12], r.Answers, r.Records, r.Torn, r.Conflicts, len(r.Damages)); err != nil {
			return bad, err
		}
		for _, d := range r.Damages {
			if _, err := fmt.Fprintln(w, "  "+textsafe.Terminal(d.String())); err != nil {
				return bad, err
			}
		}
		bad += r.Conflicts + len(r.Damages)
	}
	return bad, nil
}

// PrintUse warns of what the store did not believe, and tells how many answers came from it and how many the model was asked for.
func (s *Store) PrintUse(w io.Writer, asked, recalled int) error {
	for _, d := range s.Damages() {
		if _, err := fmt.Fprintf(w, "answer store: not believed, asked again: %s\n", textsafe.Terminal(d.String())); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "answers: %d asked, %d remembered\n", asked, recalled)
	return err
}
