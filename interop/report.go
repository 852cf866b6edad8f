package interop

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// Report shows what was found, to people as a table with notes and to machines as JSON.
type Report struct {
	Tasks []series.Series `json:"tasks"`
	// Ignored are files of a directory that hold no stored outputs.
	Ignored []string `json:"ignored,omitempty"`
	// Profiles are those of the program.
	Profiles []tasks.Profile `json:"-"`
}

// Problem says in one line what keeps the numbers from being whole, or nothing.
func (r Report) Problem() string {
	var changed, refused, holes int
	var different, misfiled []string
	for _, t := range r.Tasks {
		if t.Misfiled {
			misfiled = append(misfiled, nameOf(t))
		}
		changed += len(t.Changed)
		refused += len(t.Unscored)
		if t.Hole != "" && t.Hole != series.OfGroup || len(t.Values) > 0 && t.Values[0].Hole != "" {
			holes++
		}
		for _, v := range t.Values {
			if v.Verdict == string(series.Different) {
				different = append(different, nameOf(t)+" "+v.Metric)
			}
		}
	}
	var parts []string
	if len(misfiled) > 0 {
		parts = append(parts, "files that the run.json beside them does not vouch for: "+strings.Join(misfiled, ", "))
	}
	if changed > 0 {
		parts = append(parts, fmt.Sprintf("records that score differently from what the file says: %d", changed))
	}
	if len(different) > 0 {
		parts = append(parts, "another score than recorded: "+strings.Join(different, ", "))
	}
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("records that cannot be scored: %d", refused))
	}
	if holes > 0 {
		parts = append(parts, fmt.Sprintf("series without a number: %d of %d", holes, len(r.Tasks)))
	}
	return strings.Join(parts, "; ")
}

// nameOf is a series' own name in tables and notes: that of the file it comes from.
func nameOf(s series.Series) string {
	name := s.Source
	if name == "" {
		name = filepath.Base(s.File)
	}
	if s.Format == series.KindSamples && s.Title != "" {
		name = s.Title
	}
	if s.Filter != "" {
		name += " [" + s.Filter + "]"
	}
	return textsafe.Terminal(name)
}

// Table is a row a metric of each series.
func (r Report) Table() (head []string, rows [][]string) {
	head = []string{"task", "metric", "score", "± stderr", "n", "recorded", "verdict"}
	several := slices.ContainsFunc(r.Tasks, func(s series.Series) bool { return filepath.Dir(s.File) != filepath.Dir(r.Tasks[0].File) })
	if several {
		head = append(head, "folder")
	}
	for _, s := range r.Tasks {
		n := strconv.Itoa(s.N)
		if s.N != s.Total {
			n = fmt.Sprintf("%d of %d", s.N, s.Total)
		}
		if len(s.Values) == 0 {
			rows = append(rows, []string{nameOf(s), "", "—", "", n, "", ""})
		}
		for _, v := range s.Values {
			score := "—"
			over := n
			switch {
			case v.Unmeasured:
				over = "0"
			case v.Hole != "":
			case v.N > 0:
				over = strconv.Itoa(v.N)
				fallthrough
			default:
				score = decimals(v.Value.Value / v.Max)
			}
			rows = append(rows, []string{nameOf(s), textsafe.Terminal(v.Metric), score, stderrCell(v.Value), over, textsafe.Terminal(v.Recorded), textsafe.Terminal(v.Verdict)})
		}
		for i := range rows {
			if several && len(rows[i]) < len(head) {
				rows[i] = append(rows[i], textsafe.Terminal(filepath.Dir(s.File)))
			}
		}
	}
	return head, rows
}

// shownChanges is how many changed documents of a series the table's notes list; JSON lists all.
const shownChanges = 20

// Notes are the lines under the table.
func (r Report) Notes() []string {
	var lines []string
	add := func(format string, a ...any) { lines = append(lines, fmt.Sprintf(format, a...)) }
	for _, s := range r.Tasks {
		if _, err := suite.Find(r.Profiles, s.Protocol); err == nil && s.Format == series.KindLMEval && !s.Exported {
			add("* %s: the outputs are lm-eval 0.4's, cut and scored as %s does: not the file's protocol, and the prompts are not %[2]s's", nameOf(s), s.Protocol)
		}
		if s.Unvouched != "" {
			add("* %s: unvouched: %s", nameOf(s), textsafe.Terminal(s.Unvouched))
		}
		if s.Hole != "" {
			add("* %s: no number: %s", nameOf(s), textsafe.Terminal(s.Hole))
		}
		for i, v := range s.Values {
			if counted, ok := notes.UnitOf(results.Score{Values: []results.Value{v.Value}}); ok && i == 0 && v.Hole == "" {
				add("* %s", textsafe.Terminal(counted.Sentence(nameOf(s))))
			}
			if v.Hole != "" {
				add("* %s: no %s: %s", nameOf(s), textsafe.Terminal(v.Metric), textsafe.Terminal(v.Hole))
			}
		}
		lines = append(lines, refusals(s)...)
		for i, c := range s.Changed {
			if i == shownChanges {
				add("* %s: %d more records score differently; --format json lists them", nameOf(s), len(s.Changed)-i)
				break
			}
			add("* %s record %d: %s recorded %s, now %s", nameOf(s), c.Position, textsafe.Terminal(c.Metric),
				textsafe.Terminal(strconv.Quote(c.Recorded)), textsafe.Terminal(strconv.Quote(c.Now)))
		}
	}
	for _, name := range r.Ignored {
		add("* %s: no stored outputs", textsafe.Terminal(name))
	}
	return lines
}

// refusals groups the documents that cannot be scored by the reason, in the order of their first.
func refusals(s series.Series) []string {
	type group struct {
		reason string
		first  series.Unscored
		n      int
	}
	var groups []group
	for _, u := range s.Unscored {
		i := slices.IndexFunc(groups, func(g group) bool { return g.reason == u.Reason })
		if i < 0 {
			groups = append(groups, group{u.Reason, u, 1})
			continue
		}
		groups[i].n++
	}
	var lines []string
	for i, g := range groups {
		if i == shownChanges {
			lines = append(lines, fmt.Sprintf("* %s: %d more reasons; --format json lists them", nameOf(s), len(groups)-i))
			break
		}
		at := series.Place{Record: g.first.Record, Line: g.first.Line}
		where := at.String()
		if g.n > 1 {
			where = fmt.Sprintf("%d records, first %s", g.n, at)
		}
		lines = append(lines, fmt.Sprintf("* %s: %s not scored: %s", nameOf(s), where, textsafe.Terminal(g.reason)))
	}
	return lines
}

func stderrCell(v results.Value) string {
	if v.StdErr == nil {
		return ""
	}
	return "± " + decimals(*v.StdErr/v.Max)
}

// Write shows the table, and the notes under it.
func (r Report) Write(w io.Writer) error {
	if head, rows := r.Table(); len(rows) > 0 {
		if err := terminal.Table(w, head, rows); err != nil {
			return err
		}
	}
	for _, note := range r.Notes() {
		if _, err := fmt.Fprintln(w, note); err != nil {
			return err
		}
	}
	return nil
}
