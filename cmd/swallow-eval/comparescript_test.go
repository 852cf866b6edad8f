package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// TestCompareScripts runs the scripts about comparisons of made-up runs.
func TestCompareScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/compare",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HF_HUB_OFFLINE", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"oneline": oneLineError, "fakerun": fakeRunCommand, "validxml": validXML, "exits": exits, "foreign": foreignCommand,
		},
	})
}

// exits runs the program and asserts its exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code arguments...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec("swallow-eval", args[1:]...); err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("swallow-eval %s: exit code %d, want %d", strings.Join(args[1:], " "), code, want)
	}
}

// validXML decodes files to their ends.
func validXML(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		d := xml.NewDecoder(strings.NewReader(ts.ReadFile(name)))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				ts.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// fakeRunCommand writes a result directory: fakerun DIR KEY=VALUE..., with keys model, digest, dtype, n (documents),
// lost and won (answers that differ from a run without them), cluster (documents that share material), profile, shots, hole (a reason), tasks (a comma
// list of made-up tasks' names among the profile's), text (what every answer says), question (what every prompt says).
func fakeRunCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: fakerun dir key=value...")
	}
	f := map[string]string{"model": "made-up", "dtype": "f32", "n": "250", "lost": "0", "won": "0", "profile": "swallow-2023", "shots": "4", "tasks": "mgsm"}
	for _, a := range args[1:] {
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is not key=value", a)
		}
		f[key] = value
	}
	if f["digest"] == "" {
		f["digest"] = "sha256:" + f["model"]
	}
	ts.Check(writeFakeRun(ts.MkAbs(args[0]), f))
}

// writeFakeRun writes a result directory as run does.
func writeFakeRun(dir string, f map[string]string) error {
	number := func(key string) int { v, _ := strconv.Atoi(f[key]); return v }
	run := results.Run{
		SchemaVersion: results.SchemaVersion, Tool: results.Tool{Name: "swallow-eval"}, Profile: f["profile"], Status: "complete", Limit: f["limit"],
		Model: results.Model{Name: f["model"], Digest: f["digest"], TokenizerDigest: "sha256:t", DType: f["dtype"], StoredDType: "f32", Numerics: "1"},
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, task := range strings.Split(f["tasks"], ",") {
		score := results.Score{Task: task, Title: strings.ToUpper(task), Language: "ja", Version: "1", Protocol: "harness-jp", Shots: number("shots"), N: number("n"), Total: number("n")}
		if f["hole"] != "" {
			score.Hole = f["hole"]
			run.Scores = append(run.Scores, score)
			continue
		}
		b, value, err := fakeSamples(task, number("n"), number("lost"), number("won"), number("cluster"), f["text"], f["question"])
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		score.SamplesFile, score.SamplesDigest = "samples_"+task+".jsonl", "sha256:"+hex.EncodeToString(sum[:])
		score.Values = []results.Value{value}
		if err := os.WriteFile(filepath.Join(dir, score.SamplesFile), b, 0o644); err != nil {
			return err
		}
		run.Scores = append(run.Scores, score)
	}
	return folder.WriteRun(dir, run)
}

func fakeSamples(task string, n, lost, won, cluster int, text, question string) ([]byte, results.Value, error) {
	m := metrics.Accuracy("acc")
	var b []byte
	var stats []metrics.Stat
	for i := range n {
		right := i%2 == 0
		if right && lost > 0 || !right && won > 0 {
			if right {
				lost--
			} else {
				won--
			}
			right = !right
		}
		output := map[bool]string{true: "18", false: "2"}[right] + text
		targets := []string{"18" + text}
		said := "So the answer is " + output
		sum := sha256.Sum256([]byte(task + strconv.Itoa(i)))
		stat := m.Each(output, targets)
		stats = append(stats, stat)
		s := results.Sample{
			Task: task, Position: i, DocID: json.RawMessage(strconv.Itoa(i)), DocHash: "sha256:" + hex.EncodeToString(sum[:]), Shots: []json.RawMessage{},
			Target: targets[0], Targets: targets, Marks: []results.Mark{{Metric: m.Name, Output: output, Stat: stat}},
			Exchanges: []results.Exchange{{Kind: "generate", Protocol: "harness-jp", Prompt: fmt.Sprintf("問題%s %d", question, i), Until: []string{"\n"}, MaxGenToks: 16, Text: &said, Finish: "stop", PromptTokens: 5, OutputTokens: 6}},
		}
		if cluster > 0 {
			s.Cluster = strconv.Itoa(i / cluster)
		}
		var err error
		if b, err = results.AppendSample(b, s); err != nil {
			return nil, results.Value{}, err
		}
	}
	return b, results.Value{Metric: m.Name, Signature: m.Signature, Value: m.Score(stats), Max: m.Max}, nil
}

// TestTheFormatsHoldNoControlCharacter compares runs whose every text is hostile, in every format.
func TestTheFormatsHoldNoControlCharacter(t *testing.T) {
	dir := t.TempDir()
	nasty := "\x1b[2J\n::error::x\x00|`<img>\u009b\u202e=1##[error]\r"
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	base := map[string]string{"model": "m" + nasty, "digest": "1", "n": "40", "shots": "4", "tasks": "mgsm", "profile": "swallow-2023", "text": nasty}
	require.NoError(t, writeFakeRun(a, base))
	base["digest"], base["lost"], base["won"] = "2", "6", "3"
	require.NoError(t, writeFakeRun(b, base))
	for _, format := range []string{"table", "md", "json", "junit", "github", "csv"} {
		var out, errs strings.Builder
		code := run([]string{"compare", a, b, "--format", format, "--samples", "all"}, strings.NewReader(""), &out, &errs)
		require.Equal(t, 0, code, errs.String())
		require.Greater(t, out.Len(), 100)
		for _, r := range out.String() {
			require.False(t, r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || slices.Contains([]rune{0x202e, 0x2066, 0x200b}, r)), "%s: %U", format, r)
		}
		if format == "github" {
			for line := range strings.Lines(out.String()) {
				require.False(t, strings.HasPrefix(strings.TrimSpace(line), "::error"), line)
				require.NotContains(t, line, "##[")
			}
		}
	}
}
