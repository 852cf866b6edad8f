package gguf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const (
	embeddingName = "token_embd.weight"
	outputName    = "output.weight"
	factorsName   = "rope_freqs.weight"
)

// part is one tensor of the architecture: its name here and in Hugging Face's layout, and its shape.
type part struct {
	here, there string
	shape       []int
}

// layer lists the tensors of one block.
func (l *Llama) layer(i int) []part {
	here, there := fmt.Sprintf("blk.%d.", i), fmt.Sprintf("model.layers.%d.", i)
	q, kv := l.Heads*l.HeadDim, l.KVHeads*l.HeadDim
	return []part{
		{here + "attn_norm.weight", there + "input_layernorm.weight", []int{l.Hidden}},
		{here + "attn_q.weight", there + "self_attn.q_proj.weight", []int{q, l.Hidden}},
		{here + "attn_k.weight", there + "self_attn.k_proj.weight", []int{kv, l.Hidden}},
		{here + "attn_v.weight", there + "self_attn.v_proj.weight", []int{kv, l.Hidden}},
		{here + "attn_output.weight", there + "self_attn.o_proj.weight", []int{l.Hidden, q}},
		{here + "ffn_norm.weight", there + "post_attention_layernorm.weight", []int{l.Hidden}},
		{here + "ffn_gate.weight", there + "mlp.gate_proj.weight", []int{l.Intermediate, l.Hidden}},
		{here + "ffn_up.weight", there + "mlp.up_proj.weight", []int{l.Intermediate, l.Hidden}},
		{here + "ffn_down.weight", there + "mlp.down_proj.weight", []int{l.Hidden, l.Intermediate}},
	}
}

// checkTensors requires that the file has every tensor of the model in its shape, and no other. It looks at one layer
// after the other, so that a number of layers without tensors costs nothing.
func (l *Llama) checkTensors() error {
	l.names = make(map[string]string, len(l.file.tensors))
	if err := l.require(part{embeddingName, "model.embed_tokens.weight", []int{l.Vocabulary, l.Hidden}}); err != nil {
		return err
	}
	for i := range l.Layers {
		for _, p := range l.layer(i) {
			if err := l.require(p); err != nil {
				return err
			}
		}
	}
	if err := l.require(part{"output_norm.weight", "model.norm.weight", []int{l.Hidden}}); err != nil {
		return err
	}
	output, ok := l.file.tensors[outputName]
	if ok {
		if err := l.require(part{outputName, "lm_head.weight", []int{l.Vocabulary, l.Hidden}}); err != nil {
			return err
		}
	}
	embedding := l.file.tensors[embeddingName]
	l.Tied = !ok || output.Type == embedding.Type && bytes.Equal(output.data, embedding.data)
	used := make(map[string]bool, len(l.names))
	for _, name := range l.names {
		used[name] = true
	}
	for _, name := range l.file.Names() {
		switch {
		case used[name]:
		case name == factorsName:
			if err := l.readFactors(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("tensor %q is not part of a Llama model", name)
		}
	}
	return nil
}

func (l *Llama) require(p part) error {
	t, ok := l.file.tensors[p.here]
	switch {
	case !ok:
		return fmt.Errorf("tensor %s is missing", p.here)
	case !slices.Equal(t.Shape, p.shape):
		return fmt.Errorf("tensor %s has shape %v, the metadata demand %v", p.here, t.Shape, p.shape)
	}
	l.names[p.there] = p.here
	return nil
}

// readFactors reads what rotary frequencies are divided by; ones change nothing.
func (l *Llama) readFactors() error {
	list, err := l.file.tensors[factorsName].floats32()
	if err != nil {
		return err
	}
	if len(list) != l.HeadDim/2 {
		return fmt.Errorf("tensor %s has %d factors for heads of %d", factorsName, len(list), l.HeadDim)
	}
	if slices.ContainsFunc(list, func(x float32) bool { return x != 1 }) {
		l.RopeFactors = list
	}
	return nil
}

// Tensor returns a tensor by the name that it has in Hugging Face's layout.
func (l *Llama) Tensor(name string) (Tensor, bool) {
	here, ok := l.names[name]
	if !ok {
		return Tensor{}, false
	}
	t := l.file.tensors[here]
	switch {
	case strings.HasSuffix(here, ".attn_q.weight"):
		t.Heads = l.Heads
	case strings.HasSuffix(here, ".attn_k.weight"):
		t.Heads = l.KVHeads
	}
	return t, true
}

// Names returns the names of Tensor, in no order.
func (l *Llama) Names() []string {
	names := make([]string, 0, len(l.names))
	for name := range l.names {
		names = append(names, name)
	}
	return names
}

// File is where the model is.
func (l *Llama) File() *File { return l.file }
