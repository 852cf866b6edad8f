package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// TestModelNotesGoWhereverTheNumberGoes is issued over all kinds of remarks about a model and all places where a run's numbers
// are shown, exported or kept.
func TestModelNotesGoWhereverTheNumberGoes(t *testing.T) {
	isolated(t)
	out := filepath.Join(t.TempDir(), "out")
	_, _, err := inWorld(t, console{}, "run", "--model", "smoke", "--tasks", "jsquad", "--limit", "8", "--no-cache", "-o", out)
	require.NoError(t, err)
	manifest := filepath.Join(out, "run.json")
	content, err := os.ReadFile(manifest)
	require.NoError(t, err)
	plain := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &plain))
	for name, change := range map[string]map[string]any{
		"quantised": {"stored_dtype": "q4_k_m"}, "vocabulary": {"vocabulary": 43176, "pieces": 32000},
		"arithmetic": {"dtype": "q8"}, "adapter": {"adapter": map[string]string{"name": "my/lora", "digest": "sha256:0"}}, "ignored": {"ignored_config": []string{"new_key", "other"}},
		"server": {"server": map[string]any{"endpoints": []string{"openai:http://h/v1#m"}, "dialect": "vllm", "fingerprint": "sha256:0"}},
	} {
		changed := plain["model"].(map[string]any)
		before := map[string]any{}
		for key, value := range change {
			before[key], changed[key] = changed[key], value
		}
		text, err := json.Marshal(plain)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(manifest, text, 0o644))
		var run results.Run
		require.NoError(t, json.Unmarshal(text, &run))
		said := notes.OfModel(run.Model)
		require.Len(t, said, 1, name)
		note := said[0]

		kept := filepath.Join(t.TempDir(), "baseline")
		page := filepath.Join(t.TempDir(), "report.html")
		lm := filepath.Join(t.TempDir(), "lm.json")
		for _, c := range []struct {
			line []string
			file string // "" means standard output
		}{
			{[]string{"export", out, "--as", "csv"}, ""},
			{[]string{"export", out, "--as", "markdown"}, ""},
			{[]string{"export", out, "--as", "latex"}, ""},
			{[]string{"export", out, "--as", "lm-eval", "-o", lm, "--no-samples"}, filepath.Dir(lm)},
			{[]string{"compare", out, out}, ""},
			{[]string{"compare", out, out, "--format", "markdown"}, ""},
			{[]string{"report", out, "-o", page}, page},
			{[]string{"baseline", "save", out, kept}, ""},
			{[]string{"baseline", "show", kept}, ""},
			{[]string{"compare", kept, out}, ""},
		} {
			shown, _, err := inWorld(t, console{}, c.line...)
			require.NoError(t, err, "%s %v", name, c.line)
			if c.line[1] == "save" {
				continue // which says where it is; what it keeps is shown next
			}
			if c.file != "" {
				shown = textUnder(t, c.file)
			}
			// Formats differ in what they escape, the report's sentence in its capital letter and full stop.
			letters := func(s string) string {
				s = html.UnescapeString(s)
				s = strings.ReplaceAll(s, `\textendash{}`, "-")
				return strings.ToLower(strings.Map(func(r rune) rune {
					if strings.ContainsRune("\\ \n{}`*|.", r) {
						return -1
					}
					return r
				}, s))
			}
			assert.Contains(t, letters(shown), letters(note), "%s %v", name, c.line)
		}
		for key := range change {
			if changed[key] = before[key]; before[key] == nil {
				delete(changed, key)
			}
		}
	}
}

// textUnder is a file, or all files of a folder.
func textUnder(t *testing.T, path string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(path, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	}))
	return all.String()
}

// TestIgnoreConfigInEveryCommand: a key that the engine does not know stops every command that reads the configuration, with
// what to do in the message, and that lets each go on; one that it knows cannot be ignored.
func TestIgnoreConfigInEveryCommand(t *testing.T) {
	isolated(t)
	dir := filepath.Join(t.TempDir(), "tiny")
	makeModel(t, dir, 4096, 7)
	content, err := os.ReadFile(filepath.Join(dir, "config.json"))
	require.NoError(t, err)
	config := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &config))
	config["new_key"] = true
	content, err = json.Marshal(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), content, 0o644))
	data, requests := t.TempDir(), filepath.Join(t.TempDir(), "requests.jsonl")
	makeData(t, data)
	require.NoError(t, os.WriteFile(requests, []byte(`{"context": "a", "continuation": " b"}`+"\n"), 0o644))
	task := []string{"--data-dir", data, "--allow-unpinned-data", "--tasks", "gsm8k"}
	for _, line := range [][]string{
		append([]string{"run", "--limit", "1", "--no-cache", "-o", filepath.Join(t.TempDir(), "out")}, task...),
		{"generate", "--prompt", "x", "--max-new-tokens", "1"},
		{"loglikelihood", "--input", requests},
		{"drift", "--against", "bf16"},
		append([]string{"prompts", "--limit", "1"}, task...),
		{"tokenize"},
		{"fetch"},
	} {
		line = append(line, "--model", dir)
		_, _, err := inWorld(t, console{}, line...)
		if line[0] != "tokenize" && line[0] != "fetch" { // which read no configuration of a folder
			require.ErrorContains(t, err, "--ignore-config new_key if you know that it changes nothing", "%v", line)
			_, _, err = inWorld(t, console{}, append(line, "--ignore-config", "new_key", "--ignore-config", "hidden_act")...)
			require.ErrorContains(t, err, "--ignore-config hidden_act: the engine knows the key", "%v", line)
		}
		_, errs, err := inWorld(t, console{}, append(line, "--ignore-config", "new_key")...)
		require.NoError(t, err, "%v", line)
		if line[0] == "run" || line[0] == "generate" || line[0] == "loglikelihood" || line[0] == "drift" {
			assert.Contains(t, errs, "--ignore-config new_key: not known to the engine", "%v", line)
		}
	}
}
