package interop

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
)

// exported is a run of three tasks, with hostile names.
func exported() results.Run {
	se := 0.125
	return results.Run{
		SchemaVersion: 1, Profile: "swallow-2023", Status: "complete", Limit: "4",
		Tool:    results.Tool{Name: "swallow-eval", Version: "1.0", Go: "go1", OS: "linux", Arch: "amd64"},
		Model:   results.Model{Name: "=org|x/<img>\x1b[31m", Digest: "sha256:aa", DType: "f32", Numerics: "f32-1", Window: 64, Parameters: 7},
		Started: time.Unix(1700000000, 0).UTC(), Finished: time.Unix(1700000060, 0).UTC(),
		Scores: []results.Score{
			{Task: "jemhopqa", Title: "JEMHopQA", Language: "ja", Version: "1.1.1", Shots: 4, N: 4, Total: 120,
				Values: []results.Value{{Metric: "char_f1", Signature: "a|b", Value: 0.5, Max: 1, StdErr: &se}}},
			{Task: "mgsm", Title: "MGSM", Language: "ja", Version: "1.0", Shots: 4, N: 4, Total: 250,
				Values: []results.Value{{Metric: "acc", Value: 0.75, Max: 1}}},
			{Task: "gsm8k", Title: "GSM8K", Language: "en", Version: "0", Shots: 8, N: 4, Total: 1319,
				Data:   []results.DataFile{{Dataset: "gsm8k", Path: "gsm8k/test.jsonl", SHA256: "bb", State: "official"}},
				Values: []results.Value{{Metric: "acc", Value: 0.25, Max: 1}}},
		},
	}
}

func TestLMEvalResults(t *testing.T) {
	run := exported()
	run.Scores[1].Hole, run.Scores[1].Values = "no tokenizer", nil
	var b bytes.Buffer
	require.NoError(t, lmeval.WriteResults(&b, run, []lmeval.TaskResult{
		{Name: "jemhopqa", Score: run.Scores[0], Hash: "cc"},
		{Name: "mgsm", Score: run.Scores[1], Expected: []string{"acc"}},
		{Name: "gsm8k", Score: run.Scores[2], Notes: []string{"lacks columns"}},
	}))
	v, err := python.Parse(b.Bytes())
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(python.Append(nil, v, 2)), "as json.dumps(indent=2) writes it")
	var keys []string
	for _, m := range v.(python.Object) {
		keys = append(keys, m.Name)
	}
	assert.Equal(t, []string{
		"results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "git_hash", "date",
		"pretty_env_info", "transformers_version", "lm_eval_version", "upper_git_hash", "max_length", "task_hashes", "model_source",
		"model_name", "model_name_sanitized", "system_instruction", "system_instruction_sha", "fewshot_as_multiturn", "chat_template",
		"chat_template_sha", "total_evaluation_time_seconds", "swallow_eval",
	}, keys)
	text := b.String()
	for _, part := range []string{
		`"char_f1,none": 0.5,` + "\n" + `      "char_f1_stderr,none": 0.125`,
		`"sample_len": 0,` + "\n" + `      "acc,none": "N/A",` + "\n" + `      "acc_stderr,none": "N/A"`,
		`"acc,none": 0.25,` + "\n" + `      "acc_stderr,none": "N/A"`,
		`"versions": {` + "\n" + `    "gsm8k": 0,` + "\n" + `    "jemhopqa": "1.1.1",` + "\n" + `    "mgsm": 1.0`,
		`"original": 250,` + "\n" + `      "effective": 0`,
		`"date": 1700000000.0`, `"limit": 4.0`, `"total_evaluation_time_seconds": "60.0"`, `"jemhopqa": "cc"`, `"mgsm": "no tokenizer"`,
		`"model_sha": "sha256:aa"`, `\u001b[31m`,
	} {
		assert.Contains(t, text, part)
	}

	// The importer reads it back.
	c, err := jpharness.ReadConfig("results.json", bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, "swallow-2023", c.Profile)
	assert.Equal(t, results.Model{Digest: "sha256:aa", DType: "f32", Numerics: "f32-1"}, c.Identity)
	assert.Equal(t, map[string]int{"jemhopqa": 4, "mgsm": 4, "gsm8k": 8}, c.Shots)
	list, err := jpharness.Read("results.json", &b, nil)
	require.NoError(t, err)
	require.Len(t, list, 3)
	assert.Equal(t, 0.5, list[0].Metrics["char_f1,none"].Value)
	assert.NotEmpty(t, list[1].Metrics["acc,none"].Hole)
	assert.Equal(t, 0.25, list[2].Metrics["acc,none"].Value)
}

func TestLMEvalSample(t *testing.T) {
	text, log, greedy := "東京\n", -1.5, true
	line, hashes, err := lmeval.AppendSample(nil, lmeval.Document{
		Row: 7, Doc: python.Object{{Name: "question", Value: "q"}}, Target: " France",
		Sample: results.Sample{Position: 3, DocID: []byte(`"q7"`), Cluster: "c", Fault: "f", Exchanges: []results.Exchange{
			{Kind: "generate", Prompt: "p", Until: []string{"\n"}, MaxGenToks: 256, Text: &text,
				Finish: "stop", PromptTokens: 9, OutputTokens: 2, Dropped: 1},
			{Kind: "loglikelihood", Prompt: "p", Continuation: " unanswerable", Log: &log, Greedy: &greedy},
		}},
		Metrics: python.Object{{Name: "exact", Value: 1.0}},
	})
	require.NoError(t, err)
	// json.dumps of CPython gives these bytes; the hashes are those of hash_string of lm_eval/utils.py.
	assert.Equal(t, `{"doc_id": 7, "doc": {"question": "q"}, "target": " France", "arguments": {"gen_args_0": {"arg_0": "p", "arg_1": `+
		`{"until": ["\n"], "max_gen_toks": 256, "do_sample": false, "temperature": 0.0}}, "gen_args_1": {"arg_0": "p", "arg_1": " unanswerable"}}, `+
		`"resps": [["東京\n"], [["-1.5", "True"]]], "filtered_resps": ["東京\n", ["-1.5", "True"]], "filter": "none", "metrics": ["exact"], `+
		`"doc_hash": "56e75d41d1fa0383a4cfe9362912e568fd9deb3420248cd6c650db5fa9c29e29", `+
		`"prompt_hash": "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940", `+
		`"target_hash": "e594dbea74a80019b5ae40b75ca8ef5d8d5cd11d285e8ce42514480ea5404cea", "exact": 1.0, "swallow_eval": {"position": 3, "doc_id": "q7", "cluster": "c", "fault": "f", `+
		`"seen": [{"finish": "stop", "prompt_tokens": 9, "output_tokens": 2, "dropped_tokens": 1, "lost_tokens": 0}, `+
		`{"finish": "", "prompt_tokens": 0, "output_tokens": 0, "dropped_tokens": 0, "lost_tokens": 0}]}}`+"\n", string(line))
	assert.Len(t, hashes, 3*64)

	var got []lmeval.Sample
	require.NoError(t, lmeval.Read("s.jsonl", bytes.NewReader(line), func(_ series.Place, s lmeval.Sample, problem error) error {
		got = append(got, s)
		return problem
	}))
	require.Len(t, got, 1)
	assert.Equal(t, "7", string(got[0].DocID))
	assert.Equal(t, lmeval.Origin{Position: 3, DocID: []byte(`"q7"`), Cluster: "c", Fault: "f",
		Seen: []lmeval.Seen{{Finish: "stop", PromptTokens: 9, OutputTokens: 2, Dropped: 1}, {}}}, *got[0].Origin)
	assert.Equal(t, text, *got[0].Answers[0].Text)
	assert.Equal(t, log, *got[0].Answers[1].Log)
	assert.True(t, *got[0].Filtered[1].Greedy)
	assert.Equal(t, "1.0", string(got[0].Metrics["exact"]))
	assert.Len(t, got[0].Metrics, 1)

	for _, bad := range []results.Sample{{}, {Exchanges: []results.Exchange{{Kind: "generate"}}}, {Exchanges: []results.Exchange{{Kind: "loglikelihood", Log: &log}}}} {
		_, _, err := lmeval.AppendSample(nil, lmeval.Document{Sample: bad})
		assert.Error(t, err)
	}
}

func TestSanitizedModelName(t *testing.T) {
	for in, want := range map[string]string{
		"org/name": "org__name", "./a//b:\"c\"[d]\\e?": "_.__a__b__c__d__e__", "..": "__", ".": "__", "": "__", "a\nb\x1b": "a_b_", "/..": "__..", "../x": "_..__x", ".hidden": "_.hidden",
	} {
		assert.Equal(t, want, lmeval.SanitizedModelName(in), "%q", in)
	}
}

func FuzzSanitizedModelName(f *testing.F) {
	for _, s := range []string{"", "..", "../x", "C:\\", "a\x00b", "日本", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := lmeval.SanitizedModelName(s)
		assert.True(t, filepath.IsLocal(name), "%q", name)
		assert.Equal(t, name, filepath.Base(name), "one element")
		assert.False(t, strings.HasPrefix(name, "."), "%q is hidden", name)
		for _, r := range name {
			assert.True(t, unicode.IsPrint(r))
		}
	})
}
