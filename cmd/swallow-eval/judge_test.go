package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/judge"
	"github.com/swallow-eval/swallow-eval/results"
)

// programRun is a run of the tasks whose answers are programs, with the files of verdicts that its programs got from a judge who passes every
// first and every second one.
func programRun(t *testing.T) (dir string, verdicts [2]string) {
	t.Helper()
	isolated(t)
	dir = filepath.Join(t.TempDir(), "run")
	_, stderr, err := invoke(t, "run", "--profile", "swallow-202411", "--tasks", "humaneval,jhumaneval,gsm8k", "--data-dir", "smoke", "--model", "smoke", "--limit", "2", "-o", dir)
	require.ErrorContains(t, err, "jhumaneval, humaneval without a number")
	assert.Contains(t, stderr, "humaneval: no number: its answers are programs, and nothing ran those of 2 of 2 documents: --allow-code-execution")
	programs := filepath.Join(t.TempDir(), "programs.jsonl")
	succeed(t, "export", dir, "--as", "programs", "-o", programs)
	content, err := os.ReadFile(programs)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	require.Len(t, lines, 2*2*10)
	for g := range verdicts {
		var b strings.Builder
		for i, line := range lines {
			var l map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &l))
			delete(l, "program") // the digest is enough
			l["passed"], l["result"] = i%(g+1) == 0, "passed"
			if i%(g+1) != 0 {
				l["result"] = "failed: x"
			}
			out, err := json.Marshal(l)
			require.NoError(t, err)
			b.Write(append(out, '\n'))
		}
		verdicts[g] = filepath.Join(t.TempDir(), fmt.Sprint("verdicts", g, ".jsonl"))
		require.NoError(t, os.WriteFile(verdicts[g], []byte(b.String()), 0o644))
	}
	return dir, verdicts
}

// TestJudgeReadsVerdicts: a hole becomes a number that says where it is from, score --from finds it again without running anything, and a
// judgement can be replaced by another.
func TestJudgeReadsVerdicts(t *testing.T) {
	dir, verdicts := programRun(t)
	_, _, err := invoke(t, "score", "--from", filepath.Join(dir, "samples_humaneval.jsonl"))
	require.ErrorContains(t, err, "series without a number: 1 of 1")
	for g, want := range []float64{1, 0.5} {
		out := visible(t, "judge", dir, "--verdicts", verdicts[g])
		assert.Contains(t, out, "verdicts by the file "+filepath.Base(verdicts[g]))
		assert.Contains(t, out, "in distribution only")
		run, err := results.ReadRun(dir)
		require.NoError(t, err)
		require.Equal(t, "complete", run.Status)
		require.Len(t, run.Scores, 3)
		for _, s := range run.Scores {
			assert.Empty(t, s.Hole)
			if s.Task == "gsm8k" {
				continue
			}
			require.Len(t, s.Values, 2)
			assert.Equal(t, "pass@1", s.Values[0].Metric)
			assert.InDelta(t, want, s.Values[0].Value, 1e-12)
			assert.Equal(t, 1.0, s.Values[1].Value)
			assert.Equal(t, 20, s.Judge.Programs)
			assert.Equal(t, 10, s.Drawn.Answers)
		}
		again := visible(t, "score", "--from", dir)
		assert.Contains(t, again, "pass@10")
		assert.NotContains(t, again, "no number")
		for _, command := range [][]string{{"export", dir, "--as", "markdown"}, {"compare", dir, dir}} {
			assert.Contains(t, visible(t, command...), "in distribution only", command)
		}
	}
}

// TestTwoJudgesAreNamed: where two runs have the same answers and other judges, a comparison says whose the difference may be.
func TestTwoJudgesAreNamed(t *testing.T) {
	dir, verdicts := programRun(t)
	other := filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.CopyFS(other, os.DirFS(dir)))
	succeed(t, "judge", dir, "--verdicts", verdicts[0])
	content, err := os.ReadFile(verdicts[1])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(verdicts[1], append([]byte("\ufeff"), content...), 0o644), "as a Windows editor leaves it")
	succeed(t, "judge", other, "--verdicts", verdicts[1])
	out := visible(t, "compare", dir, other)
	assert.Contains(t, out, "2 of 3 tasks scored the same answers otherwise; most: JHumanEval, 2 of 2 documents")
	assert.Contains(t, out, "humaneval: verdicts of A by the file verdicts0.jsonl, of B by the file verdicts1.jsonl: a difference may be theirs")
	assert.NotContains(t, visible(t, "compare", dir, dir), "may be theirs")
}

// TestJudgeRefuses what would make a number of nothing.
func TestJudgeRefuses(t *testing.T) {
	dir, verdicts := programRun(t)
	content, err := os.ReadFile(verdicts[0])
	require.NoError(t, err)
	good := string(content)
	bad := func(text string) string {
		name := filepath.Join(t.TempDir(), "bad.jsonl")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		return name
	}
	first, rest, _ := strings.Cut(good, "\n")
	for want, args := range map[string][]string{
		"choose one of --allow-code-execution and --verdicts": {dir},
		"choose one of": {dir, "--verdicts", verdicts[0], "--allow-code-execution"},
		"no verdict on jhumaneval document 0, sample 0":               {dir, "--verdicts", bad(rest)},
		"bad.jsonl:2: a second verdict on jhumaneval document 0":      {dir, "--verdicts", bad(first + "\n" + good)},
		"is about another program":                                    {dir, "--verdicts", bad(strings.Replace(good, `"program_sha256":"`, `"program_sha256":"0`, 1))},
		"bad.jsonl:1: jhumaneval document 0, sample 0 has no verdict": {dir, "--verdicts", bad(strings.ReplaceAll(good, `"passed":`, `"other":`))},
		"bad.jsonl:1: no line that was exported":                      {dir, "--verdicts", bad(`{"task_id":"HumanEval/0","passed":true}`)},
		"bad.jsonl:1: unexpected end of JSON input":                   {dir, "--verdicts", bad("{")},
		"bad.jsonl: no verdicts":                                      {dir, "--verdicts", bad("\n")},
		"--verdicts: open ":                                           {dir, "--verdicts", filepath.Join(dir, "none")},
		"not a result directory":                                      {t.TempDir(), "--verdicts", verdicts[0]},
	} {
		_, _, err := invoke(t, append([]string{"judge"}, args...)...)
		require.ErrorContains(t, err, want)
	}
	// What is found out about the last task changes none before it.
	before, err := os.ReadFile(filepath.Join(dir, results.RunFile))
	require.NoError(t, err)
	all := strings.Split(strings.TrimSpace(good), "\n")
	_, _, err = invoke(t, "judge", dir, "--verdicts", bad(strings.Join(all[:len(all)-1], "\n")))
	require.ErrorContains(t, err, "humaneval: bad.jsonl: no verdict on humaneval document 1, sample 9")
	after, err := os.ReadFile(filepath.Join(dir, results.RunFile))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	t.Setenv("PATH", t.TempDir())
	for _, args := range [][]string{
		{"judge", dir, "--allow-code-execution"},
		{"run", "--profile", "swallow-202411", "--tasks", "humaneval", "--data-dir", "smoke", "--limit", "1", "--allow-code-execution"},
	} {
		_, _, err := invoke(t, args...)
		require.ErrorIs(t, err, judge.ErrNone)
		require.ErrorContains(t, err, "bubblewrap (bwrap) is not installed")
	}
	samples := filepath.Join(dir, "samples_humaneval.jsonl")
	content, err = os.ReadFile(samples)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(samples, []byte(strings.Replace(string(content), "Return x", "Return y", 1)), 0o644))
	_, _, err = invoke(t, "judge", dir, "--verdicts", verdicts[0])
	require.ErrorContains(t, err, "prompt and targets are not those of its doc_hash")
}

// TestRunJudgesAsJudgeDoes: a run that is allowed to run programs leaves the samples that a run and a judging leave.
func TestRunJudgesAsJudgeDoes(t *testing.T) {
	if _, err := judge.Find(t.Context(), judge.DefaultLimits()); errors.Is(err, judge.ErrNone) {
		t.Skipf("nothing can be run here: %v", err)
	}
	dir, _ := programRun(t)
	succeed(t, "judge", dir, "--allow-code-execution")
	other := filepath.Join(t.TempDir(), "other")
	succeed(t, "run", "--profile", "swallow-202411", "--tasks", "humaneval,jhumaneval,gsm8k", "--data-dir", "smoke", "--model", "smoke", "--limit", "2", "-o", other, "--allow-code-execution")
	for _, task := range []string{"humaneval", "jhumaneval"} {
		a, err := os.ReadFile(filepath.Join(dir, results.SamplesFile(task)))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(other, results.SamplesFile(task)))
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b))
		assert.Contains(t, string(a), `"verdict":"failed: `)
	}
	a, err := results.ReadRun(dir)
	require.NoError(t, err)
	b, err := results.ReadRun(other)
	require.NoError(t, err)
	assert.Equal(t, a.Scores, b.Scores)
}

// TestKilledJudging: whenever judge is killed, every samples file is the one before or the one after, the manifest vouches for none that is not
// there, and run and judge again end where an undisturbed judging does.
func TestKilledJudging(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir, verdicts := programRun(t)
	start := func(to string) *exec.Cmd {
		raw, err := json.Marshal([]string{"judge", to, "--verdicts", verdicts[1]})
		require.NoError(t, err)
		cmd := exec.Command(os.Args[0], "-test.run=^TestVictimOfTheWalk$")
		cmd.Env = append(os.Environ(), victimArgs+"="+string(raw))
		return cmd
	}
	copied := func(name string) string {
		to := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
		return to
	}
	whole := copied("whole")
	succeed(t, "judge", whole, "--verdicts", verdicts[1])
	before, after := content(dir), content(whole)
	legal := func(to string) {
		for name, text := range content(to) {
			if name != results.RunFile {
				require.True(t, text == before[name] || text == after[name], name)
			}
		}
	}
	for n := 1; ; n++ {
		require.Less(t, n, 60, "it changes and changes")
		to := copied("x")
		killed := killAtChange(t, start(to), to, n, legal)
		legal(to)
		run, err := results.ReadRun(to)
		require.NoError(t, err)
		for _, s := range run.Scores {
			b, err := os.ReadFile(filepath.Join(to, s.SamplesFile))
			require.NoError(t, err)
			assert.Equal(t, s.SamplesDigest, digestOf(b), s.Task)
		}
		_, _, err = invoke(t, "run", "--profile", "swallow-202411", "--tasks", "humaneval,jhumaneval", "--data-dir", "smoke", "--model", "smoke", "--limit", "2", "-o", to)
		require.Error(t, err, "again without verdicts")
		succeed(t, "judge", to, "--verdicts", verdicts[1])
		for name, text := range content(to) {
			if name != results.RunFile {
				require.Equal(t, after[name], text, name)
			}
		}
		if !killed {
			require.Greater(t, n, 1, "it was never killed")
			return
		}
	}
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func invoke(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return inWorld(t, withProfiles(), args...)
}
