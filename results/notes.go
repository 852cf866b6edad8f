package results

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// Note is a sentence without which a number would be misread.
type Note struct {
	// Task is the task it belongs to, "" for the whole run.
	Task string
	// Text is safe to print.
	Text string
}

// Notes are the sentences that belong under the run's table, in the order of its rows.
func Notes(r Run) []string {
	var texts []string
	for _, n := range NotesByTask(r) {
		texts = append(texts, n.Text)
	}
	return texts
}

// NotesByTask are the notes, each with the task it belongs to.
func NotesByTask(r Run) []Note {
	notes := runNotes(r)
	for _, s := range r.Scores {
		notes = append(notes, scoreNotes(r, s)...)
	}
	if note := GenerationNote(r.Model.Generation); note != "" {
		notes = append(notes, Note{"", textsafe.Terminal(note)})
	}
	if r.AllowUnpinnedData {
		notes = append(notes, dataNotes(r, "unpinned", "%s: data file %s is not the pinned original (--allow-unpinned-data)%s")...)
	}
	return append(notes, dataNotes(r, "stand-in", "%s: %s stands in for the original file%s")...)
}

// noteList collects notes of a task.
type noteList struct {
	task  string
	notes []Note
}

func (l *noteList) add(format string, a ...any) {
	l.notes = append(l.notes, Note{l.task, textsafe.Terminal(fmt.Sprintf(format, a...))})
}

// runNotes are those of the whole run.
func runNotes(r Run) []Note {
	var l noteList
	for _, note := range ModelNotes(r.Model) {
		l.add("%s", note)
	}
	if r.Status == "interrupted" {
		l.add("interrupted: the tasks below the last number were not evaluated")
	}
	if r.InventedData != "" {
		l.add("the questions were invented to try the program: the numbers measure nothing and compare with no published ones")
	}
	if r.Chat != nil {
		l.add("asked in the model's chat template (%s, %s): not the setting of any published table", r.Chat.Source, shortDigest(r.Chat.Digest))
	}
	if r.Limit != "" {
		l.add("--limit %s: first documents only, not comparable with published numbers", r.Limit)
	}
	if r.Samples {
		l.add("--samples: chosen documents only, not comparable with published numbers")
	}
	if r.ShotsOverride != nil {
		l.add("--num-fewshot %d: not the profile's number of examples", *r.ShotsOverride)
	}
	return l.notes
}

// scoreNotes are those of one task.
func scoreNotes(r Run, s Score) []Note {
	l := noteList{task: s.Task}
	title, c := s.Name(), s.Cuts
	if s.Hole != "" {
		l.add("%s: no number: %s", title, s.Hole)
	}
	if counted, ok := CountedIn(s); ok {
		l.add("%s", counted.Sentence(title))
	}
	if c.FaultDocs > 0 {
		l.add("%s: %d of %d documents on which the reference itself fails (%s)", title, c.FaultDocs, s.N, c.Fault)
	}
	if open, ok := undecided(s); ok {
		l.add("%s: a lower bound: of %d of %d documents the answer differs from the gold one as text, and neither text nor number decides whether it is the same", title, open, s.N)
	}
	if s.Precision != "" {
		l.add("%s: log-likelihoods are rounded to %s, as the reference has them of a model that is stored in it: of %d of %d documents several choices are equally likely, and the first of them counts",
			title, s.Precision, c.TiedDocs, s.N)
	}
	if c.FewerShotsDocs > 0 && strings.HasPrefix(s.Protocol, "lm-eval-0.4.2") {
		l.add("%s: %d of %d documents have fewer than %d examples: they are among what was drawn for them, as in the reference", title, c.FewerShotsDocs, s.N, s.Shots)
	} else if c.FewerShotsDocs > 0 {
		l.add("%s: %d of %d documents have fewer than %d examples: no more fit the model's window of %d, as in the reference",
			title, c.FewerShotsDocs, s.N, s.Shots, r.Model.Window)
	}
	if c.DroppedDocs > 0 {
		l.add("%s: %d of %d prompts exceed the model's window of %d: %d tokens dropped from their left, as the reference does",
			title, c.DroppedDocs, s.N, r.Model.Window, c.DroppedTokens)
	}
	if c.LostDocs > 0 {
		l.add("%s: in %d of %d documents the reference's wrapper discards the first generated tokens after an over-long prompt",
			title, c.LostDocs, s.N)
	}
	if c.PastWindowDocs > 0 {
		l.add("%s: %d of %d prompts run past the model's window of %d positions: the reference does not truncate them",
			title, c.PastWindowDocs, s.N, r.Model.Window)
	}
	return l.notes
}

// undecided is of how many documents a score leaves open whether they are right; ok is false where it leaves none open.
func undecided(s Score) (n int, ok bool) {
	for _, v := range s.Values {
		if v.Metric == "undecided" && v.Value > 0 && s.Hole == "" {
			return int(math.Round(v.Value * float64(s.N))), true
		}
	}
	return 0, false
}

// Counted says in what a metric counts, where that is not the same for every model and every run.
type Counted struct {
	// Segmenter is what found words of Japanese where it is not that of the published columns; "" is the model's own tokenizer.
	Segmenter string
}

// CountedIn tells it of a score's published column; ok is false where the metric counts in what it is published with, in
// every run.
func CountedIn(s Score) (c Counted, ok bool) {
	if s.Hole != "" || len(s.Values) == 0 {
		return c, false
	}
	signature := s.Values[0].Signature
	if name := metrics.SegmenterOf(signature); name != "" && !strings.HasPrefix(name, metrics.PublishedSegmenter) {
		return Counted{name}, true
	}
	return c, metrics.CountsModelPieces(signature)
}

// Sentence is the note of it.
func (c Counted) Sentence(title string) string {
	if c.Segmenter == "" {
		return title + ": counted in the pieces of the model's own tokenizer: the number compares with those of the same tokenizer alone"
	}
	return fmt.Sprintf("%s: counted in words of %s, the published column in those of %s: another number", title, c.Segmenter, metrics.PublishedSegmenter)
}

// dataNotes names the data files of a state, each once a task.
func dataNotes(r Run, state, format string) []Note {
	var notes []Note
	for _, s := range r.Scores {
		l := noteList{task: s.Task}
		for _, f := range s.Data {
			if f.State == state {
				rows := ""
				if f.Rows != f.ExpectedRows {
					rows = ": " + strconv.Itoa(f.Rows) + " records in place of " + strconv.Itoa(f.ExpectedRows)
				}
				l.add(format, s.Name(), f.Path, rows)
			}
		}
		notes = append(notes, l.notes...)
	}
	return notes
}
