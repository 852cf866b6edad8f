package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

// TestCarriedRows asks the tasks about the rows within the program.
func TestCarriedRows(t *testing.T) {
	all, err := CarriedChecks()
	require.NoError(t, err)
	var names []string
	for _, c := range all {
		differs, err := c.Check(taskOf(t, c.Profile, c.Task))
		require.NoError(t, err)
		assert.Empty(t, differs, c.Task)
		names = append(names, c.Task)
		shots := map[int]bool{}
		for _, a := range c.Asked {
			shots[a.Shots] = true
		}
		assert.True(t, shots[taskOf(t, c.Profile, c.Task).Spec().Shots], "%s: the published number of examples", c.Task)
		assert.True(t, shots[0], "%s: no examples", c.Task)
	}
	assert.Equal(t, []string{"triviaqa", "xlsum", "xwino"}, names)
}

// changed is a task with one thing wrong.
type changed struct {
	tasks.Task
	request func(*tasks.Request)
	doc     func(*tasks.Doc)
}

func (c changed) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	rs := c.Task.Requests(d, b)
	if c.request != nil {
		c.request(&rs[0])
	}
	return rs
}

func (c changed) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	docs, err := c.Task.Docs(src, shots, b)
	for i := range docs {
		if c.doc != nil {
			c.doc(&docs[i])
		}
	}
	return docs, err
}

func TestCarriedRowsNoticeWhatIsWrong(t *testing.T) {
	all, err := CarriedChecks()
	require.NoError(t, err)
	for _, c := range all {
		c.Asked = c.Asked[:1] // the rest takes as long again
		right := taskOf(t, c.Profile, c.Task)
		for want, wrong := range map[string]tasks.Task{
			"0-shot: requests differ, first at position": changed{Task: right, request: func(r *tasks.Request) { r.Prompt += " " }},
			"requests differ": changed{Task: right, request: func(r *tasks.Request) {
				if r.Stop = append(r.Stop, "."); r.Kind == tasks.LogLikelihood {
					r.Continuation += "x"
				}
			}},
			"golds differ":     changed{Task: right, doc: func(d *tasks.Doc) { d.Targets = append(slices.Clone(d.Targets), "x") }},
			"there are only 0": noDocs{right},
		} {
			differs, err := c.Check(wrong)
			require.NoError(t, err)
			assert.Contains(t, differs, want, c.Task)
		}
	}
	_, _, err = all[0].Rows("", "nothing")
	require.ErrorContains(t, err, `no split "nothing" of triviaqa`)
}

type noDocs struct{ tasks.Task }

func (noDocs) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) { return []tasks.Doc{}, nil }

// carriedChoice is how a file of carried rows is made: which of the recorded positions, which fields of the rows.
type carriedChoice struct {
	task, records  string
	source, origin string
	positions      map[int][]int // by shots
	fields         []string      // of a row, nested ones with a point
	filler         map[string]string
	tokenizer      string
}

func carriedChoices() []carriedChoice {
	en := "EleutherAI/lm-evaluation-harness at 3ccea2b"
	return []carriedChoice{
		{
			task: "triviaqa", records: "triviaqa", source: en, origin: "invented for this check",
			positions: map[int][]int{0: {5}, 8: {4801, 5333, 11195}},
			fields:    []string{"question", "question_id", "answer.value", "answer.aliases"},
			filler: map[string]string{
				"train":      `{"question":"Filler","answer":{"value":"x"}}`,
				"validation": `{"question":"Filler","question_id":"x","answer":{"value":"x","aliases":["x"]}}`,
			},
		},
		{
			task: "xwino", records: "xwino", source: en,
			origin:    "rows of the crosslingual Winograd schemas (yandex-research/crosslingual_winograd), CC BY 4.0",
			positions: map[int][]int{0: {1, 7}, 2: {5, 7}, 8: {159, 506}},
			fields:    []string{"sentence", "option1", "option2", "answer"},
			filler:    map[string]string{"test": `{"sentence":"Filler _","option1":"x","option2":"y","answer":"1"}`},
		},
		{
			task: "xlsum", records: "xlsum_synthetic", source: "Stability-AI/lm-evaluation-harness at 9b42d41", origin: "invented for this check",
			positions: map[int][]int{0: nil, 1: nil, 3: nil},
			fields:    []string{"text", "summary"}, tokenizer: "codepoint",
			filler: map[string]string{"train": `{"text":"","summary":""}`, "test": `{"text":"","summary":""}`},
		},
	}
}

// TestCarriedRowsAreTheReferences compares the files of carried rows with what the reference's code gave, and writes
// them under -update.
func TestCarriedRowsAreTheReferences(t *testing.T) {
	src := data(t)
	for _, choice := range carriedChoices() {
		made, err := json.MarshalIndent(carriedOf(t, src, choice), "", " ")
		require.NoError(t, err)
		name := "carried/" + choice.task + ".json"
		if *update {
			require.NoError(t, os.WriteFile(name, append(made, '\n'), 0o644))
		}
		kept, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, string(made)+"\n", string(kept), name)
	}
}

// carriedOf gathers the rows that the chosen positions need, and what the reference recorded for these.
func carriedOf(t *testing.T, src tasks.Source, choice carriedChoice) Carried {
	t.Helper()
	k := task(t, choice.task)
	c := Carried{Profile: "swallow-2023", Task: choice.task, Source: choice.source, Origin: choice.origin, Splits: map[string]carriedSplit{}}
	for split, filler := range choice.filler {
		_, rows, err := src.Rows(k.Spec().Dataset, split)
		require.NoError(t, err)
		c.Splits[split] = carriedSplit{len(rows), json.RawMessage(filler), map[int]json.RawMessage{}}
	}
	evaluated, pool := "validation", "train"
	if _, has := c.Splits["test"]; has {
		evaluated = "test"
	}
	if _, has := c.Splits["train"]; !has {
		pool = evaluated
	}
	built := map[int][]tasks.Doc{} // the window matters for no task's choice of documents here
	for _, rec := range choice.pick(golden.Records(t, choice.records)) {
		a := CarriedDoc{Shots: rec.Shots, Position: rec.Position, Window: rec.MaxLength}
		if built[rec.Shots] == nil {
			docs, err := k.Docs(src, rec.Shots, a.budget())
			require.NoError(t, err)
			built[rec.Shots] = docs
		}
		d := built[rec.Shots][rec.Position]
		choice.take(t, c, src, evaluated, d)
		for _, shot := range d.Shots {
			choice.take(t, c, src, pool, shot)
		}
		c.Asked = append(c.Asked, asRecorded(t, a, rec, d))
	}
	return c
}

// pick returns the chosen records in the order of shots and positions: for the positions not named, the shortest of a
// shortened prompt and of a whole one.
func (choice carriedChoice) pick(all []golden.Record) []golden.Record {
	var out []golden.Record
	for _, shots := range slices.Sorted(maps.Keys(choice.positions)) {
		if at := choice.positions[shots]; at != nil {
			for _, p := range at {
				i := slices.IndexFunc(all, func(r golden.Record) bool { return r.Shots == shots && r.Position == p })
				out = append(out, all[i])
			}
			continue
		}
		for _, truncated := range []bool{false, true} {
			best := -1
			for i, r := range all {
				if r.Shots == shots && r.Truncated == truncated && r.Tokenizer == choice.tokenizer &&
					(best < 0 || len(*r.Requests[0].Context) < len(*all[best].Requests[0].Context)) {
					best = i
				}
			}
			out = append(out, all[best])
		}
	}
	return out
}

// take keeps the row of a document.
func (choice carriedChoice) take(t *testing.T, c Carried, src tasks.Source, split string, d tasks.Doc) {
	t.Helper()
	_, rows, err := src.Rows(task(t, choice.task).Spec().Dataset, split)
	require.NoError(t, err)
	i, err := strconv.Atoi(d.ID.String())
	require.NoError(t, err)
	c.Splits[split].At[i] = project(t, rows[i], choice.fields)
}

// project keeps some fields of a row.
func project(t *testing.T, row json.RawMessage, fields []string) json.RawMessage {
	t.Helper()
	var whole map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(row, &whole))
	part, nested := map[string]any{}, map[string][]string{}
	for _, f := range fields {
		outer, inner, isNested := strings.Cut(f, ".")
		if isNested {
			nested[outer] = append(nested[outer], inner)
		} else {
			part[f] = whole[f]
		}
	}
	for outer, inner := range nested {
		part[outer] = project(t, whole[outer], inner)
	}
	text, err := json.Marshal(part)
	require.NoError(t, err)
	return text
}

// asRecorded fills in what the reference recorded: its requests, its target, its golds.
func asRecorded(t *testing.T, a CarriedDoc, rec golden.Record, d tasks.Doc) CarriedDoc {
	t.Helper()
	digest := tasks.NewDigest()
	for _, r := range rec.Requests {
		digest.Add(tasks.Request{Kind: tasks.Kind(r.Kind), Prompt: *r.Context, Continuation: r.Continuation, Stop: r.Until, MaxTokens: r.MaxGenToks})
	}
	a.Digest = digest.String()
	var object struct {
		Text    string   `json:"target_text"`
		Aliases []string `json:"aliases"`
		Answer  string   `json:"answer"`
	}
	switch {
	case json.Unmarshal(rec.Target, &object) != nil:
		require.NoError(t, json.Unmarshal(rec.Target, &a.Target))
		a.Golds = []string{a.Target}
	case object.Aliases != nil:
		a.Target, a.Golds = object.Text, object.Aliases
	default: // XWINO counts its answers from 1
		n, err := strconv.Atoi(object.Answer)
		require.NoError(t, err)
		a.Target, a.Golds = object.Text, []string{fmt.Sprint(n - 1)}
	}
	require.Equal(t, a.Golds, d.Targets)
	return a
}
