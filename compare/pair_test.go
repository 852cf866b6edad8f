package compare

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

func TestTheFirstDifferingFieldIsNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *results.Score, samples []results.Sample)
		want   string
	}{
		{"shots", func(s *results.Score, _ []results.Sample) { s.Shots, s.Version = 3, "2" }, "number of shots: A has 4, B has 3"},
		{"version", func(s *results.Score, _ []results.Sample) { s.Version = "2" }, "task version: A has 1, B has 2"},
		{"protocol", func(s *results.Score, _ []results.Sample) { s.Protocol = "q" }, "protocol: A has p, B has q"},
		{"metric", func(s *results.Score, _ []results.Sample) { s.Values[0].Metric = "em" }, "metric: A has acc, B has em"},
		{
			"signature", func(s *results.Score, _ []results.Sample) { s.Values[0].Signature = "tok:char" },
			"metric signature: A has " + metrics.Accuracy("acc").Signature + ", B has tok:char",
		},
		{
			"data", func(s *results.Score, _ []results.Sample) { s.Data[0].SHA256 = "other" },
			"data digest of acc/test: A has digest of acc, B has other",
		},
		{
			"file", func(s *results.Score, _ []results.Sample) {
				s.Data = append(s.Data, results.DataFile{Dataset: "acc", Split: "train", SHA256: "d"})
			},
			"data digest of acc/train: A has none, B has d",
		},
		{"hole", func(s *results.Score, _ []results.Sample) { s.Hole, s.Values = "out of memory", nil }, "A has a number; B has no number (out of memory)"},
		{"prompt", func(_ *results.Score, x []results.Sample) { x[5].Exchanges[0].Prompt = "acc6" }, `prompt of document 5: A has "acc5" at byte 3, B has "acc6" at byte 3`},
		{
			"request", func(_ *results.Score, x []results.Sample) { x[5].Exchanges[0].MaxGenToks = 9 },
			"request of document 5: A has generate until [] within 8 tokens, B has generate until [] within 9 tokens",
		},
		{
			"requests", func(_ *results.Score, x []results.Sample) { x[5].Exchanges = append(x[5].Exchanges, x[5].Exchanges...) },
			"number of requests of document 5: A has 1, B has 2",
		},
		{
			"twice", func(_ *results.Score, x []results.Sample) { x[5] = x[4] },
			"document that occurs twice: A has none, B has 4",
		},
		{"lost documents", func(s *results.Score, _ []results.Sample) { s.N = 13 }, "samples: A has 12 of 12 documents, B has 12 of 13 documents"},
		{"score", func(s *results.Score, _ []results.Sample) { s.Values[0].Value = 0.5 }, "score: A has 1 recorded and 1 from its samples, B has 0.5 recorded and 1 from its samples"},
		{"width", func(_ *results.Score, x []results.Sample) { x[5].Marks[0].Stat = metrics.Stat{1, 2} }, "statistic of document 5 (the metric takes 1 numbers): A has [1], B has [1 2]"},
		{"no marks", func(_ *results.Score, x []results.Sample) { x[5].Marks = nil }, "mark of document 5: A has acc, B has none"},
		{"other mark", func(_ *results.Score, x []results.Sample) { x[5].Marks[0].Metric = "bleu" }, "metric of document 5: A has acc, B has bleu"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := madeRun("A", 12, 0, 1), madeRun("B", 12, 0, 1)
			c.change(&b.Run.Scores[0], b.Samples["acc"])
			got := compared(t, a, b, nil)
			require.Equal(t, Incomparable, got.Tasks[0].Verdict)
			assert.EqualError(t, got.Tasks[0].Mismatch, "acc: not comparable: "+c.want)
			for _, r := range got.Tasks[1:] {
				assert.NotEqual(t, Incomparable, r.Verdict)
			}
			assert.NotContains(t, got.Averages[len(got.Averages)-1].Tasks, "acc")
			code, cause := got.ExitCode(false, false)
			assert.Equal(t, exitcode.Incomplete, code)
			assert.Equal(t, "acc: not comparable: "+c.want, cause)
			// A run of nothing else is refused outright, unless the trouble lies within the samples.
			a.Run.Scores, b.Run.Scores = a.Run.Scores[:1], b.Run.Scores[:1]
			if p, err := Pair(a, b); err != nil {
				assert.EqualError(t, err, "acc: not comparable: "+c.want)
			} else {
				assert.Nil(t, p.First())
			}
		})
	}
}

// What an imported run does not say does not differ.
func TestWhatIsNotRecordedDoesNotDiffer(t *testing.T) {
	a, b := madeRun("A", 12, 0.2, 1), madeRun("B", 12, 0.2, 2)
	for i := range b.Run.Scores {
		s := &b.Run.Scores[i]
		s.Version, s.Protocol, s.Data, s.Values = "", "", nil, nil
	}
	for task := range b.Samples {
		for i := range b.Samples[task] {
			b.Samples[task][i].Exchanges = nil
		}
	}
	for _, r := range compared(t, a, b, nil).Tasks {
		assert.NotEqual(t, Incomparable, r.Verdict, r.Task)
	}
	// Without hashes, identifiers pair.
	for _, d := range []RunData{a, b} {
		for i := range d.Samples["acc"] {
			d.Samples["acc"][i].DocHash = ""
		}
	}
	b.Samples["acc"] = b.Samples["acc"][1:]
	p, err := Pair(a, b)
	require.NoError(t, err)
	assert.Equal(t, []string{"0"}, p.First().OnlyA)
}

func TestDocumentsWithEqualContentPairByIdentifier(t *testing.T) {
	a, b := fakeRun("A", []bool{true, false, true}), fakeRun("B", []bool{true, true, false})
	for _, d := range []RunData{a, b} {
		for i := range d.Samples["fake"] {
			d.Samples["fake"][i].DocHash = "the same"
			d.Samples["fake"][i].Exchanges[0].Prompt = "the same"
		}
	}
	b.Samples["fake"][0], b.Samples["fake"][2] = b.Samples["fake"][2], b.Samples["fake"][0]
	r := compared(t, a, b, nil).Tasks[0]
	assert.Equal(t, [2]int{1, 1}, [2]int{r.Lost, r.Won})
	assert.Equal(t, "2", string(r.Changes[0].DocID))
	assert.Equal(t, OutcomeLost, r.Changes[0].Outcome)
	assert.Equal(t, [2]string{"yes", "no"}, [2]string{r.Changes[0].OutputA, r.Changes[0].OutputB})
	assert.Equal(t, "yes", *r.Changes[0].TextA)
}

func TestMissingTasks(t *testing.T) {
	a, b := madeRun("A", 5, 0, 1), madeRun("B", 5, 0, 1)
	a.Run.Scores, b.Run.Scores = a.Run.Scores[1:], b.Run.Scores[:4]
	c := compared(t, a, b, nil)
	assert.Equal(t, []string{"HasAns_exact"}, c.OnlyA)
	assert.Equal(t, []string{"acc"}, c.OnlyB)
	code, cause := c.ExitCode(true, true)
	assert.Equal(t, exitcode.Incomplete, code)
	assert.Equal(t, "not comparable: B lacks HasAns_exact", cause)
	b.Run.Scores = b.Run.Scores[:1]
	_, err := Pair(a, b)
	assert.EqualError(t, err, "not comparable: set of tasks: A has char_f1, bleu, rouge2, HasAns_exact, B has acc")
	_, err = Pair(RunData{}, RunData{})
	assert.ErrorIs(t, err, ErrIncomparable)
}

func TestTiers(t *testing.T) {
	m := results.Model{Digest: "d", TokenizerDigest: "t", DType: "float32", StoredDType: "bfloat16", Numerics: "1"}
	other := func(change func(*results.Model)) results.Model { n := m; change(&n); return n }
	assert.Equal(t, TierIdentical, tier(m, m))
	assert.Equal(t, TierEquivalent, tier(m, other(func(n *results.Model) { n.DType = "bfloat16" })))
	assert.Equal(t, TierEquivalent, tier(m, other(func(n *results.Model) { n.Numerics = "2" })))
	assert.Equal(t, TierDifferent, tier(m, other(func(n *results.Model) { n.Digest = "e" })))
	assert.Equal(t, TierDifferent, tier(m, other(func(n *results.Model) { n.TokenizerDigest = "e" })))
	assert.Equal(t, TierDifferent, tier(results.Model{}, results.Model{}))
	assert.Contains(t, TierIdentical.String(), "tier 0")
	assert.Contains(t, TierEquivalent.String(), "tier 1")
	assert.Contains(t, TierDifferent.String(), "tier 2")
}

// stored writes a run as the program does.
func stored(t *testing.T, d RunData) string {
	t.Helper()
	dir := t.TempDir()
	for i := range d.Run.Scores {
		s := &d.Run.Scores[i]
		var b []byte
		for _, x := range d.Samples[s.Task] {
			var err error
			b, err = results.AppendSample(b, x)
			require.NoError(t, err)
		}
		s.SamplesFile = "samples_" + s.Task + ".jsonl"
		sum := sha256.Sum256(b)
		s.SamplesDigest = "sha256:" + hex.EncodeToString(sum[:])
		require.NoError(t, os.WriteFile(filepath.Join(dir, s.SamplesFile), b, 0o600))
	}
	require.NoError(t, folder.WriteRun(dir, d.Run))
	return dir
}

func TestLoad(t *testing.T) {
	a, b := madeRun("A", 25, 0.2, 1), madeRun("B", 25, 0.4, 2)
	dirA, dirB := stored(t, a), stored(t, b)
	x, err := Load(dirA)
	require.NoError(t, err)
	y, err := Load(filepath.Join(dirB, results.RunFile))
	require.NoError(t, err)
	want, got := compared(t, a, b, nil), compared(t, x, y, nil)
	assert.Equal(t, dirA, got.A.Name)
	got.A.Name, got.B.Name = want.A.Name, want.B.Name
	w, err := json.Marshal(want)
	require.NoError(t, err)
	g, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(w), string(g))

	file := filepath.Join(dirA, "samples_acc.jsonl")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.Replace(content, []byte("cat"), []byte("cut"), 1), 0o600))
	_, err = Load(dirA)
	assert.ErrorContains(t, err, "samples_acc.jsonl: digest sha256:")
	require.NoError(t, os.Remove(file))
	_, err = Load(dirA)
	assert.ErrorIs(t, err, os.ErrNotExist)
	for _, outside := range []string{"../samples.jsonl", "/etc/hostname"} {
		y.Run.Scores[0].SamplesFile = outside
		require.NoError(t, folder.WriteRun(dirB, y.Run))
		_, err = Load(dirB)
		assert.ErrorContains(t, err, "lies outside the run's directory")
	}
	y.Run.Scores[0].SamplesFile, y.Run.Scores[0].SamplesDigest = "samples_bleu.jsonl", ""
	require.NoError(t, folder.WriteRun(dirB, y.Run))
	_, err = Load(dirB)
	assert.ErrorContains(t, err, "a sample of bleu among those of acc")
	_, err = Load(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestLongListsAreCutInMessagesOnly(t *testing.T) {
	m := &Mismatch{Task: "t", Field: "f", OnlyB: strings.Fields("1 2 3 4 5 6 7")}
	assert.EqualError(t, m, "t: not comparable: f: A has none, B has none; only in B: 1, 2, 3, 4, 5 and 2 more")
}

func TestTextsPartBetweenCharacters(t *testing.T) {
	x, y := apart("同じ始まりのあとに、ひとつ目の終わりがくる文章", "同じ始まりのあとに、ふたつ目")
	assert.Equal(t, `"とに、ひとつ目の終わりがくる" at byte 32`, x)
	assert.Equal(t, `"とに、ふたつ目" at byte 32`, y)
	x, y = apart("", "あ")
	assert.Equal(t, [2]string{`"" at byte 0`, `"あ" at byte 0`}, [2]string{x, y})
}
