package compare

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// faithful is a run whose every number is the printed one.
func faithful(t *testing.T, alias string) (results.Run, published.Table, published.Row) {
	t.Helper()
	p := published.Swallow2023()
	for _, m := range p.Models {
		if m.Alias != alias {
			continue
		}
		run := results.Run{Profile: p.Name, Model: results.Model{Name: alias}}
		for i, task := range p.Tasks {
			v := m.Scores[i]
			if task.Counted {
				v = float64(p.Counts(v, task.N)[0]) / float64(task.N)
			}
			run.Scores = append(run.Scores, results.Score{
				Task: task.Name, Shots: task.Shots, N: task.N, Total: task.N,
				Values: []results.Value{{Metric: "m", Value: 100 * v, Max: 100}},
			})
		}
		return run, p, m
	}
	t.Fatalf("no model %s", alias)
	return results.Run{}, p, published.Row{}
}

func TestTheTablesAgreeWithThemselves(t *testing.T) {
	for _, model := range published.Swallow2023().Models {
		run, p, m := faithful(t, model.Alias)
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		require.Len(t, r.Cells, 14)
		for _, c := range r.Cells {
			assert.Equal(t, "exact", c.Verdict, "%s %s", model.Title, c.Title)
			if c.Documents != nil {
				assert.Zero(t, *c.Documents)
			}
		}
	}
}

func TestDistances(t *testing.T) {
	for _, c := range []struct {
		task    string
		shift   float64 // in documents for counts, in table points else
		verdict string
	}{
		// Three roots of 2 % of the documents, by hand: 14.2 of 1119, 6.7 of 250, 42.5 of 10042, 56.8 of 17944, 6.0 of 198.
		{"jcommonsenseqa", 1, "near"}, {"jcommonsenseqa", -14, "near"}, {"jcommonsenseqa", 15, "off"},
		{"mgsm", 6, "near"}, {"mgsm", -7, "off"},
		{"hellaswag", 42, "near"}, {"hellaswag", 43, "off"},
		{"triviaqa", 1, "exact"}, {"triviaqa", 2, "near"}, // two counts round to the printed value
		{"triviaqa", 57, "near"}, {"triviaqa", 89, "off"},
		{"niilc", 0.0005, "exact"}, {"niilc", -0.0006, "near"}, {"niilc", 0.0301, "near"}, {"niilc", 0.0303, "off"},
		{"xlsum", 0.0009, "exact"}, {"xlsum", 0.0034, "near"}, {"xlsum", 0.0035, "off"},
		{"wmt20-ja-en", 0.0026, "near"}, {"wmt20-ja-en", 0.0028, "off"},
	} {
		run, p, m := faithful(t, "7b")
		for i := range run.Scores {
			s := &run.Scores[i]
			if s.Task != c.task {
				continue
			}
			shift := c.shift
			if p.Tasks[i].Counted {
				shift /= float64(p.Tasks[i].N)
			}
			s.Values[0].Value += 100 * shift
		}
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		for _, cell := range r.Cells {
			if cell.Task == c.task {
				assert.Equal(t, c.verdict, cell.Verdict, "%s %v", c.task, c.shift)
			} else {
				assert.Equal(t, "exact", cell.Verdict)
			}
		}
	}
}

func TestHolesAndNotes(t *testing.T) {
	run, p, m := faithful(t, "llama2-7b")
	run.Scores[0].Values[0].Value = 1
	run.Scores[1].Hole = "no file"
	run.Scores[2].Shots = 0
	run.Scores[5].N = 20
	run.Scores[13].Data = []results.DataFile{{Path: "gsm8k/test.jsonl", State: "unpinned"}}
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	assert.Equal(t, "off", r.Cells[0].Verdict)
	assert.Contains(t, r.Cells[0].Note, "sampling")
	for i, note := range map[int]string{1: "no file", 2: "0 shots", 5: "20 documents"} {
		assert.Equal(t, "hole", r.Cells[i].Verdict)
		assert.Contains(t, r.Cells[i].Note, note)
	}
	assert.Contains(t, r.Cells[13].Note, "not the pinned original")
}

func TestIncomparable(t *testing.T) {
	run, p, m := faithful(t, "7b")
	run.Profile = "swallow-2024"
	_, err := WithPublished(run, p, m)
	assert.ErrorIs(t, err, ErrIncomparable)
	_, err = WithPublished(results.Run{Profile: p.Name}, p, m)
	assert.ErrorIs(t, err, ErrIncomparable)
}

// What is known of a cell explains a bounded number of documents: 31 of JCommonsenseQA's 1119.
func TestKnownDeviationsAreBounded(t *testing.T) {
	for apart, want := range map[int]string{25: "known: Meta's", 32: ""} {
		run, p, m := faithful(t, "llama2-7b")
		run.Scores[0].Values[0].Value += 100 * float64(apart) / 1119
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		if apart == 32 {
			run.Scores[0].Values[0].Value += 100 * 3.0 / 1119
			r, err = WithPublished(run, p, m)
			require.NoError(t, err)
			want = "35 documents apart; what is known of the cell explains 32 at most"
		}
		assert.Equal(t, "off", r.Cells[0].Verdict)
		assert.Contains(t, r.Cells[0].Note, want)
	}
}

// Words of another segmenter are another number.
func TestTheSignatureIsPartOfTheReference(t *testing.T) {
	for signature, verdict := range map[string]string{
		"": "exact", "nrefs:1|tok:nagisa-0.2.x+13a|smooth:exp": "exact", "nrefs:1|tok:char+13a|smooth:exp": "hole", "nrefs:1|smooth:exp": "hole",
	} {
		run, p, m := faithful(t, "7b")
		for i := range run.Scores {
			run.Scores[i].Values[0].Signature = signature
		}
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		for _, c := range r.Cells {
			if c.Task == "wmt20-en-ja" {
				assert.Equal(t, verdict, c.Verdict, signature)
				assert.Equal(t, verdict == "hole" || signature == "", c.Note != "", c.Note)
				assert.Equal(t, signature == "", strings.HasPrefix(c.Note, "the file does not say whose words it counts"), c.Note)
			} else {
				assert.Equal(t, "exact", c.Verdict)
			}
		}
	}
}

// A manifest that its samples contradict is no number.
func TestVouched(t *testing.T) {
	d := fakeRun("A", flipped(make([]bool, 40), false, 10))
	same, alone := d.Vouched(func(string, string) (metrics.Metric, bool) { return metrics.Accuracy("acc"), true })
	assert.Equal(t, d.Run.Scores, same.Run.Scores)
	assert.Empty(t, alone)
	for want, change := range map[string]func(*results.Score){
		"1000 documents are recorded, its samples hold 40": func(s *results.Score) { s.N = 1000 },
		"0.5 recorded and 0.25 from its samples":           func(s *results.Score) { s.Values[0].Value = 0.5 },
	} {
		edited := fakeRun("A", flipped(make([]bool, 40), false, 10))
		change(&edited.Run.Scores[0])
		got, _ := edited.Vouched(func(string, string) (metrics.Metric, bool) { return metrics.Accuracy("acc"), true })
		assert.Contains(t, got.Run.Scores[0].Hole, want)
		assert.Empty(t, got.Run.Scores[0].Values)
	}
	d.Samples = nil
	_, alone = d.Vouched(nil)
	assert.Equal(t, []string{"fake"}, alone)
}

// TestNoTaskIsLeftOut: what the table does not have is there with the run's number, and changes no other cell; a run of a
// profile that the table serves belongs beside it; a table prints the number that it names.
func TestNoTaskIsLeftOut(t *testing.T) {
	run, p, m := faithful(t, "7b")
	run.Scores = append(run.Scores, results.Score{Task: "quux", Shots: 3, N: 9, Values: []results.Value{{Metric: "m", Value: 50, Max: 100}}})
	run.Profile, p.Also = "swallow-other", []string{"swallow-other"}
	run.Scores[0].Values = append([]results.Value{{Metric: "other", Value: 1, Max: 100}}, run.Scores[0].Values...)
	p.Tasks[0].Metric, p.Tasks[1].Metric = "m", "absent"
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	require.Len(t, r.Cells, 15)
	last := r.Cells[14]
	assert.Equal(t, Distance{Task: "quux", Title: "quux", Shots: 3, N: 9, Ours: 0.5, Verdict: "no column", NoColumn: true, Note: "the table has no such column"}, last)
	assert.Equal(t, "exact", r.Cells[0].Verdict, "the number that the table names")
	assert.Equal(t, "hole", r.Cells[1].Verdict)
	assert.Contains(t, r.Cells[1].Note, "the table's number is absent, the run has none of that name")
	assert.Equal(t, "exact", r.Cells[2].Verdict)
	p.Also = nil
	_, err = WithPublished(run, p, m)
	require.ErrorContains(t, err, "the run's profile is swallow-other, the table swallow-2023 has numbers of swallow-2023")
}

// TestFloor: as near as the team's own runs are to each other is said of every cell, beside what is near: 0.002, and 0.01 in
// MGSM, JEMHopQA and the sampled columns of code, to what a printed value may be rounded by.
func TestFloor(t *testing.T) {
	for _, p := range published.All() {
		for _, c := range p.Tasks {
			want := 0.002
			if c.Name == "mgsm" || c.Name == "jemhopqa" || strings.HasSuffix(c.Name, "humaneval") { // what is sampled moves
				want = 0.01
			}
			assert.Equal(t, want, c.Floor, "%s %s", p.Name, c.Name)
		}
	}
	for apart, want := range map[float64]bool{0: true, 0.00204: true, 0.00206: false, -0.00204: true, -0.00206: false} {
		run, p, m := faithful(t, "7b")
		run.Scores[3].Values[0].Value = 100 * (m.Scores[3] + apart) // JSQuAD
		run.Scores[1].Values[0].Value = 100 * (m.Scores[1] + 4*apart)
		r, err := WithPublished(run, p, m)
		require.NoError(t, err)
		assert.Equal(t, want, r.Cells[3].WithinFloor, "%v", apart)
		assert.True(t, r.Cells[1].WithinFloor, "JEMHopQA")
		word := map[bool]string{true: "within 0.002", false: "beyond 0.002"}[want]
		assert.Equal(t, word, r.Report().Rows[3][6])
		assert.Equal(t, "within 0.01", r.Report().Rows[1][6])
	}
	run, p, m := faithful(t, "7b")
	run.Scores[3].Hole, run.Scores[3].Values = "none", nil
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	assert.Empty(t, r.Report().Rows[3][6], "of a hole nothing is said")
}

// TestExitCodeOfAReference: a hole is worse than a cell that is off, which counts with the gate alone; a column that the run's kind
// does not have is neither.
func TestExitCodeOfAReference(t *testing.T) {
	off, hole := Distance{Title: "Off", Verdict: "off"}, Distance{Title: "Hole", Verdict: "hole"}
	none := Distance{Title: "None", Verdict: "hole", NoColumn: true}
	for _, c := range []struct {
		cells []Distance
		gate  bool
		code  int
		cause string
	}{
		{[]Distance{{Verdict: "exact"}, none}, true, exitcode.OK, ""},
		{[]Distance{off}, false, exitcode.OK, ""},
		{[]Distance{off, off}, true, exitcode.Gate, "off the published table: Off, Off"},
		{[]Distance{hole, none}, false, exitcode.Incomplete, "nothing to compare for Hole"},
		{[]Distance{off, hole}, true, exitcode.Incomplete, "nothing to compare for Hole; off the published table: Off"},
	} {
		code, cause := Reference{Cells: c.cells}.ExitCode(c.gate)
		assert.Equal(t, c.code, code, c.cause)
		assert.Equal(t, c.cause, cause)
	}
}

// TestThreeDigits: a run whose every number rounds to the leaderboard's is exact, one that rounds to another is not.
func TestThreeDigits(t *testing.T) {
	p := published.Leaderboard1()
	m := p.Models[0]
	run := results.Run{Profile: "swallow-202411", Model: results.Model{Name: m.HubID}}
	for i, task := range p.Tasks {
		v := m.Scores[i]
		if task.Counted {
			counts := p.Counts(v, task.Answers())
			v = float64(counts[len(counts)-1]) / float64(task.Answers())
		} else {
			v += 0.0004
		}
		values := []results.Value{{Metric: "m", Value: 100 * v, Max: 100}}
		if task.Metric != "" {
			values = append(values, results.Value{Metric: task.Metric, Value: 100 * v, Max: 100})
		}
		run.Scores = append(run.Scores, results.Score{Task: task.Name, Shots: task.Shots, N: task.N, Total: task.N, Values: values})
	}
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	require.Len(t, r.Cells, 20)
	for _, c := range r.Cells {
		assert.Equal(t, "exact", c.Verdict, c.Task)
		assert.True(t, c.WithinFloor, c.Task)
		assert.Equal(t, 3, c.Digits)
	}
	assert.Equal(t, "0.922", r.Report().Rows[0][4])
	// A table's name is not called that of a profile, but where it was before.
	assert.Equal(t, "fidelity: "+m.HubID+" beside "+m.Title+", table "+p.Name, r.Report().Title[0])
	assert.Subset(t, r.Report().Properties, [][2]string{{"table", p.Name}, {"profile", p.Name}})
	content, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Contains(t, string(content), `"table":"`+p.Name+`","profile":"`+p.Name+`"`)
	run.Scores[0].Values[0].Value = 100 * (m.Scores[0] + 0.003)
	run.Scores[1].Values[0].Value = 100 * (m.Scores[1] + 0.0011)
	r, err = WithPublished(run, p, m)
	require.NoError(t, err)
	assert.Equal(t, []string{"near", "near"}, []string{r.Cells[0].Verdict, r.Cells[1].Verdict})
}

// TestRowsWithHoles: a number that the table does not have is no column for that model, and nothing to gate.
func TestRowsWithHoles(t *testing.T) {
	p := published.Leaderboard1()
	m, err := p.RowOf("x", "gpt-4-0613")
	require.NoError(t, err)
	run := results.Run{Profile: "swallow-202411", Scores: []results.Score{
		{Task: "jcommonsenseqa", Shots: 4, N: 1119, Values: []results.Value{{Value: 96.6, Max: 100}}},
		{Task: "gsm8k", Shots: 4, N: 1319, Values: []results.Value{{Value: 50, Max: 100}}},
	}}
	r, err := WithPublished(run, p, m)
	require.NoError(t, err)
	assert.Equal(t, "no column", r.Cells[1].Verdict)
	assert.Equal(t, "GSM8K", r.Cells[1].Title)
	assert.Equal(t, "the table has no number for the model", r.Cells[1].Note)
	code, _ := r.ExitCode(true)
	assert.Zero(t, code)
	content, err := json.Marshal(r)
	require.NoError(t, err)
	var back struct{ Cells []map[string]any }
	require.NoError(t, json.Unmarshal(content, &back))
	assert.Equal(t, []any{0.966, 0.966, 3.0, true}, []any{back.Cells[0]["ours"], back.Cells[0]["published"], back.Cells[0]["digits"], back.Cells[0]["within_floor"]})
	assert.Equal(t, []any{0.5, nil, nil, nil, nil}, []any{back.Cells[1]["ours"], back.Cells[1]["published"], back.Cells[1]["digits"], back.Cells[1]["documents_apart"], back.Cells[1]["within_floor"]})
	records := r.Report().Records
	assert.Equal(t, []string{"no column", "the table has no number for the model", "", "", "", ""}, records[1][7:])
	assert.NotContains(t, records[0][9:], "")

	run.Scores = run.Scores[:1]
	run.Scores[0].Values, run.Scores[0].Hole = nil, "not run"
	r, err = WithPublished(run, p, m)
	require.NoError(t, err)
	content, err = json.Marshal(r.Cells[0])
	require.NoError(t, err)
	assert.Contains(t, string(content), `"ours":null,"published":0.966,"digits":3`)
}
