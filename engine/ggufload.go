package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// openCheckpoint reads the configuration and opens the weights of a model: a directory in Hugging Face layout or a GGUF
// file.
func openCheckpoint(path string) (Config, checkpoint, error) {
	if gguf.Is(path) {
		return openGGUF(path)
	}
	config, err := ReadConfig(path)
	if err != nil {
		return Config{}, nil, err
	}
	files, err := safetensors.Open(path)
	if err != nil {
		return Config{}, nil, err
	}
	return config, safetensorsFiles{files}, nil
}

// readCheckpoint is openCheckpoint for the files of a file system.
func readCheckpoint(files fs.FS) (Config, checkpoint, error) {
	config, err := ReadConfigFS(files)
	if err != nil {
		return Config{}, nil, err
	}
	read, err := safetensors.OpenFS(files)
	if err != nil {
		return Config{}, nil, err
	}
	return config, safetensorsFiles{read}, nil
}

func openGGUF(path string) (Config, checkpoint, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return Config{}, nil, err
	}
	l, err := f.Llama()
	var c Config
	if err == nil {
		if c, err = configOf(l); err != nil {
			err = fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	if err != nil {
		return Config{}, nil, joined(err, f.Close())
	}
	return c, ggufFile{l, f}, nil
}

// readGGUFConfig is ReadConfig for a GGUF file.
func readGGUFConfig(path string) (Config, error) {
	c, opened, err := openGGUF(path)
	if err != nil {
		return Config{}, err
	}
	return c, opened.Close()
}

func configOf(l *gguf.Llama) (Config, error) {
	c := Config{
		VocabSize: l.Vocabulary, HiddenSize: l.Hidden, Intermediate: l.Intermediate, Layers: l.Layers, Heads: l.Heads,
		KVHeads: l.KVHeads, HeadDim: l.HeadDim, MaxPositions: l.Context, RMSNormEps: l.RMSEps, RopeTheta: l.RopeBase,
		TieEmbeddings: l.Tied, BOS: l.BOS, EOS: l.EOS,
	}
	var err error
	switch {
	case l.RopeFactors != nil && l.LinearFactor != 0:
		return c, errors.New("rope_freqs.weight beside linear scaling is not supported")
	case l.RopeFactors != nil:
		c.RopeScaling, err = llama3Scaling(l.RopeFactors, c)
	case l.LinearFactor != 0 && l.LinearFactor != 1:
		c.RopeScaling = RopeScaling{Type: "linear", Factor: l.LinearFactor}
	}
	return c, err
}

// llama3Scaling finds the scaling whose factors a file holds. llama.cpp's conversion writes what Llama 3.1's rule makes of
// the frequencies in float32, and not the rule; taken from the rule itself, a model has the same bits as from Hugging
// Face's directory. The three numbers beside the factor are those of every published model.
func llama3Scaling(factors []float32, c Config) (RopeScaling, error) {
	largest := float32(1)
	for _, x := range factors {
		largest = max(largest, x)
	}
	s := RopeScaling{Type: "llama3", Factor: float64(largest), LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositions: 8192}
	plain, scaled := c, c
	plain.RopeScaling, scaled.RopeScaling = RopeScaling{}, s
	from, to := newRope(plain).inverse, newRope(scaled).inverse
	for i, x := range factors {
		if want := from[i] / to[i]; !(math.Abs(float64(x)-want) <= 1e-4*want) {
			return s, fmt.Errorf("rope_freqs.weight is not the scaling of Llama 3.1 (factor %v, low 1, high 4, 8192 positions): element %d is %v, not %v",
				largest, i, x, want)
		}
	}
	return s, nil
}

// ggufFile is a checkpoint of one GGUF file.
type ggufFile struct {
	llama *gguf.Llama
	*gguf.File
}

// Names are those of Hugging Face's layout.
func (g ggufFile) Names() []string { return g.llama.Names() }

func (g ggufFile) tensor(name string) (stored, bool, error) {
	t, ok := g.llama.Tensor(name)
	if !ok {
		return stored{}, false, nil
	}
	s := stored{shape: t.Shape, data: t.Stored(), format: kernel.F32}
	switch t.Type {
	case gguf.BF16:
		s.format = kernel.BF16
	case gguf.F16:
		s.format = kernel.F16
	}
	if s.name = s.format.String(); t.Type == gguf.Q8_0 {
		s.name = "q8_0"
	}
	if !t.Plain() {
		s.source = &rowSource{rowDecoder: t}
	}
	return s, true, nil
}

// identify is the file's own digest: everything is in it.
func (g ggufFile) identify(_ Config, sum Summer) (string, error) {
	digest, err := g.SHA256(context.Background(), sum)
	return "sha256:" + digest, err
}
