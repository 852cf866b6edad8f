package engine_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// llama returns a good configuration, of Llama 2's form, with changes; nil removes a key.
func llama(changes map[string]any) map[string]any {
	c := map[string]any{
		"_name_or_path": "x", "architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "bos_token_id": 1,
		"eos_token_id": 2, "pad_token_id": 0, "hidden_act": "silu", "hidden_size": 64, "initializer_range": 0.02,
		"intermediate_size": 176, "max_position_embeddings": 4096, "num_attention_heads": 4, "num_hidden_layers": 2,
		"num_key_value_heads": 4, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": json.RawMessage("null"),
		"tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.34.1", "use_cache": true,
		"vocab_size": 32000,
	}
	for key, value := range changes {
		if c[key] = value; value == nil {
			delete(c, key)
		}
	}
	return c
}

func writeJSON(t *testing.T, dir, name string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
}

func TestReadConfig(t *testing.T) {
	plain := engine.Config{
		VocabSize: 32000, HiddenSize: 64, Intermediate: 176, Layers: 2, Heads: 4, KVHeads: 4, HeadDim: 16,
		MaxPositions: 4096, RMSNormEps: 1e-5, RopeTheta: 10000, BOS: []int32{1}, EOS: []int32{2},
	}
	llama3 := map[string]any{"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 512}
	with := func(base map[string]any, key string, value any) map[string]any {
		out := maps.Clone(base)
		out[key] = value
		return out
	}
	cases := []struct {
		name    string
		changes map[string]any
		want    func(c *engine.Config)
	}{
		{"as it is", nil, func(*engine.Config) {}},
		{"key-value heads default to heads", map[string]any{"num_key_value_heads": nil}, func(*engine.Config) {}},
		{"grouped heads", map[string]any{"num_key_value_heads": 2}, func(c *engine.Config) { c.KVHeads = 2 }},
		{"head size", map[string]any{"head_dim": 24}, func(c *engine.Config) { c.HeadDim = 24 }},
		{"tied", map[string]any{"tie_word_embeddings": true}, func(c *engine.Config) { c.TieEmbeddings = true }},
		{"defaults", map[string]any{"rms_norm_eps": nil, "max_position_embeddings": nil, "bos_token_id": nil, "eos_token_id": json.RawMessage("null")},
			func(c *engine.Config) { c.RMSNormEps, c.MaxPositions, c.BOS, c.EOS = 1e-6, 2048, nil, nil }},
		{"keys of real configurations", map[string]any{
			"is_llama_config": true, "rope_interleaved": false, "layer_types": []string{"full_attention", "full_attention"}, "bias": false,
			"loss_type": "ForCausalLMLoss", "use_flash_attn": true, "use_qk_norm": false, "pretraining_tp": 4, "classifier_dropout": 0.1,
			"transformers.js_config": map[string]any{"kv_cache_dtype": map[string]any{"fp16": "float16"}}, "head_dim": json.RawMessage("null"),
			"num_key_value_heads": json.RawMessage("null"), "sliding_window": json.RawMessage("null"),
		}, func(*engine.Config) {}},
		{"several end tokens", map[string]any{"eos_token_id": []int{2, 7}}, func(c *engine.Config) { c.EOS = []int32{2, 7} }},
		{"theta", map[string]any{"rope_theta": 500000.0}, func(c *engine.Config) { c.RopeTheta = 500000 }},
		{"linear by type", map[string]any{"rope_scaling": map[string]any{"type": "linear", "factor": 2.0}},
			func(c *engine.Config) { c.RopeScaling = engine.RopeScaling{Type: "linear", Factor: 2} }},
		{"linear by both", map[string]any{"rope_scaling": map[string]any{"type": "linear", "rope_type": "linear", "factor": 2}},
			func(c *engine.Config) { c.RopeScaling = engine.RopeScaling{Type: "linear", Factor: 2} }},
		{"default by rope_type", map[string]any{"rope_scaling": map[string]any{"rope_type": "default"}}, func(*engine.Config) {}},
		{"llama3", map[string]any{"rope_scaling": with(llama3, "rope_type", "llama3")}, func(c *engine.Config) {
			c.RopeScaling = engine.RopeScaling{Type: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositions: 512}
		}},
		{"rope_parameters", map[string]any{"rope_parameters": map[string]any{"rope_type": "default", "rope_theta": 500000.0}},
			func(c *engine.Config) { c.RopeTheta = 500000 }},
		{"rope_parameters llama3", map[string]any{"rope_parameters": with(with(llama3, "rope_type", "llama3"), "rope_theta", 500000)},
			func(c *engine.Config) {
				c.RopeTheta = 500000
				c.RopeScaling = engine.RopeScaling{Type: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositions: 512}
			}},
		{"unknown but null", map[string]any{"quantization_config": json.RawMessage("null"), "new_key": json.RawMessage("null")}, func(*engine.Config) {}},
		{"biases on", map[string]any{"attention_bias": true, "mlp_bias": true}, func(c *engine.Config) { c.AttentionBias, c.OutputBias, c.MLPBias = true, true, true }},
		{"yarn", map[string]any{"rope_scaling": map[string]any{"rope_type": "yarn", "factor": 1.0}}, func(c *engine.Config) {
			c.RopeScaling = engine.RopeScaling{Type: "yarn", Factor: 1, OriginalMaxPositions: 4096, BetaFast: 32, BetaSlow: 1, AttentionFactor: 1}
		}},
		{"biases off", map[string]any{"attention_bias": false, "mlp_bias": false, "attention_dropout": 0.1}, func(*engine.Config) {}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeJSON(t, dir, "config.json", llama(c.changes))
			got, err := engine.ReadConfig(dir)
			require.NoError(t, err)
			want := plain
			c.want(&want)
			assert.Equal(t, want, got)
		})
	}
}

func TestGenerationConfig(t *testing.T) {
	for name, c := range map[string]struct {
		generation string
		bos, eos   []int32
	}{
		"over config.json":     {`{"bos_token_id": 3, "eos_token_id": [4, 5], "do_sample": true, "whatever": {}}`, []int32{3}, []int32{4, 5}},
		"beside config.json":   {`{"eos_token_id": 6}`, []int32{1}, []int32{6}},
		"null is no statement": {`{"eos_token_id": null}`, []int32{1}, []int32{2}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeJSON(t, dir, "config.json", llama(nil))
			writeJSON(t, dir, "generation_config.json", json.RawMessage(c.generation))
			got, err := engine.ReadConfig(dir)
			require.NoError(t, err)
			assert.Equal(t, c.bos, got.BOS)
			assert.Equal(t, c.eos, got.EOS)
		})
	}
	for name, c := range map[string]struct{ generation, want string }{
		"B2 end token outside the vocabulary": {`{"eos_token_id": 32000}`, "generation_config.json: bos_token_id or eos_token_id 32000 is outside the vocabulary of 32000"},
		"B2 end token a string":               {`{"eos_token_id": "2"}`, "generation_config.json: eos_token_id: want an integer"},
		"not JSON":                            {`{`, "generation_config.json: not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeJSON(t, dir, "config.json", llama(nil))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "generation_config.json"), []byte(c.generation), 0o644))
			_, err := engine.ReadConfig(dir)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestBadConfig(t *testing.T) {
	scaling := func(text string) map[string]any { return map[string]any{"rope_scaling": json.RawMessage(text)} }
	cases := []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"A10 other model type", map[string]any{"model_type": "mixtral"}, `model_type "mixtral" is not supported: mixtures of experts are not implemented`},
		{"A10 no model type", map[string]any{"model_type": nil}, `model_type "" is not supported`},
		{"A10 other architecture", map[string]any{"architectures": []string{"LlamaForSequenceClassification"}}, `architecture "LlamaForSequenceClassification" is not supported`},
		{"A10 no architecture", map[string]any{"architectures": nil}, "architectures: missing"},
		{"A10 two architectures", map[string]any{"architectures": []string{"LlamaForCausalLM", "X"}}, "want one, found 2"},
		{"A10 architecture a string", map[string]any{"architectures": "LlamaForCausalLM"}, "architectures: want an array"},
		{"A10 size missing", map[string]any{"hidden_size": nil}, "hidden_size: missing"},
		{"A10 size a string", map[string]any{"hidden_size": "64"}, `hidden_size: want a non-negative integer, found "\"64\""`},
		{"A10 size a float", map[string]any{"hidden_size": 64.5}, "hidden_size: want a non-negative integer"},
		{"A10 size zero", map[string]any{"num_hidden_layers": 0}, "num_hidden_layers: 0 is not between"},
		{"A10 size negative", map[string]any{"vocab_size": -5}, "vocab_size: want a non-negative integer"},
		{"A10 size huge", map[string]any{"hidden_size": 1 << 40}, "hidden_size: 1099511627776 is not between"},
		{"A10 key-value heads do not divide", map[string]any{"num_key_value_heads": 3}, "num_key_value_heads 3 does not divide num_attention_heads 4"},
		{"A10 heads do not divide", map[string]any{"num_attention_heads": 5, "num_key_value_heads": 5}, "num_attention_heads 5 does not divide hidden_size 64"},
		{"A10 head size odd", map[string]any{"head_dim": 15}, "head_dim 15 is odd"},
		{"A10 epsilon negative", map[string]any{"rms_norm_eps": -1}, "rms_norm_eps: -1 is not positive"},
		{"A10 theta zero", map[string]any{"rope_theta": 0}, "rope_theta: 0 is not positive"},
		{"A10 tie a number", map[string]any{"tie_word_embeddings": 1}, "tie_word_embeddings: want true or false"},
		{"A10 other activation", map[string]any{"hidden_act": "gelu"}, `hidden_act is "\"gelu\"": other activations`},
		{"A10 attention bias a number", map[string]any{"attention_bias": 1}, "attention_bias: want true or false"},
		{"A10 products in no slices", map[string]any{"pretraining_tp": 0}, "pretraining_tp: want a positive integer"},
		{"A10 slices a string", map[string]any{"pretraining_tp": "2"}, "pretraining_tp: want a positive integer"},
		{"A10 epsilon null", map[string]any{"rms_norm_eps": json.RawMessage("null")}, "rms_norm_eps is null: the model's own value is not known"},
		{"A10 theta null", map[string]any{"rope_theta": json.RawMessage("null")}, "rope_theta is null"},
		{"A10 positions null", map[string]any{"max_position_embeddings": json.RawMessage("null")}, "max_position_embeddings is null"},
		{"A10 activation null", map[string]any{"hidden_act": json.RawMessage("null")}, "hidden_act is null"},
		{"A10 size null", map[string]any{"hidden_size": json.RawMessage("null")}, "hidden_size is null"},
		{"A10 interleaved", map[string]any{"rope_interleaved": true}, "rope_interleaved is"},
		{"A10 biases", map[string]any{"bias": true}, "bias is"},
		{"A10 norms of heads", map[string]any{"use_qk_norm": true}, "use_qk_norm is"},
		{"A10 a sliding layer", map[string]any{"layer_types": []string{"full_attention", "sliding_attention"}}, `layer_types: layer 1 is "\"sliding_attention\"", only full_attention`},
		{"A10 layer types a string", map[string]any{"layer_types": "full_attention"}, "layer_types: want"},
		{"A10 quantised", map[string]any{"quantization_config": map[string]any{"bits": 4}}, "quantization_config: quantised weights"},
		{"A10 own code", map[string]any{"auto_map": map[string]any{"AutoModel": "x.Y"}}, "auto_map: the model brings its own Python code"},
		{"A10 unknown key", map[string]any{"logit_scale": 0.5}, `unknown key "logit_scale"`},
		{"A10 rope type unknown", scaling(`{"rope_type":"longrope","factor":2}`), `rope_scaling: type "longrope" is not supported`},
		{"A10 rope type dynamic", scaling(`{"type":"dynamic","factor":2}`), `rope_scaling: type "dynamic" is not supported`},
		{"A10 rope types differ", scaling(`{"type":"linear","rope_type":"llama3","factor":2}`), `type "linear", but rope_type "llama3"`},
		{"A10 rope type missing", scaling(`{"factor":2}`), "rope_scaling: no rope_type"},
		{"A10 rope factor missing", scaling(`{"type":"linear"}`), "rope_scaling: factor: missing"},
		{"A10 rope factor zero", scaling(`{"type":"linear","factor":0}`), "rope_scaling: factor: 0 is not positive"},
		{"A10 rope unknown key", scaling(`{"type":"linear","factor":2,"beta":1}`), `rope_scaling: unknown key "beta"`},
		{"A10 rope factor twice", scaling(`{"type":"linear","factor":2,"factor":3}`), `key "factor" occurs twice`},
		{"A10 rope not an object", scaling(`"linear"`), "rope_scaling: want a JSON object"},
		{"A10 rope low above high", scaling(`{"type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":1,"original_max_position_embeddings":512}`), "high_freq_factor 1 is not above low_freq_factor 4"},
		{"A10 two thetas", map[string]any{"rope_theta": 10000, "rope_parameters": map[string]any{"rope_type": "default", "rope_theta": 500000}}, "rope_theta 500000, but 10000 beside it"},
		{"A10 two scalings", map[string]any{"rope_scaling": map[string]any{"type": "linear", "factor": 2}, "rope_parameters": map[string]any{"rope_type": "default"}}, "rope_parameters: not the same as rope_scaling"},
		{"B2 begin token outside the vocabulary", map[string]any{"bos_token_id": 32000}, "32000 is outside the vocabulary of 32000"},
		{"B2 end token negative", map[string]any{"eos_token_id": []int{2, -1}}, "-1 is outside the vocabulary"},
		{"B2 end token a float", map[string]any{"eos_token_id": 2.5}, "eos_token_id: want an integer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeJSON(t, dir, "config.json", llama(c.changes))
			_, err := engine.ReadConfig(dir)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, err.Error(), "config.json: ")
		})
	}
	t.Run("A10 missing", func(t *testing.T) {
		_, err := engine.ReadConfig(t.TempDir())
		require.ErrorContains(t, err, "config.json: no such file")
	})
	for name, c := range map[string]struct{ text, want string }{
		"A10 empty":         {"", "config.json: not JSON"},
		"A10 an array":      {"[]", "config.json: want a JSON object, found an array"},
		"A10 duplicate key": {`{"model_type":"llama","model_type":"llama"}`, `key "model_type" occurs twice`},
		"A13 LFS pointer":   {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "config.json: a Git LFS pointer"},
		"A13 HTML page":     {"<!doctype html><html></html>", "config.json: an HTML page"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(c.text), 0o644))
			_, err := engine.ReadConfig(dir)
			require.ErrorContains(t, err, c.want)
		})
	}
}

// TestIgnoredKeys: an unknown key passes on the caller's word alone, and is told; a known one never does.
func TestIgnoredKeys(t *testing.T) {
	dir := t.TempDir()
	unknown := map[string]any{"new_key": 1, "odd key": "x", "unknown_null": json.RawMessage("null")}
	writeJSON(t, dir, "config.json", llama(unknown))
	_, err := engine.ReadConfig(dir)
	require.ErrorContains(t, err, `config.json: unknown keys "new_key", "odd key": they may change the computation; --ignore-config new_key --ignore-config "odd key" if you know`)
	_, err = engine.ReadConfig(dir, "odd key")
	require.ErrorContains(t, err, `unknown key "new_key": it may change the computation; --ignore-config new_key if you know`)
	got, err := engine.ReadConfig(dir, "odd key", "new_key", "of another model")
	require.NoError(t, err)
	assert.Equal(t, []string{"new_key", "odd key"}, got.Ignored, "what is there, in the order of the file")

	for _, key := range []string{"sliding_window", "bias", "hidden_act", "quantization_config", "auto_map", "rope_scaling", "torch_dtype", "layer_types", "pretraining_tp", ""} {
		_, err := engine.ReadConfig(dir, "new_key", "odd key", key)
		require.ErrorContains(t, err, "config.json: --ignore-config", key)
	}
	writeJSON(t, dir, "config.json", llama(map[string]any{"sliding_window": 512}))
	_, err = engine.ReadConfig(dir, "sliding_window")
	require.ErrorContains(t, err, "--ignore-config sliding_window: the engine knows the key")

	// The digest is of what is computed, so that answers are shared with the same model without the key.
	digest := func(changes map[string]any, ignore ...string) string {
		dir := t.TempDir()
		shape := enginetest.Tiny()
		require.NoError(t, enginetest.Write(dir, shape, 3))
		content, err := os.ReadFile(filepath.Join(dir, "config.json"))
		require.NoError(t, err)
		var config map[string]any
		require.NoError(t, json.Unmarshal(content, &config))
		maps.Copy(config, changes)
		writeJSON(t, dir, "config.json", config)
		m, err := engine.Load(dir, engine.Options{Threads: 1, IgnoreConfig: ignore})
		require.NoError(t, err)
		defer func() { require.NoError(t, m.Close()) }()
		assert.Equal(t, ignore, m.Config().Ignored)
		return m.Digest()
	}
	assert.Equal(t, digest(nil), digest(map[string]any{"new_key": 1}, "new_key"))
}

// TestFoldersThatAreNoModel: a folder with an adapter in it, or of another layout, is called what it is.
func TestFoldersThatAreNoModel(t *testing.T) {
	const adapter = `{"peft_type": "LORA", "base_model_name_or_path": "org/base"}`
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"adapter beside the weights":   {map[string]string{"config.json": "{}", "adapter_config.json": adapter}, "a LoRA adapter lies beside the weights"},
		"its weights without its file": {map[string]string{"config.json": "{}", "adapter_model.safetensors": ""}, "adapter_model.safetensors: a LoRA adapter lies beside the weights"},
		"adapter alone":                {map[string]string{"adapter_config.json": adapter, "adapter_model.safetensors": ""}, `the folder holds an adapter alone, of "org/base"`},
		"adapter that names no base":   {map[string]string{"adapter_config.json": "{}"}, "adapter_config.json: the folder holds an adapter alone"},
		"Meta's layout":                {map[string]string{"params.json": "{}", "consolidated.00.pth": ""}, "the folder has the layout of Meta's releases"},
		"both layouts":                 {map[string]string{"params.json": "{}", "config.json": "{}"}, `model_type "" is not supported`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644))
			}
			_, err := engine.ReadConfig(dir)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
			_, err = engine.Load(dir, engine.Options{})
			require.ErrorContains(t, err, c.want)

			// The names alone say the same, all but what an adapter's base is; below the root they say nothing.
			var names, below []string
			for file := range c.files {
				names, below = append(names, file), append(below, "original/"+file)
			}
			require.NoError(t, engine.CheckNames(below))
			err = engine.CheckNames(names)
			if name == "both layouts" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, strings.TrimSuffix(c.want, `, of "org/base"`))
		})
	}
}

// FuzzConfig checks that no config.json makes loading panic or allocate by what it claims.
func FuzzConfig(f *testing.F) {
	good, err := json.Marshal(llama(nil))
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":2147483647,"vocab_size":2147483647,"num_hidden_layers":2147483647,"num_attention_heads":1,"intermediate_size":2147483647}`))
	f.Add([]byte(`{"rope_scaling":{"type":"linear"}}`))
	dir := f.TempDir()
	require.NoError(f, enginetest.Write(dir, enginetest.Tiny(), 1))
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644))
		m, err := engine.Load(dir, engine.Options{Threads: 1})
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		require.NoError(t, m.Close())
	})
}
