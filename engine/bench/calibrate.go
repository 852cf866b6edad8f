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
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// Costs are the rates of a machine by two clocks.
type Costs struct {
	Rates
	// Processor counts the time that the threads had of the processors, together: what other work takes of them is not in it. nil
	// where the system does not say.
	Processor *Rates `json:",omitempty"`
}

// Rates are how fast this machine computes a model's layers, in operations a second, a multiply-add counting two.
type Rates struct {
	Threads int
	// Products of a batch by its tokens, ascending. Of the largest, attention is a part.
	Products []Rate
	// Recall is the rate of attention where sequences are continued: each reads the keys and values of all that it has. Shared is
	// that for what several have in common.
	Recall, Shared float64
	// Pack is the bytes of stored weights that loading makes ready a second, once they are read; 0 where that is not known.
	Pack float64
}

// Rate is how fast a batch of so many tokens is computed.
type Rate struct {
	Tokens int
	Rate   float64
}

// At is the rate of products of a batch: what it takes is between what the next smaller and the next larger take that were
// measured. Larger ones than the largest have the rate of that.
func (r Rates) At(tokens float64) float64 {
	for i, at := range r.Products {
		if tokens > float64(at.Tokens) && i+1 < len(r.Products) {
			continue
		}
		if tokens >= float64(at.Tokens) {
			return at.Rate
		}
		if i == 0 {
			return at.Rate * tokens / float64(at.Tokens)
		}
		before := r.Products[i-1]
		low, high := float64(before.Tokens), float64(at.Tokens)
		share := (tokens - low) / (high - low)
		return tokens / ((1-share)*low/before.Rate + share*high/at.Rate)
	}
	return 0
}

// What a calibration looks at: a prompt as long as those of tasks, which is then continued, so that the difference to a short one
// is what its keys and values cost, alone and as the beginning of several; sequences continued together; and weights that no cache
// holds.
const (
	calibrationPrompt = 512
	calibrationSteps  = 12 // of one sequence; fewer of several
	calibrationBytes  = 128 << 20
	calibrationShared = 1 // of calibrationLive, how many share a beginning
)

var calibrationLive = []int{1, 8, 32}

// Calibrate measures some made-up layers of a model of which the configuration alone is known, for about as long as it is told.
func Calibrate(ctx context.Context, c engine.Config, o engine.Options, length time.Duration) (Costs, error) {
	files, err := someLayers(c)
	if err != nil {
		return Costs{}, err
	}
	o.IgnoreConfig, o.Adapter, o.ProcessLimit, o.MemoryLimit = nil, "", 0, 0
	begin := now()
	model, err := engine.LoadFS(files, "calibration", o)
	if err != nil {
		return Costs{}, err
	}
	m := measurement{Model: model}
	if _, err := m.pack(ctx); err != nil {
		return Costs{}, graph.Joined(err, model.Close())
	}
	load := now().since(begin)
	costs, err := m.costs(ctx, length)
	if m.PackedBytes() > 0 {
		costs.Pack = float64(m.WeightBytes()) / load.wall
		if costs.Processor != nil {
			costs.Processor.Pack = float64(m.WeightBytes()) / load.processor
		}
	}
	return costs, graph.Joined(err, model.Close())
}

// calibration is what has been measured, by turn.
type calibration struct {
	prompts, recalls, shared []spent
	steps                    [][]spent // by number of calibrationLive
}

// costs measures in turns, at least three times: what is measured first warms memory and does not count.
func (m measurement) costs(ctx context.Context, length time.Duration) (Costs, error) {
	all := calibration{steps: make([][]spent, len(calibrationLive))}
	for begin := time.Now(); len(all.prompts) < 3 || time.Since(begin) < length; {
		if err := m.turn(ctx, &all); err != nil {
			return Costs{}, err
		}
	}
	c := Costs{Rates: m.rates(all, func(s spent) float64 { return s.wall })}
	if all.prompts[0].processor > 0 {
		p := m.rates(all, func(s spent) float64 { return s.processor })
		c.Processor = &p
	}
	return c, nil
}

// turn measures everything once.
func (m measurement) turn(ctx context.Context, all *calibration) error {
	alone, several := calibrationPrompt, calibrationLive[calibrationShared]
	prompt, recall, err := m.continued(ctx, continuing{1, alone, 0, 2 * calibrationSteps})
	if err != nil {
		return err
	}
	_, shared, err := m.continued(ctx, continuing{several, 2, alone, calibrationSteps / 2})
	if err != nil {
		return err
	}
	all.prompts, all.recalls, all.shared = append(all.prompts, prompt), append(all.recalls, recall), append(all.shared, shared)
	for i, live := range calibrationLive {
		_, step, err := m.continued(ctx, continuing{live, benchPrompt / (1 + i), 0, calibrationSteps / (1 + i)})
		if err != nil {
			return err
		}
		all.steps[i] = append(all.steps[i], step)
	}
	return nil
}

// rates are those by one of the clocks.
func (m measurement) rates(all calibration, clock func(spent) float64) Rates {
	typical := func(all []spent) float64 {
		var list []float64
		for _, s := range all[1:] {
			list = append(list, clock(s))
		}
		return max(middle(list), 1e-9)
	}
	c := m.Config()
	r := Rates{Threads: m.Threads()}
	for i, live := range calibrationLive {
		r.Products = append(r.Products, Rate{live, LayerFLOPs(c, float64(live), benchPrompt) / typical(all.steps[i])})
	}
	r.Products = append(r.Products, Rate{calibrationPrompt, ReadFLOPs(c, calibrationPrompt, 1, calibrationPrompt/2) / typical(all.prompts)})
	// What a step takes longer after a long prompt than after a short one. Where noise hides it, it costs what products cost.
	most := r.Products[len(r.Products)-1].Rate
	attention := func(step, short []spent, live int) float64 {
		longer := typical(step) - typical(short)
		if longer <= 0 {
			return most
		}
		return min(most, (LayerFLOPs(c, float64(live), calibrationPrompt)-LayerFLOPs(c, float64(live), 0))/longer)
	}
	r.Recall = attention(all.recalls, all.steps[0], 1)
	r.Shared = max(r.Recall, attention(all.shared, all.steps[calibrationShared], calibrationLive[calibrationShared]))
	return r
}

// spent is how long something took, in seconds of the clock and of all threads on processors.
type spent struct{ wall, processor float64 }

// moment is a time by both clocks.
type moment struct {
	wall      time.Time
	processor time.Duration
}

func now() moment { return moment{time.Now(), ProcessorTime()} }

func (m moment) since(begin moment) spent {
	return spent{m.wall.Sub(begin.wall).Seconds(), (m.processor - begin.processor).Seconds()}
}

// ReadFLOPs is the operations of all layers for tokens that are read, of which the outputs of some are wanted: of the last layer
// the others need only keys and values.
func ReadFLOPs(c engine.Config, tokens, wanted, positions float64) float64 {
	one := c
	one.Layers = 1
	last := LayerFLOPs(one, 1, positions) - 2*float64(c.HiddenSize)*2*float64(c.KVHeads*c.HeadDim)
	return LayerFLOPs(c, tokens, positions) - max(0, tokens-wanted)*last
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
