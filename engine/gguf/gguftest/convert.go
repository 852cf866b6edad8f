package gguftest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// config is what the conversion reads of config.json.
type config struct {
	Vocab        int      `json:"vocab_size"`
	Hidden       int      `json:"hidden_size"`
	Intermediate int      `json:"intermediate_size"`
	Layers       int      `json:"num_hidden_layers"`
	Heads        int      `json:"num_attention_heads"`
	KVHeads      int      `json:"num_key_value_heads"`
	HeadDim      int      `json:"head_dim"`
	Positions    int      `json:"max_position_embeddings"`
	Eps          float64  `json:"rms_norm_eps"`
	Theta        float64  `json:"rope_theta"`
	BOS          int      `json:"bos_token_id"`
	EOS          int      `json:"eos_token_id"`
	Scaling      *scaling `json:"rope_scaling"`
	Attention    bool     `json:"attention_bias"`
	MLP          bool     `json:"mlp_bias"`
}

type scaling struct {
	Type      string  `json:"rope_type"`
	Factor    float64 `json:"factor"`
	Low       float64 `json:"low_freq_factor"`
	High      float64 `json:"high_freq_factor"`
	Positions float64 `json:"original_max_position_embeddings"`
}

// FromDirectory converts a model. Its vocabulary comes from tokenizer.model; without one the file has none.
func FromDirectory(dir string, kind gguf.Type) (*File, error) {
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		return nil, err
	}
	c := config{Theta: 10000}
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	if c.HeadDim == 0 {
		c.HeadDim = c.Hidden / c.Heads
	}
	f := &File{Pairs: []Pair{
		{"general.architecture", "llama"}, {"general.type", "model"},
		{"llama.block_count", uint32(c.Layers)}, {"llama.context_length", uint32(c.Positions)},
		{"llama.embedding_length", uint32(c.Hidden)}, {"llama.feed_forward_length", uint32(c.Intermediate)},
		{"llama.attention.head_count", uint32(c.Heads)}, {"llama.attention.head_count_kv", uint32(c.KVHeads)},
		{"llama.rope.freq_base", float32(c.Theta)}, {"llama.attention.layer_norm_rms_epsilon", float32(c.Eps)},
		{"llama.attention.key_length", uint32(c.HeadDim)}, {"llama.attention.value_length", uint32(c.HeadDim)},
		{"llama.vocab_size", uint32(c.Vocab)}, {"llama.rope.dimension_count", uint32(c.HeadDim)},
		{"general.quantization_version", uint32(2)},
	}}
	if err := f.addVocabulary(filepath.Join(dir, "tokenizer.model"), c); err != nil {
		return nil, err
	}
	if s := c.Scaling; s != nil && s.Type == "yarn" {
		f.Set("llama.rope.scaling.type", s.Type)
		f.Set("llama.rope.scaling.factor", float32(s.Factor))
		f.Set("llama.rope.scaling.original_context_length", uint32(s.Positions))
	}
	if s := c.Scaling; s != nil && s.Type == "llama3" {
		f.Tensors = append(f.Tensors, ropeFactors(c))
	}
	weights, err := safetensors.Open(dir)
	if err != nil {
		return nil, err
	}
	for _, p := range parts(c) {
		t, ok := weights.Tensor(p.there)
		if !ok && p.here == "output.weight" {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("no tensor %s", p.there)
		}
		converted, err := convert(t, p, kind)
		if err != nil {
			return nil, errors.Join(err, weights.Close())
		}
		f.Tensors = append(f.Tensors, converted)
	}
	return f, weights.Close()
}

// part is a tensor's two names and the heads whose rows are permuted.
type part struct {
	there, here string
	heads       int
}

func parts(c config) []part {
	list := []part{{"lm_head.weight", "output.weight", 0}, {"model.embed_tokens.weight", "token_embd.weight", 0}, {"model.norm.weight", "output_norm.weight", 0}}
	for i := range c.Layers {
		there, here := fmt.Sprintf("model.layers.%d.", i), fmt.Sprintf("blk.%d.", i)
		for _, p := range []part{
			{"input_layernorm", "attn_norm", 0}, {"mlp.down_proj", "ffn_down", 0}, {"mlp.gate_proj", "ffn_gate", 0},
			{"mlp.up_proj", "ffn_up", 0}, {"post_attention_layernorm", "ffn_norm", 0}, {"self_attn.k_proj", "attn_k", c.KVHeads},
			{"self_attn.o_proj", "attn_output", 0}, {"self_attn.q_proj", "attn_q", c.Heads}, {"self_attn.v_proj", "attn_v", 0},
		} {
			list = append(list, part{there + p.there + ".weight", here + p.here + ".weight", p.heads})
			if c.Attention && strings.HasPrefix(p.there, "self_attn.") || c.MLP && strings.HasPrefix(p.there, "mlp.") {
				list = append(list, part{there + p.there + ".bias", here + p.here + ".bias", p.heads})
			}
		}
	}
	return list
}

func convert(t safetensors.Tensor, p part, kind gguf.Type) (Tensor, error) {
	data, err := t.Data()
	if err != nil {
		return Tensor{}, err
	}
	values := make([]float32, 0, len(data)/2)
	switch t.DType {
	case safetensors.F32:
		for ; len(data) > 0; data = data[4:] {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		}
	case safetensors.BF16:
		for ; len(data) > 0; data = data[2:] {
			values = append(values, num.BF16ToF32(binary.LittleEndian.Uint16(data)))
		}
	default:
		for ; len(data) > 0; data = data[2:] {
			values = append(values, num.F16ToF32(binary.LittleEndian.Uint16(data)))
		}
	}
	out := Tensor{Name: p.here, Dims: []uint64{uint64(t.Shape[len(t.Shape)-1])}}
	cols := t.Shape[len(t.Shape)-1]
	if len(t.Shape) == 1 {
		kind = gguf.F32
	} else {
		out.Dims = append(out.Dims, uint64(t.Shape[0]))
	}
	if kind == gguf.Q8_0 && cols%32 != 0 {
		kind = gguf.F16
	}
	if p.heads > 0 {
		if len(t.Shape) == 1 { // a bias: its elements are the rows
			cols = 1
		}
		values = permute(values, p.heads, cols)
	}
	out.Type = uint32(kind)
	out.Data = Encode(values, kind)
	return out, nil
}

// permute is LlamaModel.permute: within each head two halves of rows are interleaved.
func permute(values []float32, heads, cols int) []float32 {
	out := make([]float32, 0, len(values))
	size := len(values) / cols / heads
	for h := range heads {
		for i := range size / 2 {
			for j := range 2 {
				row := h*size + j*size/2 + i
				out = append(out, values[row*cols:][:cols]...)
			}
		}
	}
	return out
}

// Encode stores values in a type as ggml does.
func Encode(values []float32, kind gguf.Type) []byte {
	var b []byte
	switch kind {
	case gguf.F32:
		for _, x := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	case gguf.BF16:
		for _, x := range values {
			b = binary.LittleEndian.AppendUint16(b, num.F32ToBF16(x))
		}
	case gguf.F16:
		for _, x := range values {
			b = binary.LittleEndian.AppendUint16(b, half(x))
		}
	case gguf.Q8_0:
		for ; len(values) > 0; values = values[32:] {
			most := float32(0)
			for _, x := range values[:32] {
				most = max(most, float32(math.Abs(float64(x))))
			}
			d, inverse := most/127, float32(0)
			if d != 0 {
				inverse = 1 / d
			}
			b = binary.LittleEndian.AppendUint16(b, half(d))
			for _, x := range values[:32] {
				b = append(b, byte(int8(math.Round(float64(x*inverse)))))
			}
		}
	}
	return b
}

// half rounds to float16, to the nearest, ties to even.
func half(x float32) uint16 {
	sign := uint16(math.Float32bits(x) >> 16 & 0x8000)
	a := math.Abs(float64(x))
	switch {
	case a != a:
		return sign | 0x7e00
	case a >= 65520:
		return sign | 0x7c00
	}
	_, e := math.Frexp(a)
	e = max(e-1, -14) // exponent of the leading digit
	ulp := math.Ldexp(1, e-10)
	n := uint16(math.RoundToEven(a / ulp)) // a carry into the exponent is right as it is
	if n < 1<<10 {
		return sign | n
	}
	return sign | uint16(e+14)<<10 + n
}

// ropeFactors is generate_extra_tensors for Llama 3.1's scaling.
func ropeFactors(c config) Tensor {
	s := c.Scaling
	var factors []float32
	for i := 0; i < c.HeadDim; i += 2 {
		frequency := float32(1) / float32(math.Pow(c.Theta, float64(i)/float64(c.HeadDim)))
		length := float32(2*math.Pi) / frequency
		switch {
		case float64(length) < s.Positions/s.High:
			factors = append(factors, 1)
		case float64(length) > s.Positions/s.Low:
			factors = append(factors, float32(s.Factor))
		default:
			smooth := (float32(s.Positions)/length - float32(s.Low)) / float32(s.High-s.Low)
			factors = append(factors, 1/((1-smooth)/float32(s.Factor)+smooth))
		}
	}
	return Tensor{Name: "rope_freqs.weight", Dims: []uint64{uint64(len(factors))}, Data: Encode(factors, gguf.F32)}
}

// addVocabulary is _set_vocab_sentencepiece.
func (f *File) addVocabulary(path string, c config) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var tokens []string
	var scores []float32
	var kinds []int32
	for len(content) > 0 {
		number, wire, n := protowire.ConsumeTag(content)
		if n < 0 {
			return fmt.Errorf("%s: %w", path, protowire.ParseError(n))
		}
		content = content[n:]
		if n = protowire.ConsumeFieldValue(number, wire, content); n < 0 {
			return fmt.Errorf("%s: %w", path, protowire.ParseError(n))
		}
		if number == 1 {
			message, _ := protowire.ConsumeBytes(content)
			text, score, kind, err := piece(message)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			tokens, scores, kinds = append(tokens, text), append(scores, score), append(kinds, kind)
		}
		content = content[n:]
	}
	for i := len(tokens); i < c.Vocab; i++ {
		tokens, scores, kinds = append(tokens, fmt.Sprintf("[PAD%d]", i)), append(scores, -1000), append(kinds, 5)
	}
	f.Pairs = append(f.Pairs,
		Pair{"tokenizer.ggml.model", "llama"}, Pair{"tokenizer.ggml.pre", "default"}, Pair{"tokenizer.ggml.tokens", tokens},
		Pair{"tokenizer.ggml.scores", scores}, Pair{"tokenizer.ggml.token_type", kinds},
		Pair{"tokenizer.ggml.bos_token_id", uint32(c.BOS)}, Pair{"tokenizer.ggml.eos_token_id", uint32(c.EOS)})
	return nil
}

// piece reads a SentencePiece piece.
func piece(message []byte) (text string, score float32, kind int32, err error) {
	kind = 1
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return "", 0, 0, protowire.ParseError(n)
		}
		message = message[n:]
		switch number {
		case 1:
			s, _ := protowire.ConsumeBytes(message)
			text = string(s)
		case 2:
			v, _ := protowire.ConsumeFixed32(message)
			score = math.Float32frombits(v)
		case 3:
			v, _ := protowire.ConsumeVarint(message)
			kind = int32(v)
		}
		if n = protowire.ConsumeFieldValue(number, wire, message); n < 0 {
			return "", 0, 0, protowire.ParseError(n)
		}
		message = message[n:]
	}
	return text, score, kind, nil
}
