package suite

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func task(t *testing.T, name string) tasks.Task {
	t.Helper()
	ts, err := Select(Default(), []string{name})
	require.NoError(t, err)
	require.Len(t, ts, 1)
	return ts[0]
}

// taskOf is a task of a profile by name.
func taskOf(t *testing.T, profile, name string) tasks.Task {
	t.Helper()
	p, err := Find(Profiles(), profile)
	require.NoError(t, err)
	found, ok := p.Task(name)
	require.True(t, ok, "%s has no %s", profile, name)
	return found
}

func data(t testing.TB) *datasets.Dir {
	t.Helper()
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	return dir
}

// TestProofs compares every document's requests with hashes that the reference harness recorded.
func TestProofs(t *testing.T) {
	dir := data(t)
	for _, p := range Proofs() {
		got, err := p.Check(taskOf(t, p.Profile, p.Task), dir)
		require.NoError(t, err)
		assert.Equal(t, p.SHA256, got, "%s, %d shots, %s", p.Task, p.Shots, p.Kind)
	}
}

func TestProofsAreThoseOnRecord(t *testing.T) {
	all := computed(t)
	for _, p := range Proofs() {
		name, isRecorded := strings.CutPrefix(p.Source, "recorded by the harness's own tests, tests/testdata/")
		if isRecorded {
			name, _, _ = strings.Cut(name, " ")
			content := shared.Bytes(t, path.Join("goldens/harness_request_hashes", name))
			assert.Equal(t, strings.TrimSpace(string(content)), p.SHA256, name)
			continue
		}
		if p.Profile == laterTexts { // TestLaterRequestHashes
			assert.Contains(t, string(shared.Bytes(t, "goldens/swallow-202411/request_hashes.json")), p.SHA256)
			continue
		}
		if p.Rebuilt != "" { // TestAnyOrder shows what it rests on
			continue
		}
		found := false
		for name, sum := range all {
			found = found || sum == p.SHA256 && strings.HasPrefix(name, p.Task+" 8-shot")
		}
		assert.True(t, found, "%s, %d shots", p.Task, p.Shots)
	}
}

// TestHashesOverUnpinnedFiles compares further hashes that the reference's code gave over files that are not the
// originals, so that Proofs cannot name them. They cover every draw of the 8-shot setting.
func TestHashesOverUnpinnedFiles(t *testing.T) {
	dir, sums := data(t), computed(t)
	for name, p := range map[string]Proof{
		"xwinograd_en 0-shot loglikelihood":                                         {Task: "xwino", Kind: tasks.LogLikelihood},
		"xwinograd_en 8-shot loglikelihood, current form":                           {Task: "xwino", Shots: 8, Kind: tasks.LogLikelihood},
		"squad2 8-shot greedy_until, with the synthetic/approx rows of this pack":   {Task: "squad2", Shots: 8, Kind: tasks.Generate, Form: tasks.StopObject},
		"squad2 8-shot loglikelihood, with the synthetic/approx rows of this pack":  {Task: "squad2", Shots: 8, Kind: tasks.LogLikelihood},
		"triviaqa 8-shot greedy_until, with the synthetic/approx rows of this pack": {Task: "triviaqa", Shots: 8, Kind: tasks.Generate, Form: tasks.StopObject},
	} {
		require.NotEmpty(t, sums[name])
		got, err := p.Check(task(t, p.Task), dir)
		require.NoError(t, err)
		assert.Equal(t, sums[name], got, name)
	}
}

// swapped gives XWINO's rows with the options of every second one in the other order.
type swapped struct{ tasks.Source }

func (s swapped) Rows(dataset, split string) (string, []json.RawMessage, error) {
	file, rows, err := s.Source.Rows(dataset, split)
	rows = append([]json.RawMessage(nil), rows...)
	for i := 0; i < len(rows) && err == nil; i += 2 {
		var row map[string]string
		if err = json.Unmarshal(rows[i], &row); err == nil {
			row["option1"], row["option2"], row["answer"] = row["option2"], row["option1"], map[string]string{"1": "2", "2": "1"}[row["answer"]]
			rows[i], err = json.Marshal(row)
		}
	}
	return file, rows, err
}

// TestAnyOrder: XWINO's hash is of the very requests whose hash the reference's code gave, but does not depend on the
// order of the options, and notices anything else.
func TestAnyOrder(t *testing.T) {
	dir, xwino := data(t), task(t, "xwino")
	at := slices.IndexFunc(Proofs(), func(p Proof) bool { return p.AnyOrder })
	p := Proofs()[at]
	ordered := p
	ordered.AnyOrder = false
	for name, c := range map[string]struct {
		proof Proof
		src   tasks.Source
		want  string
		same  bool
	}{
		"the reference's own": {ordered, dir, computed(t)["xwinograd_en 8-shot loglikelihood, current form"], true},
		"other order":         {ordered, swapped{dir}, computed(t)["xwinograd_en 8-shot loglikelihood, current form"], false},
		"sorted":              {p, dir, p.SHA256, true},
		"other order, sorted": {p, swapped{dir}, p.SHA256, true},
	} {
		got, err := c.proof.Check(xwino, c.src)
		require.NoError(t, err)
		assert.Equal(t, c.same, got == c.want, "%s: %s", name, got)
	}
}

func TestProofOfAnotherTask(t *testing.T) {
	_, err := Proofs()[0].Check(task(t, "gsm8k"), nil)
	require.ErrorContains(t, err, "gsm8k cannot prove openbookqa")
}

// computed returns the sha256 that the reference's code gave, by name.
func computed(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Tests []struct {
			Name   string `json:"name"`
			SHA256 string `json:"sha256"`
		} `json:"tests"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/harness_request_hashes/hash_anchors.json"), &file))
	all := map[string]string{}
	for _, test := range file.Tests {
		all[test.Name] = test.SHA256
	}
	return all
}

// TestLaterRequestHashes compares every request of whole tasks and subjects with what the later reference's code gave, over the files
// that it was run on, invented ones among them.
func TestLaterRequestHashes(t *testing.T) {
	var file struct {
		Tasks []struct {
			Task, Subject string
			Shots         int
			SHA256        string `json:"sha256"`
		}
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/swallow-202411/request_hashes.json"), &file))
	require.NotEmpty(t, file.Tasks)
	forms := map[string]tasks.ArgumentForm{
		"gsm8k": tasks.Greedy04, "triviaqa": tasks.Greedy04, "bbh": tasks.GreedyMax04, "math": tasks.GreedyMax04, "squad2": tasks.StopObject,
		"jcommonsenseqa": tasks.Prompts, "jemhopqa": tasks.Prompts, "niilc": tasks.Prompts, "jsquad": tasks.Prompts, "jmmlu": tasks.Prompts,
		"humaneval": tasks.Prompts, "jhumaneval": tasks.Prompts,
	}
	dir := data(t)
	compared, built := 0, map[string]tasks.Task{}
	for _, want := range file.Tasks {
		p, err := Find(Profiles(), laterTexts)
		require.NoError(t, err)
		task, ok := p.Task(want.Task)
		if !ok {
			require.True(t, slices.ContainsFunc(p.Missing, func(m tasks.MissingTask) bool { return m.Name == want.Task }), want.Task)
			continue
		}
		src := dir
		if want.Task == "jsquad" {
			if src, err = datasets.Open(golden.JSQuADFolder(t), true); err != nil {
				t.Fatal(err)
			}
		}
		if built[want.Task] == nil {
			docs, err := task.Docs(src, want.Shots, tasks.Unlimited{})
			require.NoError(t, err, want.Task)
			built[want.Task] = oneRequest{task, docs}
		}
		got, err := Proof{Task: want.Task, Subject: want.Subject, Shots: want.Shots, AnyKind: true, Form: forms[want.Task]}.Check(built[want.Task], src)
		require.NoError(t, err, want.Task)
		assert.Equal(t, want.SHA256, got, "%s %s", want.Task, want.Subject)
		compared++
	}
	t.Logf("%d hashes compared", compared)
}

// oneRequest asks code tasks for one of their samples, and builds its documents once.
type oneRequest struct {
	tasks.Task
	docs []tasks.Doc
}

func (o oneRequest) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) { return o.docs, nil }

func (o oneRequest) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	rs := o.Task.Requests(d, b)
	if strings.HasSuffix(o.Spec().Name, "humaneval") {
		rs = rs[:1]
	}
	return rs
}
