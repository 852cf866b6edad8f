package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// protocolLMEval is the protocol of values that follow lm-eval 0.4's own rules.
const protocolLMEval = "lm-eval-0.4"

// lmevalTask is how a task of lm-eval 0.4 corresponds to one of ours.
type lmevalTask struct {
	// ours is the task's name.
	ours string
	// fields are members of a data set's row that tell the task where the file's name does not; nil where others share them.
	fields []string
	// row turns the data set's row into the schema our task reads; nil where they are the same.
	row func(doc json.RawMessage) (json.RawMessage, error)
	// exact are the rules of exact_match, the versions' variants, where that is the file's metric: scoring under our task's
	// is then another protocol. nil where the recorded metrics are our task's own.
	exact []exactRule
}

// lmevalTasks are the tasks of lm-eval 0.4 by its own names (lm_eval/tasks of EleutherAI/lm-evaluation-harness, v0.4.0 to
// v0.4.9).
var lmevalTasks = map[string]lmevalTask{
	"gsm8k":               {ours: "gsm8k", exact: []exactRule{gsm8kRule(true), gsm8kRule(false)}},
	"triviaqa":            {ours: "triviaqa", fields: []string{"question_id", "answer"}, exact: []exactRule{aliasRule}},
	"hellaswag":           {ours: "hellaswag", fields: []string{"ctx_a", "endings"}},
	"openbookqa":          {ours: "openbookqa", fields: []string{"question_stem", "answerKey"}, row: openbookqaRow},
	"squadv2":             {ours: "squad2", fields: []string{"title", "context", "answers"}},
	"xwinograd_en":        {ours: "xwino"},
	"mgsm_direct_ja":      {ours: "mgsm", exact: []exactRule{targetRule}},
	"mgsm_native_cot_ja":  {ours: "mgsm", exact: []exactRule{targetRule}},
	"mgsm_en_cot_ja":      {ours: "mgsm", exact: []exactRule{targetRule}},
	"ja_leaderboard_mgsm": {ours: "mgsm"},
	// Tasks of which export writes our own names.
	"jcommonsenseqa": {ours: "jcommonsenseqa"},
	"jemhopqa":       {ours: "jemhopqa"},
	"niilc":          {ours: "niilc"},
	"jsquad":         {ours: "jsquad"},
	"xlsum":          {ours: "xlsum"},
	"mgsm":           {ours: "mgsm"},
	"wmt20-en-ja":    {ours: "wmt20-en-ja"},
	"wmt20-ja-en":    {ours: "wmt20-ja-en"},
}

// exactRule brings a filtered answer and the targets to the texts that exact_match compares.
type exactRule func(answer, target string, doc tasks.Doc) (output string, targets []string)

// gsm8kRule deletes commas, dollar signs, everything up to the last "#### " and, since 0.4.1, a final point, and folds
// case.
func gsm8kRule(point bool) exactRule {
	clean := func(s string) string {
		s = strings.ReplaceAll(strings.ReplaceAll(s, ",", ""), "$", "")
		if _, after, ok := cutLast(s, "#### "); ok {
			s = after
		}
		if point {
			s = finalPoint.ReplaceAllString(s, "$1")
		}
		return pytext.Lower(s)
	}
	return func(answer, target string, _ tasks.Doc) (string, []string) {
		return clean(answer), []string{clean(target)}
	}
}

// finalPoint is what Python's \.$ matches: a point at the end or before a final line feed.
var finalPoint = regexp.MustCompile(`\.(\n?)\z`)

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// aliasRule compares with every alias, targetRule with the one target, case and ASCII punctuation ignored.
func aliasRule(answer, _ string, doc tasks.Doc) (string, []string) {
	targets := make([]string, len(doc.Targets))
	for i, t := range doc.Targets {
		targets[i] = plainText(t)
	}
	return plainText(answer), targets
}

func targetRule(answer, target string, _ tasks.Doc) (string, []string) {
	return plainText(answer), []string{plainText(target)}
}

func plainText(s string) string { return pytext.DeleteASCIIPunctuation(pytext.Lower(s)) }

// exactMatch is lm-eval 0.4's exact_match of texts its rule has prepared.
func exactMatch() metrics.Metric {
	m := metrics.Accuracy("exact_match")
	m.Signature = "nrefs:var|case:lc|version:lm-eval-0.4"
	return m
}

// openbookqaRow turns the hub's row into the published file's.
func openbookqaRow(doc json.RawMessage) (json.RawMessage, error) {
	var hub struct {
		ID      json.RawMessage `json:"id"`
		Stem    json.RawMessage `json:"question_stem"`
		Choices struct {
			Text []json.RawMessage `json:"text"`
		} `json:"choices"`
		Key json.RawMessage `json:"answerKey"`
	}
	if err := json.Unmarshal(doc, &hub); err != nil {
		return nil, err
	}
	choices := []map[string]json.RawMessage{}
	for _, text := range hub.Choices.Text {
		choices = append(choices, map[string]json.RawMessage{"text": text})
	}
	return json.Marshal(map[string]any{
		"id": hub.ID, "question": map[string]any{"stem": hub.Stem, "choices": choices}, "answerKey": hub.Key,
	})
}

// rowSource is one row as a data set.
type rowSource struct{ row json.RawMessage }

func (s rowSource) Rows(string, string) (string, []json.RawMessage, error) {
	return "doc", []json.RawMessage{s.row}, nil
}

// lmevalName is the task that the file's name tells: samples_<task>_<date>.jsonl, or <model>_<task>.jsonl until 0.4.2.
func lmevalName(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if name, ok := strings.CutPrefix(base, "samples_"); ok {
		if date := dateOf(path); date != "" {
			return strings.TrimSuffix(name, "_"+date)
		}
		return name
	}
	best := ""
	for name := range lmevalTasks {
		if (base == name || strings.HasSuffix(base, "_"+name)) && len(name) > len(best) {
			best = name
		}
	}
	return best
}

// lmevalContent is the task that a document's fields tell, or "".
func lmevalContent(doc json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(doc, &fields) != nil {
		return ""
	}
	for name, t := range lmevalTasks {
		if t.fields != nil && !slices.ContainsFunc(t.fields, func(f string) bool { return fields[f] == nil }) {
			return name
		}
	}
	var answer string
	if json.Unmarshal(fields["answer"], &answer) == nil && strings.Contains(answer, "#### ") && fields["question"] != nil {
		return "gsm8k"
	}
	return ""
}

// lmevalFile is a file of samples while it is read.
type lmevalFile struct {
	*scorer
	path, name string
	known      bool // the task, of which name and how speak
	how        lmevalTask
	task       tasks.Task
	exported   bool // by this program: the metrics are our task's own
	series     []*lmevalSeries
	// profile scores each document once under our task's metric, where that is another than the file's.
	profile *lmevalSeries
	asked   map[string]bool // documents that profile has
	early   []unscored
}

// lmevalSeries is the documents of one filter. Their order in a file depends on how many processes wrote it, so they are
// scored in the order of their numbers, or of evaluation where the file tells it.
type lmevalSeries struct {
	filter  string
	records []lmevalRecord
	refused []unscored
}

// lmevalRecord is a document ready to be scored.
type lmevalRecord struct {
	at       results.Place
	id       json.RawMessage
	position *int          // in evaluation order, where the file was exported by this program
	variants [][2][]string // per rule: outputs and targets
	recorded map[string]string
	pair     *results.SQuADPair
	answers  []results.Answer
	about    results.Sample
	// values are the recorded metrics of a task that is none of ours.
	values map[string]json.RawMessage
}

// lmeval scores the samples of lm-eval 0.4.
func (s *scorer) lmeval(path string) ([]scored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	l := &lmevalFile{scorer: s, path: path, name: lmevalName(path), asked: map[string]bool{}, profile: &lmevalSeries{}}
	l.settle()
	err = results.ReadLMEval(path, f, func(at results.Place, r results.LMEvalSample, problem error) error {
		if !l.known && problem == nil && l.name == "" {
			l.name = lmevalContent(r.Doc)
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
func (l *lmevalFile) settle() {
	if l.how, l.known = lmevalTasks[l.name]; !l.known {
		return
	}
	for _, t := range l.scorer.profile.Tasks {
		if t.Spec().Name == l.how.ours {
			l.task = t
		}
	}
}

func (l *lmevalFile) filter(name string) *lmevalSeries {
	for _, s := range l.series {
		if s.filter == name {
			return s
		}
	}
	s := &lmevalSeries{filter: name}
	l.series = append(l.series, s)
	return s
}

// take reduces one sample.
func (l *lmevalFile) take(at results.Place, r results.LMEvalSample, problem error) {
	if problem != nil {
		l.early = append(l.early, unscored{at.Record, at.Line, nil, problem.Error()})
		return
	}
	if r.Origin != nil && !l.exported {
		l.exported, l.how.exact = true, nil
	}
	s := l.filter(r.Filter)
	record := lmevalRecord{at: at, id: r.DocID, about: lmevalAbout(r)}
	if r.Origin != nil {
		record.position, record.id = &r.Origin.Position, r.Origin.DocID
		originAbout(&record.about, *r.Origin)
	}
	if !l.known {
		record.values = r.Metrics
		s.records = append(s.records, record)
		return
	}
	err := l.reduce(&record, r)
	if err != nil {
		s.refused = append(s.refused, unscored{at.Record, at.Line, r.DocID, err.Error()})
	} else {
		s.records = append(s.records, record)
	}
	if l.how.exact != nil && !l.asked[string(r.DocID)] {
		l.asked[string(r.DocID)] = true
		ours := lmevalRecord{at: at, id: r.DocID}
		if err := l.reduceForeign(&ours, r); err != nil {
			l.profile.refused = append(l.profile.refused, unscored{at.Record, at.Line, r.DocID, err.Error()})
		} else {
			l.profile.records = append(l.profile.records, ours)
		}
	}
}

// document makes our task's document of a sample's row.
func (l *lmevalFile) document(r results.LMEvalSample) (tasks.Doc, error) {
	row := r.Doc
	if l.how.row != nil {
		var err error
		if row, err = l.how.row(row); err != nil {
			return tasks.Doc{}, fmt.Errorf("doc: %w", err)
		}
	}
	docs, err := l.task.Docs(rowSource{row}, 0, tasks.Unlimited{})
	if err != nil { // the row is the first and only record of the data set that the task is given
		return tasks.Doc{}, errors.New(strings.Replace(err.Error(), "doc: record 1: ", "doc: ", 1))
	}
	return docs[0], nil
}

// reduce prepares a sample for the file's own metrics.
func (l *lmevalFile) reduce(record *lmevalRecord, r results.LMEvalSample) error {
	record.recorded = map[string]string{}
	for name, raw := range r.Metrics {
		if value := results.ParseRecorded(raw); value.Text != "" && raw[0] != '[' && raw[0] != '{' {
			record.recorded[name] = value.Text
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
		if record.about.DocHash, err = eval.DocHash(d); err != nil {
			return err
		}
	}
	if l.how.exact != nil {
		text, err := onlyText(r.Filtered)
		if err != nil {
			return fmt.Errorf("filtered_resps: %w", err)
		}
		for _, rule := range l.how.exact {
			output, targets := rule(text, r.Target, d)
			record.variants = append(record.variants, [2][]string{{output}, targets})
		}
		return nil
	}
	responses, err := responsesTo(l.task.Requests(d, tasks.Unlimited{}), r.Filtered)
	if err != nil {
		return fmt.Errorf("filtered_resps: %w", err)
	}
	if raw, ok := r.Metrics["exact"]; ok && l.how.ours == "squad2" {
		pair, err := results.SQuADPairJSON(raw)
		if err != nil {
			return fmt.Errorf("exact: %w", err)
		}
		record.pair, record.answers = &pair, r.Filtered
	}
	record.variants = [][2][]string{{l.task.Outputs(d, responses), d.Targets}}
	return nil
}

// reduceForeign prepares a sample for our task's metric: the raw answers, cut where our task's prompt would stop.
func (l *lmevalFile) reduceForeign(record *lmevalRecord, r results.LMEvalSample) error {
	d, err := l.document(r)
	if err != nil {
		return err
	}
	requests := l.task.Requests(d, tasks.Unlimited{})
	responses, err := responsesTo(requests, r.Answers)
	if err != nil {
		return fmt.Errorf("resps: %w", err)
	}
	for i := range responses {
		responses[i].Text = metrics.CutAtStops(responses[i].Text, requests[i].Stop)
	}
	record.variants = [][2][]string{{l.task.Outputs(d, responses), d.Targets}}
	return nil
}

// scored makes the file's series: one a filter, and one under our protocol where that is another.
func (l *lmevalFile) scored() []scored {
	base := scored{File: l.path, Format: results.KindLMEval, Protocol: protocolLMEval, Source: l.name}
	if base.Source == "" {
		base.Source = filepath.Base(l.path)
	}
	var list []scored
	if len(l.series) == 1 { // a line that cannot be read is of this filter: there is no other
		l.series[0].refused = append(l.series[0].refused, l.early...)
		l.profile.refused = append(l.profile.refused, l.early...)
		l.early = nil
	}
	if base.exported = l.exported; l.exported {
		base.Protocol = l.scorer.profile.Name
	}
	if l.known {
		base.Task, base.Title = l.task.Spec().Name, l.task.Spec().Title
		base.Hole = holeOf(l.task.Spec())
	}
	if l.known && base.Hole == "" {
		for _, s := range l.series {
			list = append(list, l.own(base, s))
		}
		if l.how.exact != nil {
			ours := base
			ours.Protocol = l.scorer.profile.Name
			ours.Filter = "as " + ours.Protocol
			t := best(ours, l.profile, l.task.Spec().Metrics, 1)
			list = append(list, t.finish(nothingRecorded))
			for k := range list[len(list)-1].Values {
				list[len(list)-1].Values[k].Verdict = verdictOther
			}
		}
	} else {
		switch {
		case l.name == "":
			base.Hole = "neither the file's name nor its documents say of which task it is"
		case !l.known:
			base.Hole = "no task of " + l.scorer.profile.Name + " corresponds to it"
		}
		for _, s := range l.series {
			one := base
			one.Filter, one.Total, one.Unscored = s.filter, len(s.records)+len(s.refused), s.refused
			one.Values = []scoredValue{}
			one.evidence, one.by, one.lacks = s.asRecorded()
			list = append(list, one)
		}
	}
	if len(l.early) > 0 {
		damaged := base
		damaged.Hole, damaged.Filter, damaged.Values = "these lines cannot be read", "", []scoredValue{}
		damaged.Total, damaged.Unscored = len(l.early), l.early
		list = append(list, damaged)
	}
	return list
}

// own scores a series under the file's own metrics.
func (l *lmevalFile) own(base scored, s *lmevalSeries) scored {
	base.Filter = s.filter
	recorded := l.scorer.recorded(l.path, l.name)
	ms := l.task.Spec().Metrics
	if l.how.exact != nil {
		ms = []metrics.Metric{exactMatch()}
	}
	t := best(base, s, ms, max(1, len(l.how.exact)))
	return t.finish(func(key string) results.Recorded { return recorded(key + "," + s.filter) })
}

// best tallies the series under the variant of the rules that differs least from what is recorded.
func best(base scored, s *lmevalSeries, ms []metrics.Metric, variants int) *tally {
	slices.SortStableFunc(s.records, func(a, b lmevalRecord) int {
		if a.position != nil && b.position != nil {
			return cmp.Compare(*a.position, *b.position)
		}
		return compareIDs(a.id, b.id)
	})
	var best *tally
	for v := range variants {
		t := newTally(base, ms)
		for _, r := range s.records {
			if r.pair != nil {
				t.compareSQuAD(r.at, r.id, *r.pair, r.answers)
			}
			t.add(r.at, r.id, r.variants[v][0], r.variants[v][1], r.recorded, r.about)
		}
		for _, u := range s.refused {
			t.refuse(results.Place{Record: u.Record, Line: u.Line}, u.DocID, errors.New(u.Reason))
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
