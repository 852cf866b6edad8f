package lmeval

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Protocol is the protocol of values that follow lm-eval 0.4's own rules.
const Protocol = "lm-eval-0.4"

// exactMatch is lm-eval 0.4's exact_match of texts its rule has prepared.
func exactMatch() metrics.Metric {
	m := metrics.Accuracy("exact_match")
	m.Signature = "nrefs:var|case:lc|version:lm-eval-0.4"
	return m
}

// rowSource is one row as a data set.
type rowSource struct{ row json.RawMessage }

func (s rowSource) Rows(string, string) (string, []json.RawMessage, error) {
	return "doc", []json.RawMessage{s.row}, nil
}

// file is a file of samples while it is read.
type file struct {
	*series.Scorer
	path, name string
	known      bool // the task, of which name and how speak
	how        tasks.LMEvalTask
	task       tasks.Task
	exported   bool // by this program: the metrics are our task's own
	filters    []*filtered
	// ours scores each document once under our task's metric, where that is another than the file's.
	ours  *filtered
	asked map[string]bool // documents that profile has
	early []series.Unscored
}

// filtered is the documents of one filter. Their order in a file depends on how many processes wrote it, so they are
// scored in the order of their numbers, or of evaluation where the file tells it.
type filtered struct {
	filter  string
	records []record
	refused []series.Unscored
}

// record is a document ready to be scored.
type record struct {
	at       series.Place
	id       json.RawMessage
	position *int          // in evaluation order, where the file was exported by this program
	variants [][2][]string // per rule: outputs and targets
	recorded map[string]string
	pair     *tasks.PairOf
	answers  []tasks.Answer
	about    results.Sample
	// values are the recorded metrics of a task that is none of ours.
	values map[string]json.RawMessage
}

// Score scores the samples of lm-eval 0.4.
func Score(s *series.Scorer, path string) ([]series.Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	l := &file{Scorer: s, path: path, name: nameOf(s, path), asked: map[string]bool{}, ours: &filtered{}}
	l.settle()
	err = Read(path, f, func(at series.Place, r Sample, problem error) error {
		if !l.known && problem == nil && l.name == "" {
			l.name = contentOf(s, r.Doc)
			l.settle()
		}
		l.take(at, r, problem)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return l.scored(), nil
}

// settle looks the task up.
func (l *file) settle() {
	l.task, l.how, l.known = taskNamed(l.Scorer, l.name)
}

func (l *file) filter(name string) *filtered {
	for _, s := range l.filters {
		if s.filter == name {
			return s
		}
	}
	s := &filtered{filter: name}
	l.filters = append(l.filters, s)
	return s
}

// take reduces one sample.
func (l *file) take(at series.Place, r Sample, problem error) {
	if problem != nil {
		l.early = append(l.early, series.Refused(at, nil, problem))
		return
	}
	if r.Origin != nil && !l.exported {
		l.exported, l.how.Exact = true, nil
	}
	s := l.filter(r.Filter)
	one := record{at: at, id: r.DocID, about: aboutSample(r)}
	if r.Origin != nil {
		one.position, one.id = &r.Origin.Position, r.Origin.DocID
		addOrigin(&one.about, *r.Origin)
	}
	if !l.known {
		one.values = r.Metrics
		s.records = append(s.records, one)
		return
	}
	err := l.reduce(&one, r)
	if err != nil {
		s.refused = append(s.refused, series.Refused(at, r.DocID, err))
	} else {
		s.records = append(s.records, one)
	}
	if l.how.Exact != nil && !l.asked[string(r.DocID)] {
		l.asked[string(r.DocID)] = true
		ours := record{at: at, id: r.DocID}
		if err := l.reduceForeign(&ours, r); err != nil {
			l.ours.refused = append(l.ours.refused, series.Refused(at, r.DocID, err))
		} else {
			l.ours.records = append(l.ours.records, ours)
		}
	}
}

// document makes our task's document of a sample's row.
func (l *file) document(r Sample) (tasks.Doc, error) {
	row := r.Doc
	if l.how.Row != nil {
		var err error
		if row, err = l.how.Row(row); err != nil {
			return tasks.Doc{}, fmt.Errorf("doc: %w", err)
		}
	}
	if of := l.task.Spec().Known().LMEvalDoc; of != nil {
		prompt := ""
		if len(r.Prompts) > 0 {
			prompt = r.Prompts[0]
		}
		d, err := of(row, prompt)
		if err != nil {
			return d, errors.New(strings.Replace(err.Error(), "doc: record 1: ", "doc: ", 1))
		}
		return d, nil
	}
	docs, err := l.task.Docs(rowSource{row}, l.task.Spec().MinShots, tasks.Unlimited{})
	if err != nil { // the row is the first and only record of the data set that the task is given
		return tasks.Doc{}, errors.New(strings.Replace(err.Error(), "doc: record 1: ", "doc: ", 1))
	}
	if len(docs) == 0 {
		return tasks.Doc{}, errors.New("doc: the task leaves the record out")
	}
	return docs[0], nil
}

// reduce prepares a sample for the file's own metrics.
func (l *file) reduce(one *record, r Sample) error {
	one.recorded = map[string]string{}
	for name, raw := range r.Metrics {
		if value := series.ParseRecorded(raw); value.Text != "" && raw[0] != '[' && raw[0] != '{' {
			one.recorded[name] = value.Text
		}
	}
	if r.FilteredProblem != nil {
		return r.FilteredProblem
	}
	d, err := l.document(r)
	if err != nil {
		return err
	}
	if r.Origin != nil { // pairs with our own samples
		one.about.DocHash = eval.DocHash(d)
	}
	if l.how.Exact != nil {
		text, err := tasks.OnlyText(r.Filtered)
		if err != nil {
			return fmt.Errorf("filtered_resps: %w", err)
		}
		for _, rule := range l.how.Exact {
			output, targets := rule(text, r.Target, d)
			one.variants = append(one.variants, [2][]string{{output}, targets})
		}
		return nil
	}
	responses, err := tasks.Answered(l.task.Requests(d, tasks.Unlimited{}), r.Filtered)
	if err != nil {
		return fmt.Errorf("filtered_resps: %w", err)
	}
	if err := l.judged(responses, r); err != nil {
		return err
	}
	if pair := l.task.Spec().Known().Pair; pair != nil && r.Metrics[pair.Metric] != nil {
		var v any
		err := json.Unmarshal(r.Metrics[pair.Metric], &v)
		var p tasks.PairOf
		if err == nil {
			p, err = pair.Read(v)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", pair.Metric, err)
		}
		one.pair, one.answers = &p, r.Filtered
	}
	outputs := l.task.Outputs(d, responses)
	if l.how.Part {
		outputs = outputs[:1]
	}
	one.variants = [][2][]string{{outputs, d.Targets}}
	return nil
}

// judged gives the answers of a task that are programs the verdicts on them, which files of this program alone hold.
func (l *file) judged(responses []tasks.Response, r Sample) error {
	if _, ok := tasks.AsJudged(l.task); !ok {
		return nil
	}
	if r.Origin != nil {
		for i := range responses {
			responses[i].Verdict = r.Origin.Seen[i].Verdict
		}
	}
	if tasks.Unjudged(responses) > 0 {
		return errors.New("its answers are programs, and the file holds no verdicts on them")
	}
	return nil
}

// reduceForeign prepares a sample for our task's metric: the raw answers, cut where our task's prompt would stop.
func (l *file) reduceForeign(one *record, r Sample) error {
	d, err := l.document(r)
	if err != nil {
		return err
	}
	requests := l.task.Requests(d, tasks.Unlimited{})
	responses, err := tasks.Answered(requests, r.Answers)
	if err != nil {
		return fmt.Errorf("resps: %w", err)
	}
	for i := range responses {
		responses[i].Text = metrics.CutAtStops(responses[i].Text, requests[i].Stop)
	}
	one.variants = [][2][]string{{l.task.Outputs(d, responses), d.Targets}}
	return nil
}

// scored makes the file's series: one a filter, and one under our protocol where that is another.
func (l *file) scored() []series.Series {
	base := series.Series{File: l.path, Format: series.KindLMEval, Protocol: Protocol, Source: l.name}
	if base.Source == "" {
		base.Source = filepath.Base(l.path)
	}
	var list []series.Series
	if len(l.filters) == 1 { // a line that cannot be read is of this filter: there is no other
		l.filters[0].refused = append(l.filters[0].refused, l.early...)
		l.ours.refused = append(l.ours.refused, l.early...)
		l.early = nil
	}
	if base.Exported = l.exported; l.exported {
		base.Protocol = l.Profile
	}
	if l.known {
		base.Task, base.Title = l.task.Spec().Name, l.task.Spec().Title
		base.Hole = l.Missing(l.task.Spec())
	}
	if l.known && base.Hole == "" {
		for _, s := range l.filters {
			list = append(list, l.own(base, s))
		}
		if l.how.Exact != nil {
			ours := base
			ours.Protocol = l.Profile
			ours.Filter = "as " + ours.Protocol
			t := best(ours, l.ours, l.task.Spec().Metrics, 1)
			list = append(list, t.Finish(series.NothingRecorded))
			for k := range list[len(list)-1].Values {
				list[len(list)-1].Values[k].Verdict = series.VerdictOther
			}
		}
	} else {
		list = l.unscored(base)
	}
	if len(l.early) > 0 {
		damaged := base
		damaged.Hole, damaged.Filter, damaged.Values = "these lines cannot be read", "", []series.Value{}
		damaged.Total, damaged.Unscored = len(l.early), l.early
		list = append(list, damaged)
	}
	return list
}

// unscored are the filters' series of a task that cannot be scored.
func (l *file) unscored(base series.Series) []series.Series {
	switch {
	case l.name == "":
		base.Hole = "neither the file's name nor its documents say of which task it is"
	case !l.known:
		base.Hole = "no task of " + l.Profile + " corresponds to it"
	}
	var list []series.Series
	for _, s := range l.filters {
		one := base
		one.Filter, one.Total, one.Unscored = s.filter, len(s.records)+len(s.refused), s.refused
		one.Values = []series.Value{}
		one.Evidence, one.By, one.Lacks = s.asRecorded()
		list = append(list, one)
	}
	return list
}

// own scores a series under the file's own metrics.
func (l *file) own(base series.Series, s *filtered) series.Series {
	base.Filter = s.filter
	recorded := l.Recorded(l.path, l.name)
	ms := l.task.Spec().Metrics
	if l.how.Part {
		ms = ms[:1]
	}
	if l.how.Exact != nil {
		ms = []metrics.Metric{exactMatch()}
	}
	t := best(base, s, ms, max(1, len(l.how.Exact)))
	return t.Finish(func(key string) series.Recorded {
		if l.exported {
			return recorded(keyOf(key))
		}
		return recorded(key + "," + s.filter)
	})
}

// best tallies the series under the variant of the rules that differs least from what is recorded.
func best(base series.Series, s *filtered, ms []metrics.Metric, variants int) *series.Tally {
	slices.SortStableFunc(s.records, func(a, b record) int {
		if a.position != nil && b.position != nil {
			return cmp.Compare(*a.position, *b.position)
		}
		return compareIDs(a.id, b.id)
	})
	var best *series.Tally
	for v := range variants {
		t := series.NewTally(base, ms)
		for _, r := range s.records {
			if r.pair != nil {
				t.Compare(r.at, r.id, *r.pair, r.answers)
			}
			t.Add(r.at, r.id, r.variants[v][0], r.variants[v][1], r.recorded, r.about)
		}
		for _, u := range s.refused {
			t.Refuse(series.Place{Record: u.Record, Line: u.Line}, u.DocID, errors.New(u.Reason))
		}
		if best == nil || len(t.Changed) < len(best.Changed) {
			best = t
		}
	}
	return best
}

// compareIDs orders numbers by value, and before texts.
func compareIDs(a, b json.RawMessage) int {
	x, errX := strconv.ParseInt(string(a), 10, 64)
	y, errY := strconv.ParseInt(string(b), 10, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return bytes.Compare(a, b)
}
