package report

import (
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// note is a sentence without which a number would be misread: a word of the dictionary with its arguments.
type note struct {
	Key string `json:"key"`
	// Task is the task it belongs to, "" for the whole run.
	Task string   `json:"task,omitempty"`
	Args []string `json:"args"`
}

// notePrefix begins the keys of notes.Sentences in the dictionary.
const notePrefix = "note."

// notesOf are the notes of results, and one on a failed task, which elsewhere the task's hole and the exit code tell.
func notesOf(r results.Run) []note {
	list := []note{}
	if r.Status == "incomplete" {
		list = append(list, note{Key: notePrefix + "incomplete", Args: []string{}})
	}
	for _, n := range notes.ByTask(r) {
		list = append(list, note{notePrefix + n.Key, n.Task, n.Args})
	}
	return list
}
