package interop

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ImportTotals makes a run of stored outputs as Import does and takes, where no file has a task's outputs, the total that
// is recorded of it: enough to be set beside a printed table, and for nothing else. columns are the table's tasks; their
// metrics need not be bound, since nothing is scored. The run's warnings name the totals that are no column.
func (s *Scorer) ImportTotals(path string, found []File, columns []tasks.Task) (Run, error) {
	d, totals, configs, err := s.gather(path, found)
	if err != nil {
		return d, err
	}
	var foreign []string
	for _, t := range totals {
		c, known := configOf(configs, t.File)
		if profile := profileOf(t, c); d.Run.Profile == "" {
			d.Run.Profile = profile
		}
		score, ok := total(t, columns, c.Profile != "")
		if !ok {
			foreign = append(foreign, t.Source)
			continue
		}
		if slices.ContainsFunc(d.Run.Scores, func(x results.Score) bool { return x.Task == score.Task && x.Hole == "" }) {
			continue // its samples are here
		}
		if known {
			d.configure(&score, c, t.Source, t.Source)
			limited(&score, c)
		}
		if err := d.add(t.File, score, nil); err != nil {
			return d, err
		}
	}
	for i := range d.Run.Scores {
		otherPrompt(&d.Run.Scores[i])
	}
	if len(foreign) > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%s: no column of the table: %s", path, strings.Join(foreign, ", ")))
	}
	if len(d.Run.Scores) == 0 {
		return d, errors.Join(fmt.Errorf("%s: no number of a column of the table", path), d.foreignRules())
	}
	return d, nil
}

// foreignRules says whose rules a run's numbers follow where they are none of a profile's.
func (d Run) foreignRules() error {
	if d.Run.Profile == "" {
		return nil
	}
	return fmt.Errorf("its numbers follow the rules of %s", d.Run.Profile)
}

// profileOf is the profile whose rules a file's totals follow: the one that this program exported or lm-eval 0.4's own; ""
// where the file does not say.
func profileOf(t series.Series, c jpharness.Config) string {
	switch {
	case c.Profile != "":
		return c.Profile
	case lmeval.Filtered(t.Totals):
		return lmeval.Protocol
	}
	return ""
}

// columnOf finds the task of a total: of an exported file by lm-eval's name, else by the reference's name in its harness.
func columnOf(t series.Series, columns []tasks.Task, exported bool) (tasks.Spec, bool) {
	harnesses := []tasks.Protocol{tasks.HarnessEN, tasks.HarnessJP}
	switch {
	case t.Format == series.KindLLMJPScores:
		harnesses = []tasks.Protocol{tasks.LLMJPEval}
	case jpVersions.MatchString(t.Source):
		harnesses = []tasks.Protocol{tasks.HarnessJP}
	}
	name := series.Result{Name: t.Source}.Task()
	for _, c := range columns {
		spec := c.Spec()
		if exported && lmeval.NameOf(spec) == t.Source || !exported && spec.Reference == name && slices.Contains(harnesses, spec.Protocol) {
			return spec, true
		}
	}
	return tasks.Spec{}, false
}

// total is what a file records of a task as a score without documents; it is none where the task is no column.
func total(t series.Series, columns []tasks.Task, exported bool) (results.Score, bool) {
	spec, ok := columnOf(t, columns, exported)
	if !ok || len(spec.Metrics) == 0 {
		return results.Score{}, false
	}
	score := results.Score{
		Task: spec.Name, Reference: t.Source, Title: spec.Title, Language: spec.Language, Protocol: string(spec.Protocol),
		Shots: results.UnknownShots, N: results.UnknownDocuments,
	}
	m := spec.Metrics[0]
	key := m.Name
	if exported {
		key += ",none"
	}
	v, ok := t.Totals[key]
	switch {
	case !ok:
		score.Hole = fmt.Sprintf("no %s is recorded", m.Name)
	case v.Hole != "":
		score.Hole = m.Name + " is " + v.Hole
	case v.Value > m.Max:
		score.Hole = fmt.Sprintf("%s is recorded as %s, above %v", m.Name, v.Text, m.Max)
	default: // without a signature: the file does not record it
		score.Values = []results.Value{{Metric: m.Name, Value: v.Value, Max: m.Max}}
	}
	return score, true
}

// limited makes a hole of a number over some of the documents.
func limited(score *results.Score, c jpharness.Config) {
	if c.Limit != "" && score.Hole == "" {
		score.Hole, score.Values = "a number of limit "+c.Limit+", not of all documents", nil
	}
}

// jpVersions end a name of the JP harness: the task's version and its prompt's.
var jpVersions = regexp.MustCompile(`-[0-9][0-9.]*-([0-9][0-9.]*)$`)

// basePrompt is the version of the prompts behind the printed numbers, those of the harness's base classes, which an
// unversioned name stands for (lm_eval/tasks/ja/mgsm.py and xlsum_ja.py of Stability-AI/lm-evaluation-harness at 9b42d41).
const basePrompt = "0.0"

// otherPrompt makes a hole of a number that was asked in other words.
func otherPrompt(score *results.Score) {
	m := jpVersions.FindStringSubmatch(score.Reference)
	if m != nil && m[1] != basePrompt && score.Hole == "" {
		score.Hole, score.Values = fmt.Sprintf("%s: prompt version %s, the table's numbers are of %s", score.Reference, m[1], basePrompt), nil
	}
}
