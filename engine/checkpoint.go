package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// checkpoint is where weights come from: the safetensors of a directory, or a GGUF file.
type checkpoint interface {
	// tensor returns what is stored under a name of Hugging Face's layout.
	tensor(name string) (t stored, ok bool, err error)
	// Names lists the names of all tensors.
	Names() []string
	// identify is Model.Digest. sum may be nil.
	identify(c Config, sum Summer) (string, error)
	upkeep
}

// upkeep is what weight files need while they are in use.
type upkeep interface {
	Bytes() int64
	Warnings() []string
	Verify() error
	Close() error
}

// Summer returns the SHA-256 of a weight file's content, which it may know from an earlier run: path and info say which
// file it is and in what state. It may be called from several goroutines.
type Summer = func(path string, info fs.FileInfo, content []byte) [sha256.Size]byte

// stored is one array of a checkpoint.
type stored struct {
	shape  []int
	format kernel.Format // of data, or of what source gives
	data   []byte        // as it lies in the file
	source *rowSource    // nil where data are the rows in order, of that format
	name   string        // of the format in the file, for Config.StoredDType
}

// rowDecoder gives the rows of an array that is stored in another format or order.
type rowDecoder interface {
	// Rows writes n rows from first on, in the format and order of the model.
	Rows(dst []byte, first, n int)
	// Row writes one row, widened.
	Row(dst []float32, row int)
}

// rowSource is a rowDecoder with room for what it decodes.
type rowSource struct {
	rowDecoder
	spare sync.Pool // *[]byte
}

// stored returns n rows of m from first on as m.format says. release gives their memory back.
func (m *matrix) stored(first, n int) (data []byte, release func()) {
	size := m.cols * m.format.Size()
	if m.source == nil {
		return m.data[first*size:][:n*size], func() {}
	}
	room, _ := m.source.spare.Get().(*[]byte)
	if room == nil || cap(*room) < n*size {
		room = new([]byte)
		*room = make([]byte, n*size)
	}
	data = (*room)[:n*size]
	m.source.Rows(data, first, n)
	return data, func() { m.source.spare.Put(room) }
}

// safetensorsFiles is a checkpoint of safetensors.
type safetensorsFiles struct{ *safetensors.Checkpoint }

func (c safetensorsFiles) tensor(name string) (stored, bool, error) {
	t, ok := c.Checkpoint.Tensor(name)
	if !ok {
		return stored{}, false, nil
	}
	s := stored{shape: t.Shape, format: kernel.F32} // what is no float has no Data
	switch t.DType {
	case safetensors.BF16:
		s.format = kernel.BF16
	case safetensors.F16:
		s.format = kernel.F16
	}
	s.name = s.format.String()
	var err error
	s.data, err = t.Data()
	return s, true, err
}

func (c safetensorsFiles) identify(config Config, sum Summer) (string, error) {
	config.StoredDType = ""
	text, err := json.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("a configuration of plain numbers: %w", err) // they were finite when parsed
	}
	sums, err := c.Sums(context.Background(), sum)
	if err != nil {
		return "", fmt.Errorf("sums without a deadline: %w", err)
	}
	digest := sha256.Sum256([]byte("swallow-eval model 1\n" + string(text) + "\n" + sums))
	return "sha256:" + hex.EncodeToString(digest[:]), nil
}
