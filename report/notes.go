package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// note is a sentence without which a number would be misread: a word of the dictionary with its arguments. They are the
// notes of results.Notes, which knows one language.
type note struct {
	Key string `json:"key"`
	// Task is the task it belongs to, "" for the whole run.
	Task string   `json:"task,omitempty"`
	Args []string `json:"args"`
}

func notesOf(r results.Run) []note {
	notes := []note{}
	add := func(task, key string, args ...any) {
		n := note{Key: "note." + key, Task: task, Args: []string{}}
		for _, a := range args {
			n.Args = append(n.Args, fmt.Sprint(a))
		}
		notes = append(notes, n)
	}
	switch r.Status {
	case "interrupted":
		add("", "interrupted")
	case "incomplete":
		add("", "incomplete")
	}
	if r.InventedData != "" {
		add("", "invented", r.InventedData)
	}
	if r.Limit != "" {
		add("", "limit", r.Limit)
	}
	if r.Samples {
		add("", "samples")
	}
	if r.ShotsOverride != nil {
		add("", "shots", *r.ShotsOverride)
	}
	addModel(r.Model, add)
	for _, s := range r.Scores {
		addScore(r, s, add)
	}
	return notes
}

// addScore adds what is to be said of one score.
func addScore(r results.Run, s results.Score, add func(task, key string, args ...any)) {
	c := s.Cuts
	if s.Hole != "" {
		add(s.Task, "hole", s.Name(), s.Hole)
	}
	switch counted, ok := results.CountedIn(s); {
	case ok && counted.Segmenter != "":
		add(s.Task, "segmenter", s.Name(), counted.Segmenter, metrics.PublishedSegmenter)
	case ok:
		add(s.Task, "pieces", s.Name())
	}
	if c.FewerShotsDocs > 0 {
		add(s.Task, "fewer_shots", s.Name(), c.FewerShotsDocs, s.N, s.Shots, r.Model.Window)
	}
	if c.FaultDocs > 0 {
		add(s.Task, "fault", s.Name(), c.FaultDocs, s.N, c.Fault)
	}
	if c.DroppedDocs > 0 {
		add(s.Task, "dropped", s.Name(), c.DroppedDocs, s.N, r.Model.Window, c.DroppedTokens)
	}
	if c.LostDocs > 0 {
		add(s.Task, "lost", s.Name(), c.LostDocs, s.N)
	}
	if c.PastWindowDocs > 0 {
		add(s.Task, "past_window", s.Name(), c.PastWindowDocs, s.N, r.Model.Window)
	}
	for _, f := range s.Data {
		rows := ""
		if f.Rows != f.ExpectedRows {
			rows = strconv.Itoa(f.Rows) + "/" + strconv.Itoa(f.ExpectedRows)
		}
		switch {
		case f.State == "unpinned" && r.AllowUnpinnedData:
			add(s.Task, "unpinned", s.Name(), f.Path, rows)
		case f.State == "stand-in":
			add(s.Task, "stand_in", s.Name(), f.Path, rows)
		}
	}
}

// addModel adds what results.ModelNotes and results.GenerationNote say.
func addModel(m results.Model, add func(task, key string, args ...any)) {
	if results.QuantisationNote(m) != "" {
		add("", "quantised", strings.ToUpper(m.StoredDType))
	}
	if results.AdapterNote(m) != "" {
		add("", "adapter", m.Adapter.Name)
	}
	if results.ArithmeticNote(m) != "" {
		add("", "lossy", m.DType)
	}
	if results.VocabularyNote(m) != "" {
		add("", "vocabulary", m.Vocabulary-m.Pieces, m.Vocabulary, m.Pieces)
	}
	if results.IgnoredNote(m) != "" {
		add("", "ignored", strings.Join(m.IgnoredConfig, ", "))
	}
	if results.ServerNote(m) != "" {
		add("", "server", m.Server.Dialect)
	}
	if n := results.GenerationNote(m.Generation); n != "" {
		add("", "generation", n)
	}
}
