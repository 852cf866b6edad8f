// Package enginetest writes small random models in Hugging Face layout (config.json and model.safetensors, or
// shards with an index; no tokenizer), for tests and benchmarks of whatever loads them. The same shape and seed give the
// same bytes everywhere. It knows the layout, not the engine.
package enginetest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Shape describes a model. Zero fields take the defaults of Tiny.
type Shape struct {
	Hidden, Intermediate, Layers, Heads, KVHeads, HeadDim, Vocab, MaxPositions int

	Family string // model_type: "mistral", "qwen2", "qwen3" or "gemma2"; "" means "llama"
	Biases bool   // attention_bias and mlp_bias of llama
	DType  string // "F32", "F16" or "BF16"; "" means BF16
	Tied   bool   // no lm_head.weight
	Shards int    // more than 1 writes that many files and an index
	// Extra keys of config.json, over those that the fields give; nil removes a key.
	Config map[string]any
}

// Tiny is a model of a few thousand parameters.
func Tiny() Shape {
	return Shape{Hidden: 32, Intermediate: 48, Layers: 2, Heads: 4, KVHeads: 2, Vocab: 97, MaxPositions: 128}
}

// Small110M is the shape of the 110M-parameter model that performance is measured with.
func Small110M() Shape {
	return Shape{Hidden: 768, Intermediate: 2048, Layers: 12, Heads: 12, KVHeads: 12, Vocab: 32000, MaxPositions: 2048}
}

// Medium1B is the shape of the 1.1B-parameter model that performance is measured with.
func Medium1B() Shape {
	return Shape{Hidden: 2048, Intermediate: 5632, Layers: 22, Heads: 32, KVHeads: 4, Vocab: 32000, MaxPositions: 2048}
}

func (s Shape) complete() Shape {
	d := Tiny()
	for _, f := range []struct {
		field *int
		value int
	}{
		{&s.Hidden, d.Hidden}, {&s.Intermediate, d.Intermediate}, {&s.Layers, d.Layers}, {&s.Heads, d.Heads},
		{&s.KVHeads, min(d.KVHeads, max(s.Heads, 1))}, {&s.Vocab, d.Vocab}, {&s.MaxPositions, d.MaxPositions}, {&s.Shards, 1},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if s.HeadDim == 0 {
		s.HeadDim = s.Hidden / s.Heads
	}
	if s.DType == "" {
		s.DType = "BF16"
	}
	return s
}

// tensor is one array to write; dims holds one number for a vector.
type tensor struct {
	name string
	dims []int
}

func (t tensor) elements() int {
	n := 1
	for _, d := range t.dims {
		n *= d
	}
	return n
}

// tensors lists the model's arrays in the order of the files.
func (s Shape) tensors() []tensor {
	q, kv := s.Heads*s.HeadDim, s.KVHeads*s.HeadDim
	list := []tensor{{"model.embed_tokens.weight", []int{s.Vocab, s.Hidden}}}
	for i := range s.Layers {
		prefix := fmt.Sprintf("model.layers.%d.", i)
		list = append(list,
			tensor{prefix + "input_layernorm.weight", []int{s.Hidden}},
			tensor{prefix + "self_attn.q_proj.weight", []int{q, s.Hidden}},
			tensor{prefix + "self_attn.k_proj.weight", []int{kv, s.Hidden}},
			tensor{prefix + "self_attn.v_proj.weight", []int{kv, s.Hidden}},
			tensor{prefix + "self_attn.o_proj.weight", []int{s.Hidden, q}},
			tensor{prefix + "post_attention_layernorm.weight", []int{s.Hidden}},
			tensor{prefix + "mlp.gate_proj.weight", []int{s.Intermediate, s.Hidden}},
			tensor{prefix + "mlp.up_proj.weight", []int{s.Intermediate, s.Hidden}},
			tensor{prefix + "mlp.down_proj.weight", []int{s.Hidden, s.Intermediate}},
		)
		for _, v := range s.vectors() {
			list = append(list, tensor{prefix + v.name, v.dims})
		}
	}
	list = append(list, tensor{"model.norm.weight", []int{s.Hidden}})
	if !s.Tied {
		list = append(list, tensor{"lm_head.weight", []int{s.Vocab, s.Hidden}})
	}
	return list
}

// vectors are what blocks of the family have beside Llama's arrays.
func (s Shape) vectors() []tensor {
	q, kv := []int{s.Heads * s.HeadDim}, []int{s.KVHeads * s.HeadDim}
	hidden, inner, head := []int{s.Hidden}, []int{s.Intermediate}, []int{s.HeadDim}
	attention := []tensor{{"self_attn.q_proj.bias", q}, {"self_attn.k_proj.bias", kv}, {"self_attn.v_proj.bias", kv}}
	switch {
	case s.Family == "qwen2":
		return attention
	case s.Family == "qwen3":
		return []tensor{{"self_attn.q_norm.weight", head}, {"self_attn.k_norm.weight", head}}
	case s.Family == "gemma2":
		return []tensor{{"pre_feedforward_layernorm.weight", hidden}, {"post_feedforward_layernorm.weight", hidden}}
	case s.Biases:
		return append(attention, tensor{"self_attn.o_proj.bias", hidden}, tensor{"mlp.gate_proj.bias", inner}, tensor{"mlp.up_proj.bias", inner}, tensor{"mlp.down_proj.bias", hidden})
	}
	return nil
}

func (s Shape) config() map[string]any {
	dtype := map[string]string{"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[s.DType]
	config := map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu", "torch_dtype": dtype,
		"vocab_size": s.Vocab, "hidden_size": s.Hidden, "intermediate_size": s.Intermediate, "num_hidden_layers": s.Layers,
		"num_attention_heads": s.Heads, "num_key_value_heads": s.KVHeads, "head_dim": s.HeadDim,
		"max_position_embeddings": s.MaxPositions, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
		"tie_word_embeddings": s.Tied, "bos_token_id": 1, "eos_token_id": 2,
	}
	if s.Biases {
		config["attention_bias"], config["mlp_bias"] = true, true
	}
	if s.Family != "" {
		class := map[string]string{"mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "gemma2": "Gemma2ForCausalLM"}[s.Family]
		config["architectures"], config["model_type"] = []string{class}, s.Family
	}
	for key, value := range s.Config {
		if config[key] = value; value == nil {
			delete(config, key)
		}
	}
	return config
}

// Adapter describes a LoRA adapter for a model.
type Adapter struct {
	Rank    int
	Targets []string       // names of modules, such as q_proj
	Saved   []string       // modules that it has whole
	Config  map[string]any // extra keys of adapter_config.json, over those that the fields give
	Ranks   map[string]int // of modules whose rank is another, by the end of their names
}

// WriteAdapter writes an adapter for models of the shape to dir, which it creates, as PEFT does.
func WriteAdapter(dir string, shape Shape, a Adapter, seed int64) error {
	s := shape.complete()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	config := map[string]any{
		"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "org/base", "bias": "none", "inference_mode": true,
		"r": a.Rank, "lora_alpha": 2 * a.Rank, "lora_dropout": 0.05, "target_modules": a.Targets, "modules_to_save": a.Saved,
		"fan_in_fan_out": false, "use_rslora": false, "use_dora": false, "rank_pattern": a.Ranks,
	}
	maps.Copy(config, a.Config)
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), text, 0o644); err != nil {
		return err
	}
	var list []tensor
	for _, t := range s.tensors() {
		module, weight := strings.CutSuffix(t.name, ".weight")
		if !weight {
			continue
		}
		name := module[strings.LastIndexByte(module, '.')+1:]
		rank := a.Rank
		if r, ok := a.Ranks[name]; ok {
			rank = r
		}
		if slices.Contains(a.Targets, name) {
			list = append(list, tensor{"base_model.model." + module + ".lora_A.weight", []int{rank, t.dims[1]}},
				tensor{"base_model.model." + module + ".lora_B.weight", []int{t.dims[0], rank}})
		}
		if slices.Contains(a.Saved, name) {
			list = append(list, tensor{"base_model.model." + t.name, t.dims})
		}
	}
	size := 2
	if s.DType == "F32" {
		size = 4
	}
	state := generator(seed)
	return s.writeFile(filepath.Join(dir, "adapter_model.safetensors"), list, size, &state)
}

// Write writes a model of the shape to dir, which it creates. Weights stream to the files as they are drawn, so a large
// model needs no memory.
func Write(dir string, shape Shape, seed int64) error {
	s := shape.complete()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	config, err := json.MarshalIndent(s.config(), "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644); err != nil {
		return err
	}
	size := 2
	if s.DType == "F32" {
		size = 4
	}
	list := s.tensors()
	weightMap, total := map[string]string{}, 0
	state := generator(seed)
	for i := range s.Shards {
		name := "model.safetensors"
		if s.Shards > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, s.Shards)
		}
		part := list[i*len(list)/s.Shards : (i+1)*len(list)/s.Shards]
		if err := s.writeFile(filepath.Join(dir, name), part, size, &state); err != nil {
			return err
		}
		for _, t := range part {
			weightMap[t.name] = name
			total += t.elements() * size
		}
	}
	if s.Shards == 1 {
		return nil
	}
	index, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": total}, "weight_map": weightMap})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), index, 0o644)
}

func (s Shape) writeFile(path string, list []tensor, size int, state *generator) (err error) {
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	entries, at := map[string]entry{}, 0
	for _, t := range list {
		end := at + t.elements()*size
		entries[t.name] = entry{s.DType, t.dims, [2]int{at, end}}
		at = end
	}
	header, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := binary.Write(w, binary.LittleEndian, uint64(len(header))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range list {
		if err := s.writeTensor(w, t, state); err != nil {
			return err
		}
	}
	return w.Flush()
}

// writeTensor draws one tensor. Values come from a table of 1024: uniform ones of such a spread that states keep their
// size from layer to layer, and for the embedding (which a tied model multiplies by, too) a little more, so that logits
// differ clearly; norms lie around 1.
func (s Shape) writeTensor(w *bufio.Writer, t tensor, state *generator) error {
	centre, spread := 1.0, 0.25
	if len(t.dims) == 1 && (s.Family == "gemma2" || strings.HasSuffix(t.name, ".bias")) {
		centre = 0 // norms add 1
	}
	if len(t.dims) == 2 {
		centre, spread = 0, math.Sqrt(3/float64(t.dims[1]))
		if t.dims[0] == s.Vocab {
			spread *= 2
		}
	}
	var table [1024][]byte
	for i := range table {
		table[i] = s.encode(float32(centre + spread*(float64(2*i+1)/1024-1)))
	}
	var bits uint64
	left := 0
	for range t.elements() {
		if left == 0 {
			bits, left = state.next(), 6
		}
		if _, err := w.Write(table[bits&1023]); err != nil {
			return err
		}
		bits, left = bits>>10, left-1
	}
	return nil
}

// encode returns the stored bytes of x, rounded towards zero where the format is shorter; x is a normal number there.
func (s Shape) encode(x float32) []byte {
	b := math.Float32bits(x)
	switch s.DType {
	case "BF16":
		return binary.LittleEndian.AppendUint16(nil, uint16(b>>16))
	case "F16":
		exponent := int(b>>23&255) - 127 + 15
		if exponent < 1 {
			return []byte{0, byte(b >> 24 & 0x80)} // below the normal numbers of the format
		}
		return binary.LittleEndian.AppendUint16(nil, uint16(b>>16&0x8000)|uint16(exponent)<<10|uint16(b>>13&0x3ff))
	}
	return binary.LittleEndian.AppendUint32(nil, b)
}

// generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
type generator uint64

func (g *generator) next() uint64 {
	*g += 0x9e3779b97f4a7c15
	z := uint64(*g)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
