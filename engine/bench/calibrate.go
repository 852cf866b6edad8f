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
	// Decode is by the number of sequences that are continued at once, ascending.
	Decode []DecodeRate
	// Pack is the bytes of stored weights that loading makes ready a second, once they are read; 0 where that is not known.
	Pack float64
}

// DecodeRate is how fast so many sequences are continued, a token each at a time.
type DecodeRate struct {
	Live int
	Rate float64
}

// DecodeAt is the rate for a number of sequences: what a step takes is between what it takes for the next fewer and the next
// more that were measured. More than the most have the rate of these.
func (r Rates) DecodeAt(live float64) float64 {
	for i, at := range r.Decode {
		if live > float64(at.Live) && i+1 < len(r.Decode) {
			continue
		}
		if i == 0 || live >= float64(at.Live) {
			return at.Rate
		}
		before := r.Decode[i-1]
		low, high := float64(before.Live), float64(at.Live)
		share := (live - low) / (high - low)
		return live / ((1-share)*low/before.Rate + share*high/at.Rate)
	}
	return r.Prefill
}

// What a calibration looks at: prompts as long as those of tasks, sequences continued alone and together, and weights that no
// cache holds.
const (
	calibrationPrompt = 512
	calibrationSteps  = 12
	calibrationBytes  = 128 << 20
)

var calibrationLive = []int{1, 8, 32}

// Calibrate measures some made-up layers of a model of which the configuration alone is known, for about as long as it is told.
func Calibrate(ctx context.Context, c engine.Config, o engine.Options, length time.Duration) (Rates, error) {
	files, err := someLayers(c)
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
	if m.PackedBytes() > 0 {
		r.Pack = float64(m.WeightBytes()) / m.LoadTime().Seconds()
	}
	err = m.rates(ctx, &r, length)
	if closing := model.Close(); err == nil {
		err = closing
	}
	return r, err
}

// rates measures, half of the time reading and half continuing.
func (m measurement) rates(ctx context.Context, r *Rates, length time.Duration) (err error) {
	r.Prefill, err = best(ctx, length/2, func() (float64, error) {
		seconds, err := m.timePrefill(ctx, calibrationPrompt, 1)
		return LayerFLOPs(m.Config(), calibrationPrompt, calibrationPrompt/2) / seconds, err
	})
	for _, live := range calibrationLive {
		if err != nil {
			return err
		}
		var rate float64
		rate, err = best(ctx, length/2/time.Duration(len(calibrationLive)), func() (float64, error) {
			seconds, err := m.timeDecode(ctx, live, calibrationSteps)
			return LayerFLOPs(m.Config(), float64(live), benchPrompt+calibrationSteps/2) / seconds, err
		})
		r.Decode = append(r.Decode, DecodeRate{live, rate})
	}
	return err
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

// someLayers writes a model of layers of c's sizes, as Llama has them, and few words: as many layers as no cache holds, if c
// has so many.
func someLayers(c engine.Config) (memoryFS, error) {
	const vocab = 512
	layers := 0
	for size := 0.0; layers < c.Layers && size < calibrationBytes; layers++ {
		one := c
		one.Layers = 1
		size += LayerFLOPs(one, 1, 0) // two for a weight, as bytes in bfloat16
	}
	c.VocabSize, c.Layers, c.Family = vocab, layers, ""
	c.AttentionBias, c.OutputBias, c.MLPBias, c.Windows = false, false, false, nil
	config, err := json.Marshal(map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_act": "silu", "torch_dtype": "bfloat16",
		"vocab_size": vocab, "hidden_size": c.HiddenSize, "intermediate_size": c.Intermediate, "num_hidden_layers": layers,
		"num_attention_heads": c.Heads, "num_key_value_heads": c.KVHeads, "head_dim": c.HeadDim,
		"max_position_embeddings": max(c.MaxPositions, 2*calibrationPrompt), "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 1,
	})
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err) // sizes are numbers
	}
	a := c.Architecture()
	list := []arch.Weight{{Name: a.Embedding, Shape: []int{vocab, c.HiddenSize}}, {Name: a.Norm, Shape: []int{c.HiddenSize}}}
	for i := range layers {
		for _, w := range c.BlockWeights(i) {
			list = append(list, arch.Weight{Name: a.Prefix(i) + w.Name, Shape: w.Shape})
		}
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
