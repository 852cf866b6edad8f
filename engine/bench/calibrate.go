package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
)

// Rates are how fast this machine computes a model's layers, in operations a second, a multiply-add counting two.
type Rates struct {
	Threads int
	Prefill float64 // many tokens at once
	Decode  float64 // one token each of some sequences at once
}

// What a calibration looks at: prompts as long as those of tasks, and as many sequences as are often continued at once.
const (
	calibrationPrompt = 512
	calibrationLive   = 32
	calibrationSteps  = 12
)

// Calibrate measures one made-up layer of a model of which the configuration alone is known, for about as long as it is told.
func Calibrate(ctx context.Context, c engine.Config, o engine.Options, length time.Duration) (Rates, error) {
	files, err := oneLayer(c)
	if err != nil {
		return Rates{}, err
	}
	o.IgnoreConfig, o.Adapter, o.ProcessLimit, o.MemoryLimit = nil, "", 0, 0
	model, err := engine.LoadFS(files, "calibration", o)
	if err != nil {
		return Rates{}, err
	}
	m := measurement{Model: model}
	r := Rates{Threads: m.Threads()}
	r.Prefill, err = best(ctx, length*2/3, func() (float64, error) {
		seconds, err := m.timePrefill(ctx, calibrationPrompt, 1)
		return LayerFLOPs(m.Config(), calibrationPrompt, calibrationPrompt/2) / seconds, err
	})
	if err == nil {
		r.Decode, err = best(ctx, length/3, func() (float64, error) {
			seconds, err := m.timeDecode(ctx, calibrationLive, calibrationSteps)
			return LayerFLOPs(m.Config(), calibrationLive, benchPrompt+calibrationSteps/2) / seconds, err
		})
	}
	if closing := model.Close(); err == nil {
		err = closing
	}
	return r, err
}

// best measures for a while, at least twice, and returns the middle: the first measurement warms memory and does not count.
func best(ctx context.Context, length time.Duration, measure func() (float64, error)) (float64, error) {
	var all []float64
	for begin := time.Now(); len(all) < 2 || time.Since(begin) < length; {
		rate, err := measure()
		if err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		all = append(all, rate)
	}
	return middle(all[1:]), nil
}

// LayerFLOPs is the operations of all layers for a number of tokens, each of which looks at so many positions on average.
func LayerFLOPs(c engine.Config, tokens, positions float64) float64 {
	weights := 0.0
	for layer := range c.Layers {
		for _, w := range c.BlockWeights(layer) {
			if len(w.Shape) == 2 {
				weights += float64(w.Shape[0]) * float64(w.Shape[1])
			}
		}
	}
	return tokens * (2*weights + 4*float64(c.Layers)*float64(c.Heads*c.HeadDim)*positions)
}

// oneLayer writes a model of one layer of c's sizes, as Llama has them, and few words.
func oneLayer(c engine.Config) (memoryFS, error) {
	const vocab = 512
	c.VocabSize, c.Layers, c.Family = vocab, 1, ""
	c.AttentionBias, c.OutputBias, c.MLPBias, c.Windows = false, false, false, nil
	config, err := json.Marshal(map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu", "torch_dtype": "bfloat16",
		"vocab_size": vocab, "hidden_size": c.HiddenSize, "intermediate_size": c.Intermediate, "num_hidden_layers": 1,
		"num_attention_heads": c.Heads, "num_key_value_heads": c.KVHeads, "head_dim": c.HeadDim,
		"max_position_embeddings": max(c.MaxPositions, 2*calibrationPrompt), "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 1,
	})
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err) // sizes are numbers
	}
	a := c.Architecture()
	list := []arch.Weight{{Name: a.Embedding, Shape: []int{vocab, c.HiddenSize}}, {Name: a.Norm, Shape: []int{c.HiddenSize}}}
	for _, w := range c.BlockWeights(0) {
		list = append(list, arch.Weight{Name: a.Prefix(0) + w.Name, Shape: w.Shape})
	}
	return memoryFS{arch.ConfigName: config, "model.safetensors": tensors(list)}, nil
}

// tensors is a safetensors file of small random weights in bfloat16, the same in every array.
func tensors(list []arch.Weight) []byte {
	header, at := map[string]any{}, 0
	for _, w := range list {
		n := 2
		for _, d := range w.Shape {
			n *= d
		}
		header[w.Name] = map[string]any{"dtype": "BF16", "shape": w.Shape, "data_offsets": []int{at, at + n}}
		at += n
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic(err) // names and numbers
	}
	rng, pattern := rand.New(rand.NewPCG(1, 2)), make([]byte, 0, 2<<16)
	for range 1 << 16 { // ±2^-7 to ±2^-6
		pattern = binary.LittleEndian.AppendUint16(pattern, uint16(rng.IntN(2))<<15|0x3c00|uint16(rng.IntN(128)))
	}
	file := make([]byte, 0, 8+len(text)+at)
	file = append(binary.LittleEndian.AppendUint64(file, uint64(len(text))), text...)
	for end := len(file) + at; len(file) < end; {
		file = append(file, pattern[:min(len(pattern), end-len(file))]...)
	}
	return file
}

// memoryFS is files in memory, by name.
type memoryFS map[string][]byte

// Open returns a file for reading.
func (m memoryFS) Open(name string) (fs.File, error) {
	content, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memoryFile{Reader: bytes.NewReader(content), name: name}, nil
}

// ReadFile returns the content itself, so that there is no second one.
func (m memoryFS) ReadFile(name string) ([]byte, error) {
	content, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return content, nil
}

// memoryFile is an open one, and its own description.
type memoryFile struct {
	*bytes.Reader
	name string
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memoryFile) Close() error               { return nil }
func (f *memoryFile) Name() string               { return strings.TrimPrefix(f.name, "/") }
func (f *memoryFile) Mode() fs.FileMode          { return 0o444 }
func (f *memoryFile) ModTime() time.Time         { return time.Time{} }
func (f *memoryFile) IsDir() bool                { return false }
func (f *memoryFile) Sys() any                   { return nil }
