package checkpoint

import (
	"context"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

func openGGUF(path string, ignore []string) (*Checkpoint, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	model, err := arch.ReadGGUF(f, ignore)
	if err != nil {
		if closing := f.Close(); closing != nil {
			err = fmt.Errorf("%w; %w", err, closing)
		}
		return nil, err
	}
	return &Checkpoint{
		Config: model.Config, Tensors: ggufTensors{model, strings.ToLower(f.Quantisation())}, Files: f,
		// The file's own digest: everything is in it.
		Identify: func(_ arch.Config, sum Summer) (string, error) {
			digest, err := f.SHA256(context.Background(), sum)
			return "sha256:" + digest, err
		},
	}, nil
}

// ggufTensors are the arrays of a GGUF file. All of a quantised one go by the name of its mixture.
type ggufTensors struct {
	*arch.GGUF
	quantisation string
}

func (g ggufTensors) Tensor(name string) (graph.Stored, bool, error) {
	t, ok := g.GGUF.Tensor(name)
	if !ok {
		return graph.Stored{}, false, nil
	}
	s := graph.Stored{Shape: t.Shape, Data: t.Stored(), Format: kernel.F32}
	switch t.Type {
	case gguf.BF16:
		s.Format = kernel.BF16
	case gguf.F16:
		s.Format = kernel.F16
	}
	if s.Name = s.Format.String(); g.quantisation != "" {
		s.Name = g.quantisation
	}
	if !t.Plain() {
		s.Rows = ggufRows{t}
	}
	s.Blocks, s.Group = t.Type.Blocks(), t.Group()
	if file, at := t.Place(); file != nil {
		s.Source, s.At = file, at
	}
	return s, true, nil
}

// ggufRows are the rows of an array that is stored in blocks or in another order.
type ggufRows struct{ gguf.Tensor }

func (r ggufRows) Cut(_, n int, data []byte) graph.RowDecoder { return ggufRows{r.Tensor.Cut(n, data)} }
