package eval

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// sums is a task of n small additions with two requests each: one generated, one scored.
type sums struct {
	name, reference string
	protocol        tasks.Protocol
	n               int
	broken          string
	parted          bool
}

func (s sums) Spec() tasks.Spec {
	return tasks.Spec{
		Name: s.name, Reference: s.reference, Title: strings.ToUpper(s.name), Language: "en", Shots: 1, Version: "0",
		Protocol: s.protocol, Parted: s.parted, Metrics: []metrics.Metric{metrics.Accuracy("acc"), metrics.Accuracy("greedy")},
	}
}

func (s sums) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	if s.broken != "" {
		return nil, errors.New(s.broken)
	}
	if _, _, err := src.Rows("sums", "test"); err != nil {
		return nil, err
	}
	var docs []tasks.Doc
	for i := range s.n {
		d := tasks.Doc{ID: tasks.RowID(int64(i)), Input: fmt.Sprintf("%d+1=", i), Target: strconv.Itoa(i + 1), Targets: []string{strconv.Itoa(i + 1)}}
		if s.parted {
			d.Subject = []string{"even", "odd"}[i%2]
			d.ID = tasks.TextID(d.Subject + "-" + strconv.Itoa(i/2))
		}
		if i == 3 {
			d.Fault = "the reference divides by zero"
		}
		for k := range shots {
			d.Shots = append(d.Shots, tasks.Doc{ID: tasks.TextID("s" + strconv.Itoa(k))})
		}
		docs = append(docs, d)
	}
	return docs, nil
}

func (s sums) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{
		{Kind: tasks.Generate, Protocol: s.protocol, Prompt: d.Input, Stop: []string{"\n"}, MaxTokens: 4},
		{Kind: tasks.LogLikelihood, Protocol: s.protocol, Prompt: d.Input, Continuation: d.Target},
	}
}

func (s sums) Outputs(d tasks.Doc, rs []tasks.Response) []string {
	if s.parted { // as a benchmark whose metrics are over some of its parts
		return []string{rs[0].Text, rs[0].Text + d.Subject}
	}
	return []string{rs[0].Text, rs[0].Text + strconv.FormatBool(rs[1].Greedy)}
}

// oracle adds correctly where the first number is even, in an order of its own.
type oracle struct {
	order  *rand.Rand
	failAt string
	calls  int
	cancel context.CancelFunc
}

func (*oracle) Count(s string) int         { return len(s) }
func (*oracle) Cut(s string, n int) string { return s[:min(n, len(s))] }
func (*oracle) Window() int                { return 4 }
func (*oracle) EOS() string                { return "</s>" }
func (o *oracle) Budget() tasks.Budget     { return o }
func (*oracle) Identity() results.Model    { return results.Model{Name: "oracle", Window: 4} }
func (o *oracle) answer(q tasks.Request) tasks.Response {
	n, err := strconv.Atoi(strings.TrimSuffix(q.Prompt, "+1="))
	if err != nil {
		panic(err)
	}
	r := tasks.Response{PromptTokens: len(q.Prompt), OutputTokens: 1, Dropped: max(0, len(q.Prompt)-4), Greedy: n%2 == 0}
	if n%2 == 0 {
		r.Text = strconv.Itoa(n + 1)
	}
	return r
}

func (o *oracle) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for _, i := range o.order.Perm(len(qs)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.failAt != "" && qs[i].Prompt == o.failAt {
			return &RequestError{i, errors.New("the logits are not finite")}
		}
		o.calls++
		if o.cancel != nil && o.calls == 9 {
			o.cancel()
		}
		if err := done(i, o.answer(qs[i])); err != nil {
			return err
		}
	}
	return nil
}

// memory keeps what a run writes.
type memory struct {
	files   map[string]*bytes.Buffer
	ended   map[string]string
	failing bool
}

type memoryFile struct {
	m    *memory
	name string
}

func (f memoryFile) Write(b []byte) (int, error) {
	if f.m.failing {
		return 0, errors.New("no space left on device")
	}
	return f.m.files[f.name].Write(b)
}
func (f memoryFile) Name() string { return "samples_" + f.name + ".jsonl" }
func (f memoryFile) Keep() error  { f.m.ended[f.name] = "keep"; return nil }

func (f memoryFile) Commit(digest string) error {
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256(f.m.files[f.name].Bytes())); digest != want {
		return fmt.Errorf("%s has the digest %s, not %s", f.name, want, digest)
	}
	f.m.ended[f.name] = "commit"
	return nil
}

func (m *memory) open(task string) (SampleFile, error) {
	m.files[task] = &bytes.Buffer{}
	return memoryFile{m, task}, nil
}

type rows struct{}

func (rows) Rows(string, string) (string, []json.RawMessage, error) { return "sums.jsonl", nil, nil }
func (rows) Files() []results.DataFile                              { return []results.DataFile{{Dataset: "sums"}} }

type silent struct{}

func (silent) Begin(string, int, int) {}
func (silent) Answered(int)           {}
func (silent) End(results.Score)      {}

func setup(ts ...tasks.Task) (*memory, Options) {
	m := &memory{files: map[string]*bytes.Buffer{}, ended: map[string]string{}}
	return m, Options{
		Profile: tasks.Profile{Name: "test"}, Tasks: ts, Source: func() Source { return rows{} }, Open: m.open, Progress: silent{},
		Now: func() time.Time { return time.Unix(1e9, 0) },
	}
}

func newOracle(seed uint64) *oracle { return &oracle{order: rand.New(rand.NewPCG(seed, 0))} }

func TestOrderOfAnswersDoesNotMatter(t *testing.T) {
	var first string
	for seed := range uint64(5) {
		m, o := setup(sums{name: "sums", n: 21})
		run, err := Run(context.Background(), newOracle(seed), o)
		require.NoError(t, err)
		samples := m.files["sums"].String()
		if seed == 0 {
			first = samples
			require.Equal(t, 21, strings.Count(samples, "\n"))
		}
		assert.Equal(t, first, samples)
		s := run.Scores[0]
		assert.Equal(t, "complete", run.Status)
		assert.Equal(t, "samples_sums.jsonl", s.SamplesFile)
		assert.InDelta(t, 11.0/21, s.Values[0].Value, 1e-15)
		assert.NotNil(t, s.Values[0].StdErr)
		assert.Equal(t, 0.0, s.Values[1].Value, "the second metric scores the second output")
		assert.Equal(t, results.Cuts{DroppedDocs: 11, DroppedTokens: 22, FaultDocs: 1, Fault: "the reference divides by zero"}, s.Cuts)
		assert.Equal(t, "commit", m.ended["sums"])
		assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, s.PromptsDigest)
		golds := tasks.NewGoldsDigest()
		docs, err := o.Tasks[0].Docs(rows{}, 0, nil)
		require.NoError(t, err)
		for _, d := range docs {
			golds.Add(d)
		}
		assert.Equal(t, golds.String(), s.GoldsDigest)
		assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, s.SamplesDigest)
	}
}

func TestSamplesComeInDocumentOrder(t *testing.T) {
	m, o := setup(sums{name: "sums", n: 12})
	_, err := Run(context.Background(), newOracle(7), o)
	require.NoError(t, err)
	at := 0
	require.NoError(t, results.ReadSamples("s", m.files["sums"], func(s results.Sample) error {
		assert.Equal(t, at, s.Position)
		at++
		return nil
	}))
	assert.Equal(t, 12, at)
}

func TestRescoreFindsTheSameNumbers(t *testing.T) {
	task := sums{name: "sums", n: 12}
	m, o := setup(task)
	run, err := Run(context.Background(), newOracle(7), o)
	require.NoError(t, err)
	find := func(string) (tasks.Task, error) { return task, nil }
	text := m.files["sums"].String()
	again, err := Rescore("s", strings.NewReader(text), find)
	require.NoError(t, err)
	assert.Equal(t, run.Scores[0].Values, again.Values)
	assert.Empty(t, again.Changed)

	forged := strings.Replace(text, `"output":"1"`, `"output":"9"`, 1)
	again, err = Rescore("s", strings.NewReader(forged), find)
	require.NoError(t, err)
	require.Len(t, again.Changed, 1)
	assert.Equal(t, run.Scores[0].Values, again.Values, "scores come from the answers, not from what was recorded")

	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "s: no samples"},
		{"malformed line", text + "{", "s:13: unexpected end"},
		{"twice", text + text, "occurs twice"},
		{"no answer", strings.Replace(text, `"text":"1",`, "", 1), "exchange 0 has no answer"},
	} {
		_, err := Rescore("s", strings.NewReader(c.in), find)
		assert.ErrorContains(t, err, c.want, c.name)
	}
}

// TestRescoreFindsTheSubjects: metrics of parts and the parts' own numbers come back from samples, which hold identifiers alone.
func TestRescoreFindsTheSubjects(t *testing.T) {
	task := sums{name: "sums", n: 11, parted: true}
	m, o := setup(task)
	run, err := Run(context.Background(), newOracle(7), o)
	require.NoError(t, err)
	again, err := Rescore("s", m.files["sums"], func(string) (tasks.Task, error) { return task, nil })
	require.NoError(t, err)
	assert.Empty(t, again.Changed)
	require.Len(t, again.Subjects, 2)
	assert.Equal(t, run.Scores[0].Subjects, again.Subjects)
	even, odd := again.Subjects[0], again.Subjects[1]
	assert.Equal(t, []any{"even", 6, 1.0, "odd", 5, 0.0}, []any{even.Name, even.N, even.Value.Value, odd.Name, odd.N, odd.Value.Value})
}

func TestATaskThatFailsIsAHole(t *testing.T) {
	m, o := setup(sums{name: "bad", n: 3, broken: "no such file"}, sums{name: "nan", n: 9}, sums{name: "good", n: 3})
	model := newOracle(1)
	model.failAt = "7+1="
	run, err := Run(context.Background(), model, o)
	require.Error(t, err)
	assert.EqualError(t, err, "bad: no such file (and another task failed)")
	var failed TaskErrors
	require.ErrorAs(t, err, &failed)
	assert.EqualError(t, failed[1], "nan: document 7 (position 7): the logits are not finite")
	assert.Equal(t, "incomplete", run.Status)
	require.Len(t, run.Scores, 3)
	assert.Empty(t, run.Scores[0].Values)
	assert.Equal(t, "no such file", run.Scores[0].Hole)
	assert.Equal(t, "keep", m.ended["nan"])
	assert.Empty(t, run.Scores[2].Hole)
	assert.False(t, run.Complete())
}

// unscored is a task whose metric lacks something.
type unscored struct{ sums }

func (u unscored) Spec() tasks.Spec {
	s := u.sums.Spec()
	s.Metrics, s.Hole = nil, "the segmenter is missing"
	return s
}

func TestATaskWithoutMetricIsAHoleAndIsNotAsked(t *testing.T) {
	_, o := setup(unscored{sums{name: "u", n: 3}}, sums{name: "good", n: 3})
	model := newOracle(1)
	run, err := Run(context.Background(), model, o)
	require.NoError(t, err)
	assert.Equal(t, "incomplete", run.Status)
	assert.Equal(t, "the segmenter is missing", run.Scores[0].Hole)
	assert.Equal(t, 6, model.calls)
}

func TestInterruptKeepsWhatIsThere(t *testing.T) {
	m, o := setup(sums{name: "one", n: 2}, sums{name: "two", n: 50})
	model := newOracle(1)
	ctx, cancel := context.WithCancel(context.Background())
	model.cancel = cancel
	run, err := Run(ctx, model, o)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "interrupted", run.Status)
	require.Len(t, run.Scores, 1)
	assert.Equal(t, "one", run.Scores[0].Task)
	assert.Equal(t, map[string]string{"one": "commit", "two": "keep"}, m.ended)
}

func TestUnwritableSamples(t *testing.T) {
	m, o := setup(sums{name: "sums", n: 2})
	m.failing = true
	_, err := Run(context.Background(), newOracle(1), o)
	assert.ErrorContains(t, err, "no space left on device")
}

func TestChosenSamples(t *testing.T) {
	m, o := setup(sums{name: "sums", n: 9})
	o.Samples = map[string][]int{"sums": {5, 1}}
	run, err := Run(context.Background(), newOracle(1), o)
	require.NoError(t, err)
	assert.Equal(t, 2, run.Scores[0].N)
	assert.Equal(t, 9, run.Scores[0].Total)
	assert.Contains(t, m.files["sums"].String(), `"position":5`)
	for positions, want := range map[string][]int{"not within 0..8": {9}, "given twice": {2, 2}} {
		o.Samples = map[string][]int{"sums": want}
		_, err := Run(context.Background(), newOracle(1), o)
		assert.ErrorContains(t, err, positions)
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		in    string
		total int
		want  int
	}{{"", 10, 10}, {"3", 10, 3}, {"20.0", 10, 10}, {"0.25", 10, 2}, {"0.01", 10, 0}, {"1", 10, 1}, {"1.0", 10, 1}} {
		l, err := ParseLimit(c.in)
		require.NoError(t, err)
		assert.Equal(t, c.want, l.Count(c.total), c.in)
	}
	for _, bad := range []string{"0", "-1", "x", "nan", "inf", "1.5", "2.9"} {
		_, err := ParseLimit(bad)
		assert.Error(t, err, bad)
	}
}

// TestFractionOfTheFirstTask is the English harness's quirk: one task's count for all.
func TestFractionOfTheFirstTask(t *testing.T) {
	ts := []tasks.Task{
		sums{name: "b", reference: "zz", protocol: tasks.HarnessEN, n: 1000}, // first by the name it has here
		sums{name: "jp", reference: "aa", protocol: tasks.HarnessJP, n: 50},
		sums{name: "z", reference: "gsm8k", protocol: tasks.HarnessEN, n: 100},
		sums{name: "small", reference: "small", protocol: tasks.HarnessEN, n: 5},
	}
	l, err := ParseLimit("0.1")
	require.NoError(t, err)
	count, err := l.Counter(tasks.Profile{SharedFraction: []tasks.Protocol{tasks.HarnessEN}}, ts, func() Source { return rows{} }, newOracle(0))
	require.NoError(t, err)
	for i, want := range []int{10, 5, 10, 5} {
		docs, err := ts[i].Docs(rows{}, 0, nil)
		require.NoError(t, err)
		assert.Equal(t, want, count(ts[i], len(docs)), ts[i].Spec().Name)
	}
}

func TestZeroDocumentsIsAHole(t *testing.T) {
	_, o := setup(sums{name: "sums", n: 5})
	l, err := ParseLimit("0.1")
	require.NoError(t, err)
	o.Limit = l
	run, err := Run(context.Background(), newOracle(1), o)
	assert.ErrorContains(t, err, "no documents")
	assert.NotEmpty(t, run.Scores[0].Hole)
}

// TestLimitSemantics replays the English harness's own behaviour over its six tasks.
func TestLimitSemantics(t *testing.T) {
	sizes := []struct {
		name string
		n    int
	}{{"openbookqa", 500}, {"triviaqa", 17944}, {"hellaswag", 10042}, {"squad2", 11873}, {"xwinograd_en", 2325}, {"gsm8k", 1319}}
	var ts []tasks.Task
	for _, s := range sizes {
		ts = append(ts, sums{name: s.name, reference: s.name, protocol: tasks.HarnessEN, n: s.n})
	}
	var cases []struct {
		Limit *json.Number
		Docs  map[string]*int `json:"docs_evaluated"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/limit_semantics.json"), &cases))
	for _, c := range cases {
		text := ""
		if c.Limit != nil {
			text = c.Limit.String()
		}
		l, err := ParseLimit(text)
		if text == "0" || text == "0.0" {
			assert.Error(t, err, "the harness evaluates nothing; here that is refused")
			continue
		}
		require.NoError(t, err, text)
		count, err := l.Counter(tasks.Profile{SharedFraction: []tasks.Protocol{tasks.HarnessEN}}, ts, func() Source { return rows{} }, newOracle(0))
		require.NoError(t, err)
		for i, s := range sizes {
			if want, ok := c.Docs[s.name]; ok && want != nil {
				assert.Equal(t, *want, count(ts[i], s.n), "--limit %s %s", text, s.name)
			} else if ok {
				assert.Equal(t, 1, count(ts[i], s.n), "one document has no standard error: the harness divides by zero there")
			}
		}
	}
}
