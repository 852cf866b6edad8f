package engine_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

var linears = []string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"}

// adapters are the forms that an adapter may have.
func adapters() map[string]enginetest.Adapter {
	return map[string]enginetest.Adapter{
		"q and v":  {Rank: 8, Targets: []string{"q_proj", "v_proj"}},
		"all":      {Rank: 5, Targets: linears},
		"rslora":   {Rank: 4, Targets: []string{"down_proj"}, Config: map[string]any{"use_rslora": true, "lora_alpha": 3}},
		"saved":    {Rank: 3, Targets: []string{"o_proj"}, Saved: []string{"lm_head", "embed_tokens", "input_layernorm"}},
		"patterns": {Rank: 6, Targets: linears[:7], Ranks: map[string]int{"q_proj": 2, "up_proj": 9}, Config: map[string]any{"alpha_pattern": map[string]any{`layers\.1\.self_attn\.[qk]_proj`: 5.5, "v_proj": 1}}},
		"regular":  {Rank: 2, Targets: []string{"q_proj", "k_proj"}, Config: map[string]any{"target_modules": `model\.layers\.\d+\.self_attn\.(q|k)_proj`}},
	}
}

// scaleOf is the factor of a module in the cases above, written down apart from the code under test.
func scaleOf(name, module string, rank int) *big.Float {
	alpha := map[string]float64{"q and v": 16, "all": 10, "rslora": 3, "saved": 6, "patterns": 12, "regular": 4}[name]
	if name == "patterns" {
		switch {
		case strings.HasSuffix(module, "layers.1.self_attn.q_proj"), strings.HasSuffix(module, "layers.1.self_attn.k_proj"):
			alpha = 5.5
		case strings.HasSuffix(module, "v_proj"):
			alpha = 1
		}
	}
	if name == "rslora" {
		return big.NewFloat(alpha / math.Sqrt(float64(rank)))
	}
	return big.NewFloat(alpha / float64(rank))
}

func tensorValues(t *testing.T, x safetensors.Tensor) []float32 {
	data, err := x.Data()
	require.NoError(t, err)
	var list []float32
	for ; len(data) > 0; data = data[2:] {
		list = append(list, math.Float32frombits(uint32(binary.LittleEndian.Uint16(data))<<16))
	}
	return list
}

// mergedByHand writes the model with the adapter merged into it, as F32: sums of products are exact, here with 300 bits; what
// follows is rounded to 53 bits, as in float64.
func mergedByHand(t *testing.T, name, base, adapter string) string {
	model, err := safetensors.Open(base)
	require.NoError(t, err)
	defer func() { require.NoError(t, model.Close()) }()
	lora, err := safetensors.OpenFile(adapter, "adapter_model.safetensors")
	require.NoError(t, err)
	defer func() { require.NoError(t, lora.Close()) }()
	header, data := map[string]any{}, []byte{}
	for _, tensor := range slices.Sorted(slices.Values(model.Names())) {
		x, _ := model.Tensor(tensor)
		values := tensorValues(t, x)
		if saved, ok := lora.Tensor("base_model.model." + tensor); ok {
			values = tensorValues(t, saved)
		}
		module := "base_model.model." + strings.TrimSuffix(tensor, ".weight")
		if a, ok := lora.Tensor(module + ".lora_A.weight"); ok {
			b, _ := lora.Tensor(module + ".lora_B.weight")
			rank, cols := a.Shape[0], a.Shape[1]
			av, bv, scale := tensorValues(t, a), tensorValues(t, b), scaleOf(name, module, rank)
			exact := func(x float32) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(float64(x)) }
			for i := range values {
				sum := exact(0)
				for k := range rank {
					sum.Add(sum, new(big.Float).Mul(exact(bv[i/cols*rank+k]), exact(av[k*cols+i%cols])))
				}
				scaled := new(big.Float).SetPrec(53).Mul(sum, scale)
				values[i], _ = scaled.Add(scaled, exact(values[i])).Float32()
			}
		}
		begin := len(data)
		for _, v := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		header[tensor] = map[string]any{"dtype": "F32", "shape": x.Shape, "data_offsets": []int{begin, len(data)}}
	}
	text, err := json.Marshal(header)
	require.NoError(t, err)
	text = append(text, strings.Repeat(" ", (8-len(text)%8)%8)...)
	dir := t.TempDir()
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	require.NoError(t, os.WriteFile(filepath.Join(dir, weightsName), append(file, data...), 0o644))
	config, err := os.ReadFile(filepath.Join(base, "config.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644))
	return dir
}

// TestAdapterIsMergedExactly: the base with an adapter answers, to the last bit, like the checkpoint that exact arithmetic makes
// of the two, in every arithmetic, packed and not.
func TestAdapterIsMergedExactly(t *testing.T) {
	shape := enginetest.Tiny()
	base := model(t, shape, 51)
	seqs := sequences(shape.Vocab, 2, 33, 64)
	plain := score(t, load(t, base, engine.Options{}), seqs)
	for name, a := range shorttest.Fewer(adapters(), "all", "patterns", "saved") {
		dir := t.TempDir()
		require.NoError(t, enginetest.WriteAdapter(dir, shape, a, 52))
		merged := mergedByHand(t, name, base, dir)
		for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
			opts := engine.Options{DType: d, Adapter: dir, MaxBatchTokens: 64}
			want := score(t, load(t, merged, engine.Options{DType: d}), seqs)
			require.Equal(t, want, score(t, load(t, base, opts), seqs), "%s %s", name, d)
			if name == "all" {
				require.Equal(t, want, score(t, load(t, base, unpacked(t, base, opts)), seqs), "%s %s from the stored form", name, d)
			}
			if d == engine.F32 {
				require.NotEqual(t, plain, want, "an adapter that changes nothing tests nothing")
			}
		}
	}
	// A GGUF file is a base, too.
	dir := t.TempDir()
	require.NoError(t, enginetest.WriteAdapter(dir, shape, adapters()["all"], 52))
	file := converted(t, base, gguf.F16, nil)
	assert.Equal(t, score(t, load(t, base, engine.Options{Adapter: dir}), seqs), score(t, load(t, file, engine.Options{Adapter: dir}), seqs))
}

// TestAdapterIdentity: the digest is that of base and adapter, whatever folder they lie in.
func TestAdapterIdentity(t *testing.T) {
	shape := enginetest.Tiny()
	base := model(t, shape, 51)
	digest := func(a enginetest.Adapter, seed int64) (whole, adapter string) {
		dir := t.TempDir()
		require.NoError(t, enginetest.WriteAdapter(dir, shape, a, seed))
		m := load(t, base, engine.Options{Adapter: dir})
		return m.Digest(), m.AdapterDigest()
	}
	m := load(t, base, engine.Options{})
	assert.Empty(t, m.AdapterDigest())
	a := enginetest.Adapter{Rank: 4, Targets: []string{"q_proj"}}
	whole, adapter := digest(a, 1)
	assert.NotEqual(t, m.Digest(), whole)
	again, _ := digest(a, 1)
	assert.Equal(t, whole, again)
	harmless := a
	harmless.Config = map[string]any{"lora_dropout": 0.5, "base_model_name_or_path": "another/name"}
	again, same := digest(harmless, 1)
	assert.Equal(t, whole, again)
	assert.Equal(t, adapter, same)
	for _, change := range []map[string]any{{"lora_alpha": 9}, {"use_rslora": true}, {"alpha_pattern": map[string]any{"q_proj": 3}}} {
		other := a
		other.Config = change
		again, _ := digest(other, 1)
		assert.NotEqual(t, whole, again, "%v", change)
	}
	again, _ = digest(a, 2)
	assert.NotEqual(t, whole, again)
}

// TestAdapterRefusals: what PEFT has and the engine does not is refused by its name.
func TestAdapterRefusals(t *testing.T) {
	shape := enginetest.Tiny()
	base := model(t, shape, 51)
	plain := enginetest.Adapter{Rank: 4, Targets: []string{"q_proj", "v_proj"}}
	with := func(change map[string]any) enginetest.Adapter {
		a := plain
		a.Config = change
		return a
	}
	other := shape
	other.Hidden = 64
	for _, c := range []struct {
		adapter enginetest.Adapter
		want    string // "" where it is accepted
	}{
		{plain, ""},
		{with(map[string]any{"peft_type": "LOHA"}), `adapter_config.json: peft_type "LOHA" is not supported, only "LORA"`},
		{with(map[string]any{"peft_type": "PROMPT_TUNING"}), "PROMPT_TUNING"},
		{with(map[string]any{"task_type": "SEQ_CLS"}), "task_type"},
		{with(map[string]any{"use_dora": true}), "use_dora: \"true\": DoRA"},
		{with(map[string]any{"bias": "all"}), "bias"},
		{with(map[string]any{"lora_bias": true}), "lora_bias"},
		{with(map[string]any{"use_qalora": true}), "use_qalora"},
		{with(map[string]any{"init_lora_weights": "pissa"}), "init_lora_weights"},
		{with(map[string]any{"init_lora_weights": "gaussian"}), ""},
		{with(map[string]any{"layer_replication": []any{[]int{0, 1}}}), "layer_replication"},
		{with(map[string]any{"trainable_token_indices": []int{1}}), "trainable_token_indices"},
		{with(map[string]any{"fan_in_fan_out": true}), ""},
		{with(map[string]any{"r": 5}), "has rank 4, adapter_config.json says 5"},
		{with(map[string]any{"r": 0}), "r: 0 is not between 1"},
		{with(map[string]any{"r": nil}), "r: "},
		{with(map[string]any{"lora_alpha": -1}), "lora_alpha: -1 is not positive"},
		{with(map[string]any{"target_modules": []string{"q_proj"}}), `module "model.layers.0.self_attn.v_proj" is none of target_modules`},
		{with(map[string]any{"target_modules": []string{"q_proj", "v_proj", "k_proj"}}), `target_modules has "k_proj", but no tensor`},
		{with(map[string]any{"target_modules": nil}), "target_modules: missing"},
		{with(map[string]any{"target_modules": "(q_proj"}), "target_modules: "},
		{with(map[string]any{"target_modules": "all-linear"}), ""},
		{with(map[string]any{"exclude_modules": []string{"v_proj"}}), "is none of target_modules"},
		{with(map[string]any{"layers_to_transform": []int{0}}), `module "model.layers.1.self_attn.q_proj" is none of target_modules`},
		{with(map[string]any{"layers_to_transform": []int{0, 1}}), ""},
		{with(map[string]any{"modules_to_save": []string{"lm_head"}}), `modules_to_save has "lm_head", but no tensor`},
		{with(map[string]any{"something_new": 1}), "something_new: an unknown key"},
		{with(map[string]any{"something_new": nil}), ""},
		{enginetest.Adapter{Rank: 4, Targets: []string{"embed_tokens"}}, `the base model has no linear layer "model.embed_tokens"`},
	} {
		dir := filepath.Join(t.TempDir(), "a")
		require.NoError(t, enginetest.WriteAdapter(dir, shape, c.adapter, 3))
		m, err := engine.Load(base, engine.Options{Adapter: dir})
		if c.want == "" {
			require.NoError(t, err, "%v", c.adapter.Config)
			require.NoError(t, m.Close())
			continue
		}
		require.ErrorContains(t, err, c.want, "%v", c.adapter.Config)
		require.ErrorContains(t, err, "adapter "+dir+": ")
		assert.NotContains(t, err.Error(), "\n")
	}
	refused := func(want string, shape, of enginetest.Shape, a enginetest.Adapter, change func(dir string)) {
		dir := t.TempDir()
		require.NoError(t, enginetest.WriteAdapter(dir, of, a, 3))
		change(dir)
		_, err := engine.Load(model(t, shape, 5), engine.Options{Adapter: dir})
		require.ErrorContains(t, err, want)
	}
	nothing := func(string) {}
	refused("is for a matrix of [64 64], the base model's is [32 32]", shape, other, plain, nothing)
	deep, tied, wide := shape, shape, shape
	deep.Layers, tied.Tied, wide.Vocab = 3, true, 200
	refused(`no linear layer "model.layers.2.self_attn.q_proj"`, shape, deep, plain, nothing)
	refused("lm_head\" shares its matrix with the embedding", tied, shape, enginetest.Adapter{Rank: 4, Targets: []string{"lm_head"}}, nothing)
	refused("shares its matrix with the other end", tied, shape, enginetest.Adapter{Rank: 4, Targets: []string{"q_proj"}, Saved: []string{"embed_tokens"}}, nothing)
	refused("resized embeddings", shape, wide, enginetest.Adapter{Rank: 4, Targets: []string{"q_proj"}, Saved: []string{"embed_tokens"}}, nothing)
	// The first name of a tensor ends otherwise, in a header of the same length.
	rename := func(suffix string) func(dir string) {
		return func(dir string) {
			const from = ".model.layers.0.self_attn.q_proj.lora_A.weight"
			path := filepath.Join(dir, "adapter_model.safetensors")
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := strings.Replace(string(content), from, "."+strings.Repeat("x", len(from)-len(suffix)-1)+suffix, 1)
			require.NotEqual(t, string(content), changed)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
		}
	}
	refused("DoRA is not implemented", shape, shape, plain, rename(".lora_magnitude_vector"))
	refused("adapters of embeddings are not implemented", shape, shape, plain, rename(".lora_embedding_A"))
	refused("this variant of LoRA", shape, shape, plain, rename(".lora_B.bias"))
	refused("neither of a LoRA matrix nor of a module in modules_to_save", shape, shape, plain, rename(".weight"))
	refused("has only one of the matrices", shape, shape, plain, rename(".lora_A.weight"))
	refused("adapter_config.json: no such file", shape, shape, plain, func(dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "adapter_config.json"))) })
	refused("adapter_model.safetensors: ", shape, shape, plain, func(dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "adapter_model.safetensors"))) })
}

// FuzzAdapterConfig: no adapter_config.json makes loading panic, and every refusal is one line.
func FuzzAdapterConfig(f *testing.F) {
	dir, base := f.TempDir(), f.TempDir()
	require.NoError(f, enginetest.WriteAdapter(dir, enginetest.Tiny(), adapters()["patterns"], 1))
	require.NoError(f, enginetest.Write(base, enginetest.Tiny(), 1))
	good, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"peft_type":"LORA","r":1,"lora_alpha":1e308,"target_modules":"(a*)*","rank_pattern":{"(":1}}`))
	f.Add([]byte(`{"peft_type":"LORA","layers_to_transform":[-1]}`))
	c, err := engine.ReadConfig(base)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "adapter_config.json"), text, 0o644))
		if err := engine.CheckAdapter(dir, c); err != nil {
			assert.NotContains(t, err.Error(), "\n")
		}
	})
}
