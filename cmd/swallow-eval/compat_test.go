package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
)

// TestLMEvalCommandLines pastes lm-eval's flags and model arguments: each means what it means there, or is refused with
// the reason, before anything is fetched.
func TestLMEvalCommandLines(t *testing.T) {
	isolate(t)
	base := []string{"run", "--tasks", "gsm8k", "--limit", "1", "--data-dir", "smoke"}
	for _, c := range []struct {
		args []string
		want string // of the refusal, "" where it runs
	}{
		{[]string{"--model", "hf", "--model_args", "pretrained=smoke,dtype=auto,trust_remote_code=True"}, ""},
		{[]string{"--model", "hf", "--model_args", "pretrained=smoke,dtype=float32,tokenizer=smoke"}, ""},
		{[]string{"--model", "smoke", "--verbosity", "INFO", "--confirm_run_unsafe_code"}, ""},
		{[]string{"--model", "hf", "--model_args", "pretrained=smoke,tokenizer=other"}, "tokenizer=other is not supported: a model is read with the tokenizer in its own folder"},
		{[]string{"--model", "hf", "--model_args", "pretrained=a/b@c,revision=d"}, "revision d, but a/b@c names one already"},
		{[]string{"--model", "hf", "--model_args", "pretrained=13b,revision=main", "--offline"}, "tokyotech-llm/Swallow-13b-hf@main"},
		{[]string{"--model", "hf", "--model_args", "pretrained=smoke,trust_remote_code=perhaps"}, "neither True nor False"},
		{[]string{"--model", "hf", "--model_args", "pretrained=smoke,parallelize=True"}, "parallelize is not supported: pretrained, peft, revision, dtype"},
		{[]string{"--model", "hf"}, "--model hf is another harness's backend: the engine is built in, name a model, or pretrained=MODEL among the model arguments"},
		{[]string{"--model", "local-completions", "--model_args", "model=x,base_url=http://127.0.0.1:1/v1/completions"}, "local-completions is a backend of the harness"},
		{[]string{"--model", "local-completions", "--model_args", "pretrained=smoke"}, "local-completions is a backend of the harness"},
		{[]string{"--model", "smoke", "--write_out"}, "--write-out is not supported: swallow-eval prompts prints every request"},
		{[]string{"--model", "smoke", "--show_config"}, "run.json records"},
		{[]string{"--model", "smoke", "--check_integrity"}, "swallow-eval verify proves"},
		{[]string{"--model", "smoke", "--metadata", `{"a":1}`}, "take no metadata"},
		{[]string{"--model", "smoke", "--verbosity", "LOUD"}, `--verbosity "LOUD"`},
	} {
		code, _, stderr := commandLine(t, append(base[:len(base):len(base)], c.args...)...)
		if c.want == "" {
			assert.Zero(t, code, "%q: %s", c.args, stderr)
			continue
		}
		assert.Equal(t, exitcode.Failure, code, "%q: %s", c.args, stderr)
		assert.Contains(t, stderr, c.want, "%q", c.args)
	}
}

// TestModelNames looks names up in any case, with a revision, and says which was meant.
func TestModelNames(t *testing.T) {
	for name, want := range map[string]string{
		"13B": "tokyotech-llm/Swallow-13b-hf", "13b": "tokyotech-llm/Swallow-13b-hf", "7b-NVE": "tokyotech-llm/Swallow-7b-NVE-hf",
		"Llama2-7B@abc": "meta-llama/Llama-2-7b-hf@abc", "org/name@r": "org/name@r",
	} {
		a, err := (&modelFlags{model: name}).find()
		if assert.NoError(t, err, name) {
			assert.Equal(t, want, a.Repo.String(), name)
		}
	}
	_, err := (&modelFlags{model: "13bb"}).find()
	assert.ErrorContains(t, err, "did you mean 13b?")
	_, err = (&modelFlags{model: "no-such-thing-at-all"}).find()
	assert.ErrorContains(t, err, "swallow-eval list models")
}

// TestNoGoWordsReachAUser gives values of wrong types to what reads JSON lines.
func TestNoGoWordsReachAUser(t *testing.T) {
	for _, c := range []struct {
		args     []string
		in, want string
	}{
		{[]string{"metric", "bleu"}, `{"prediction":"a","reference":""}`, "record 1: bleu has no number for an empty reference"},
		{[]string{"metric", "char_f1"}, `{"output":1,"targets":["a"]}`, "output is a number where a string is wanted"},
		{[]string{"metric", "char_f1"}, `{"output":"a","targets":"a"}`, "targets is a string where an array is wanted"},
		{[]string{"tokenize", "--model", "smoke"}, `["a"]`, "an array where a string is wanted"},
	} {
		code, _, stderr := commandLineWith(t, c.in, c.args...)
		assert.Equal(t, exitcode.Failure, code, c.in)
		assert.Contains(t, stderr, c.want)
		assert.NotRegexp(t, `NaN|Go |\[\]|main\.|struct`, stderr)
	}
}
