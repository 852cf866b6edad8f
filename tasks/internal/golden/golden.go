// Package golden compares tasks with what the reference harnesses really asked. It is imported by tests only.
package golden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Record is one line of the recorded prompts: a document's requests at one number of shots.
type Record struct {
	Shots    int `json:"shots"`
	Position int `json:"position"`
	// Subject is the part of the benchmark within which Position and DocID count; "" for a whole one.
	Subject string          `json:"subject"`
	DocID   json.RawMessage `json:"doc_id"`
	// Prompt, MaxNewTokens and TargetRaw are llm-jp-eval's, Requests the harnesses'.
	Prompt       string    `json:"prompt"`
	MaxNewTokens int       `json:"max_new_tokens"`
	TargetRaw    string    `json:"target_raw"`
	Requests     []Request `json:"requests"`
	// Target is a string, a number or an object, by task.
	Target json.RawMessage `json:"target"`
	// FewshotRows are the rows of the examples.
	FewshotRows []int64 `json:"fewshot_rows"`
	// Tokenizer and MaxLength say under what the prompt was fitted; ContextError what the reference failed with.
	Tokenizer    string `json:"tokenizer"`
	MaxLength    int    `json:"max_length"`
	ContextError string `json:"context_error"`
	// Truncated says whether the prompt was shortened.
	Truncated bool `json:"truncated"`
}

// Request is one recorded request.
type Request struct {
	Kind         string   `json:"kind"`
	Context      *string  `json:"context"`
	Continuation string   `json:"continuation"`
	Until        []string `json:"until"`
	MaxGenToks   int      `json:"max_gen_toks"`
}

// Records reads a file of recorded prompts.
func Records(t testing.TB, name string) []Record {
	t.Helper()
	return recordsOf(t, "goldens/prompts/"+name+".jsonl.gz")
}

// Later reads a file of recorded prompts of the profile swallow-202411.
func Later(t testing.TB, name string) []Record {
	t.Helper()
	return recordsOf(t, "goldens/swallow-202411/prompts/"+name+".jsonl.gz")
}

func recordsOf(t testing.TB, file string) []Record {
	t.Helper()
	var all []Record
	for _, line := range shared.Lines(t, file) {
		var r Record
		require.NoError(t, json.Unmarshal(line, &r))
		all = append(all, r)
	}
	require.NotEmpty(t, all)
	return all
}

// Requests compares every recorded request of a task with the task's own and returns how many documents it compared.
func Requests(t *testing.T, task tasks.Task, src tasks.Source, records []Record, b tasks.Budget) int {
	t.Helper()
	byShots := map[int][]tasks.Doc{}
	for _, rec := range records {
		docs, ok := byShots[rec.Shots]
		if !ok {
			var err error
			docs, err = task.Docs(src, rec.Shots, b)
			require.NoError(t, err)
			byShots[rec.Shots] = docs
		}
		require.Less(t, rec.Position, len(docs))
		d := docs[rec.Position]
		id, err := json.Marshal(d.ID)
		require.NoError(t, err)
		require.JSONEq(t, string(rec.DocID), string(id), "shots %d position %d", rec.Shots, rec.Position)
		checkShots(t, rec, d)
		checkRequests(t, rec, d, task.Requests(d, b))
		checkTarget(t, rec, d)
	}
	t.Logf("%s: %d recorded documents compared", task.Spec().Name, len(records))
	return len(records)
}

func checkShots(t *testing.T, rec Record, d tasks.Doc) {
	t.Helper()
	if rec.FewshotRows == nil {
		return
	}
	require.Len(t, d.Shots, len(rec.FewshotRows))
	for i, row := range rec.FewshotRows {
		require.Equal(t, tasks.RowID(row), d.Shots[i].ID)
	}
}

func checkRequests(t *testing.T, rec Record, d tasks.Doc, got []tasks.Request) {
	t.Helper()
	require.Equal(t, rec.ContextError != "", d.Fault != "", "shots %d position %d: fault %q", rec.Shots, rec.Position, d.Fault)
	if rec.Requests == nil {
		require.Len(t, got, 1)
		want := tasks.Request{Kind: tasks.Generate, Protocol: got[0].Protocol, Prompt: rec.Prompt, MaxTokens: rec.MaxNewTokens}
		require.Equal(t, want, got[0], "shots %d position %d", rec.Shots, rec.Position)
		return
	}
	require.Len(t, got, len(rec.Requests))
	for i, r := range rec.Requests {
		want := tasks.Request{
			Kind: tasks.Kind(r.Kind), Protocol: got[i].Protocol, Continuation: r.Continuation, Stop: r.Until, MaxTokens: r.MaxGenToks,
		}
		if r.Context == nil { // the reference failed; the task says what it asks instead
			want.Prompt = got[i].Prompt
		} else {
			want.Prompt = *r.Context
		}
		require.Equal(t, want, got[i], "shots %d position %d request %d", rec.Shots, rec.Position, i)
	}
}

func checkTarget(t *testing.T, rec Record, d tasks.Doc) {
	t.Helper()
	if rec.TargetRaw != "" {
		var target string
		require.NoError(t, json.Unmarshal(rec.Target, &target))
		require.Equal(t, []string{target}, d.Targets)
		require.Equal(t, rec.TargetRaw, d.Target)
		return
	}
	var object struct {
		Text string `json:"target_text"`
	}
	if json.Unmarshal(rec.Target, &object) == nil {
		require.Equal(t, object.Text, d.Target)
		return
	}
	var text string
	if json.Unmarshal(rec.Target, &text) != nil {
		text = string(rec.Target) // a number
	}
	require.Equal(t, []string{text}, d.Targets)
}

// CodePoints is a tokenizer whose tokens are code points, with a window of that many.
type CodePoints int

// Count is the number of code points.
func (CodePoints) Count(text string) int { return utf8.RuneCountInString(text) }

// Cut returns the first n code points.
func (CodePoints) Cut(text string, n int) string {
	return string([]rune(text)[:min(n, utf8.RuneCountInString(text))])
}

// Window is the number itself.
func (c CodePoints) Window() int { return int(c) }

// EOS is Llama's.
func (CodePoints) EOS() string { return "</s>" }

// JSQuADFolder is a data folder with JSQuAD's documents and an invented training file of as many records as the official one.
func JSQuADFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	below := filepath.Join(dir, "jglue", "jsquad-v1.1")
	require.NoError(t, os.MkdirAll(below, 0o755))
	for from, to := range map[string]string{"valid-v1.1.json": "valid-v1.1.json", "synthetic.train-v1.1.json.gz": "train-v1.1.json.gz"} {
		require.NoError(t, os.Symlink(shared.Path(t, "data/jglue/jsquad-v1.1/"+from), filepath.Join(below, to)))
	}
	return dir
}

// SubjectRequests is Requests for a benchmark of several parts, whose documents are recorded part by part.
func SubjectRequests(t *testing.T, task tasks.Task, src tasks.Source, records []Record) {
	t.Helper()
	docs, err := task.Docs(src, task.Spec().Shots, tasks.Unlimited{})
	require.NoError(t, err)
	bySubject := map[string][]tasks.Doc{}
	for _, d := range docs {
		bySubject[d.Subject] = append(bySubject[d.Subject], d)
	}
	seen := map[string]bool{}
	for _, rec := range records {
		require.Less(t, rec.Position, len(bySubject[rec.Subject]), rec.Subject)
		d := bySubject[rec.Subject][rec.Position]
		require.Equal(t, fmt.Sprintf("%s-%s", rec.Subject, rec.DocID), d.ID.String())
		checkRequests(t, rec, d, task.Requests(d, tasks.Unlimited{}))
		var target struct {
			Gold   *int   `json:"gold"`
			Text   string `json:"target_text"`
			Target string `json:"target"`
		}
		require.NoError(t, json.Unmarshal(rec.Target, &target))
		if target.Gold != nil {
			require.Equal(t, []string{strconv.Itoa(*target.Gold)}, d.Targets)
			require.Equal(t, target.Text, d.Target)
		} else {
			require.Equal(t, []string{target.Target}, d.Targets)
		}
		seen[rec.Subject] = true
	}
	require.Len(t, seen, len(bySubject), "every subject")
}

// Field is a member of a recorded target that is a text.
func Field(t testing.TB, target json.RawMessage, name string) string {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal(target, &members))
	text, ok := members[name].(string)
	require.True(t, ok, name)
	return text
}

// Position is the number that a document of a data set without identifiers is known by.
func Position(t testing.TB, id tasks.DocID) int {
	t.Helper()
	n, err := strconv.Atoi(id.String())
	require.NoError(t, err)
	return n
}
