package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
)

func TestReadGeneration(t *testing.T) {
	file := func(settings ...engine.GenerationSetting) []engine.GenerationSetting {
		for i := range settings {
			if settings[i].File == "" {
				settings[i].File = "generation_config.json"
			}
		}
		return settings
	}
	for _, c := range []struct {
		name, generation string
		config           map[string]any
		want             []engine.GenerationSetting
	}{
		{"as Meta publishes Llama 2", `{"bos_token_id":1,"do_sample":true,"eos_token_id":2,"pad_token_id":0,"temperature":0.6,"max_length":4096,"top_p":0.9,"transformers_version":"4.31.0"}`, nil,
			file(engine.GenerationSetting{Key: "do_sample", Value: "true"}, engine.GenerationSetting{Key: "temperature", Value: "0.6"},
				engine.GenerationSetting{Key: "max_length", Value: "4096"}, engine.GenerationSetting{Key: "top_p", Value: "0.9"})},
		{"nothing to say", `{"_from_model_config":true,"bos_token_id":1,"eos_token_id":2,"transformers_version":"4.34.1"}`, nil, nil},
		{"defaults", `{"do_sample":false,"temperature":1.0,"top_p":1,"top_k":50,"num_beams":1,"max_length":20,"repetition_penalty":null}`, nil, nil},
		{"end tokens", `{"eos_token_id":[2,7]}`, nil, file(engine.GenerationSetting{Key: "eos_token_id", Value: "[2,7]", Applied: true})},
		{"unknown", `{"novel":{"a": 1}}`, nil, file(engine.GenerationSetting{Key: "novel", Value: `{"a": 1}`})},
		{"long", `{"bad_words_ids":[` + strings.Repeat("1,\n ", 60) + `1]}`, nil,
			file(engine.GenerationSetting{Key: "bad_words_ids", Value: "[" + strings.Repeat("1, ", 26) + "1…"})},
		{"config.json of old", "", map[string]any{"temperature": 0.7, "top_p": 1.0, "novel": 1},
			file(engine.GenerationSetting{File: "config.json", Key: "temperature", Value: "0.7"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeJSON(t, dir, "config.json", llama(c.config))
			if c.generation != "" {
				require.True(t, json.Valid([]byte(c.generation)))
				require.NoError(t, os.WriteFile(filepath.Join(dir, "generation_config.json"), []byte(c.generation), 0o644))
			}
			got, err := engine.ReadGeneration(dir)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "generation_config.json"), []byte("{"), 0o644))
	_, err := engine.ReadGeneration(dir)
	assert.ErrorContains(t, err, "generation_config.json: ")
}
