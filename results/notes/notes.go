// Package notes is the sentences without which a number would be misread. They go wherever the number goes: under tables, into exports,
// reports and comparisons.
package notes

import (
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// Note is a sentence without which a number would be misread.
type Note struct {
	// Task is the task it belongs to, "" for the whole run.
	Task string
	// Key names one of Sentences, Args are its arguments as they are stored.
	Key  string
	Args []string
	// Text is the sentence in English, safe to print.
	Text string
}

// Of are the sentences that belong under the run's table, in the order of its rows.
func Of(r results.Run) []string {
	var texts []string
	for _, n := range ByTask(r) {
		texts = append(texts, n.Text)
	}
	return texts
}

// ByTask are the notes, each with the task it belongs to.
func ByTask(r results.Run) []Note {
	notes := runNotes(r)
	for _, s := range r.Scores {
		notes = append(notes, scoreNotes(r, s)...)
	}
	var l noteList
	for _, g := range r.Groups {
		for _, u := range g.Unmeasured {
			l.add("unmeasured", g.Title, u.Metric, u.Hole)
		}
	}
	if note := Generation(r.Model.Generation); note != "" {
		l.add("generation", note)
	}
	notes = append(notes, l.notes...)
	notes = append(notes, pinless(r)...)
	if r.AllowUnpinnedData {
		notes = append(notes, dataNotes(r, "unpinned", "unpinned")...)
	}
	return append(notes, dataNotes(r, "stand-in", "stand_in")...)
}

// noteList collects notes of a task.
type noteList struct {
	task  string
	notes []Note
}

func (l *noteList) add(key string, a ...any) {
	args := texts(a)
	l.notes = append(l.notes, Note{l.task, key, args, textsafe.Terminal(sentence(key, args))})
}

// runNotes are those of the whole run.
func runNotes(r results.Run) []Note {
	var l noteList
	modelNotes(&l, r.Model)
	if r.Status == "interrupted" {
		l.add("interrupted")
	}
	if r.InventedData != "" {
		inventedNote(&l, r)
	}
	if r.Chat != nil {
		l.add("chat", r.Chat.Source, results.ShortDigest(r.Chat.Digest))
	}
	if r.Limit != "" && limited(r) {
		l.add("limit", r.Limit)
	}
	if r.Samples {
		l.add("samples")
	}
	if r.ShotsOverride != nil {
		l.add("shots", *r.ShotsOverride)
	}
	return l.notes
}

// limited says whether documents were left out, or may have been: a limit that no task reaches changes nothing.
func limited(r results.Run) bool {
	return len(r.Scores) == 0 || slices.ContainsFunc(r.Scores, func(s results.Score) bool { return s.N != s.Total || s.Hole != "" })
}

// scoreNotes are those of one task.
func scoreNotes(r results.Run, s results.Score) []Note {
	l := noteList{task: s.Task}
	title, c := s.Name(), s.Cuts
	if s.Hole != "" {
		l.add("hole", title, s.Hole)
	}
	if counted, ok := UnitOf(s); ok {
		key, args := counted.note(title)
		l.add(key, args...)
	}
	if len(s.Unmeasured) > 0 && s.Hole == "" {
		names := make([]string, len(s.Unmeasured))
		for i, u := range s.Unmeasured {
			names[i] = u.Metric
		}
		l.add("unmeasured", title, strings.Join(names, ", "), s.Unmeasured[0].Hole)
	}
	if c.FaultDocs > 0 {
		l.add("fault", title, c.FaultDocs, s.N, c.Fault)
	}
	drawnNote(&l, s)
	judgeNote(&l, s)
	if open, ok := undecided(s); ok {
		l.add("undecided", title, open, s.N)
	}
	if s.Precision != "" {
		l.add("rounded", title, s.Precision, c.TiedDocs, s.N)
	}
	if c.FewerShotsDocs > 0 && strings.HasPrefix(s.Protocol, "lm-eval-0.4.2") {
		l.add("fewer_shots_drawn", title, c.FewerShotsDocs, s.N, s.Shots)
	} else if c.FewerShotsDocs > 0 {
		l.add("fewer_shots", title, c.FewerShotsDocs, s.N, s.Shots, r.Model.Window)
	}
	if c.DroppedDocs > 0 {
		l.add("dropped", title, c.DroppedDocs, s.N, r.Model.Window, c.DroppedTokens)
	}
	if c.LostDocs > 0 {
		l.add("lost", title, c.LostDocs, s.N)
	}
	if c.PastWindowDocs > 0 {
		l.add("past_window", title, c.PastWindowDocs, s.N, r.Model.Window)
	}
	return l.notes
}

// undecided is of how many documents a score leaves open whether they are right; ok is false where it leaves none open.
func undecided(s results.Score) (n int, ok bool) {
	for _, v := range s.Values {
		if v.Metric == "undecided" && v.Value > 0 && s.Hole == "" {
			return int(math.Round(v.Value * float64(s.N))), true
		}
	}
	return 0, false
}

// Unit says in what a metric counts, where that is not the same for every model and every run.
type Unit struct {
	// Segmenter is what found words of Japanese where it is not that of the published columns; "" is the model's own tokenizer.
	Segmenter string
}

// UnitOf tells it of a score's published column; ok is false where the metric counts in what it is published with, in
// every run.
func UnitOf(s results.Score) (c Unit, ok bool) {
	if s.Hole != "" || len(s.Values) == 0 {
		return c, false
	}
	signature := s.Values[0].Signature
	if name := metrics.SegmenterOf(signature); name != "" && !strings.HasPrefix(name, metrics.PublishedSegmenter) {
		return Unit{name}, true
	}
	return c, metrics.CountsModelPieces(signature)
}

// note is its key and arguments.
func (c Unit) note(title string) (key string, args []any) {
	if c.Segmenter == "" {
		return "pieces", []any{title}
	}
	return "segmenter", []any{title, c.Segmenter, metrics.PublishedSegmenter}
}

// Sentence is the note of it.
func (c Unit) Sentence(title string) string {
	key, args := c.note(title)
	return sentence(key, texts(args))
}

// pinless names the data files of task files that have no pin.
func pinless(r results.Run) []Note {
	var notes []Note
	for _, s := range r.Scores {
		l := noteList{task: s.Task}
		for _, f := range s.Data {
			if f.Pinless() {
				l.add("pinless", s.Name(), f.Path)
			}
		}
		notes = append(notes, l.notes...)
	}
	return notes
}

// dataNotes names the data files of a state, each once a task, with the number of records where it is not the original's.
func dataNotes(r results.Run, state, key string) []Note {
	var notes []Note
	for _, s := range r.Scores {
		l := noteList{task: s.Task}
		for _, f := range s.Data {
			if f.State == state && !f.Pinless() {
				if f.Rows == f.ExpectedRows {
					l.add(key, s.Name(), f.Path)
				} else {
					l.add(key+"_rows", s.Name(), f.Path, f.Rows, f.ExpectedRows)
				}
			}
		}
		notes = append(notes, l.notes...)
	}
	return notes
}
