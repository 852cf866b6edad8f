package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// ErrClosed is returned by methods of a Model that has been closed.
var ErrClosed = errors.New("engine: model is closed")

// Options choose how a model runs. None of them but DType changes a bit of any answer.
type Options struct {
	Threads        int    // goroutines that compute; 0 means GOMAXPROCS
	DType          DType  // "" means F32
	MaxBatchTokens int    // token positions computed together; 0 means 1024
	MemoryLimit    int64  // bytes for all but mapped weights; 0 means what the system has available
	NoPrefixReuse  bool   // computes what sequences have in common for each of them anew, for measurements
	Kernel         string // one of Kernels, for tests and measurements; "" means the fastest
	Sum            Summer // digests of weight files for Digest, from whoever remembers them; nil computes
}

const defaultBatchTokens = 1024

// Kernels returns the names that Options.Kernel accepts on this machine, the fastest first.
func Kernels() []string {
	var names []string
	for _, k := range kernel.Available() {
		names = append(names, k.Name())
	}
	return names
}

// Model is a loaded model. Its methods may be called from several goroutines; Score, Generate and Close take turns.
type Model struct {
	config     Config
	checkpoint checkpoint
	weights    *weights
	batchMax   int // Options.MaxBatchTokens
	mode       kernel.Mode
	packed     *kernel.Memory // the matrices as panels, if there is memory for it
	packedSize int64          // its bytes
	inMemory   bool           // the checkpoint has no file behind it that could be read again
	loadTime   time.Duration
	cacheLimit int64 // bytes of key-value caches alive at once
	reuse      bool  // not Options.NoPrefixReuse

	kernel *kernel.Kernel
	pool   *pool
	rope   rope
	buffer buffers
	long   pageStock // key-value caches of all layers
	brief  pageStock // and of one, for what no later batch looks at
	pass   *pass

	turn   chan struct{} // holds one token: whoever has it may use everything above
	closed bool          // guarded by turn
	sum    Summer
	digest func() string
}

// Load opens a Llama model: a directory in Hugging Face layout (config.json, generation_config.json if present, and
// safetensors) or a GGUF file. What it does not understand it refuses. Errors are one line, begin with "load" and the
// directory or file, and name the file and the key or tensor.
func Load(dir string, opts Options) (*Model, error) {
	m, err := load(func() (Config, checkpoint, error) { return openCheckpoint(dir) }, false, opts)
	if err != nil {
		// An error about the directory itself already names it.
		if text := err.Error(); strings.Contains(text, dir) {
			return nil, fmt.Errorf("load model: %w", err)
		}
		return nil, fmt.Errorf("load model %s: %w", dir, err)
	}
	return m, nil
}

// LoadFS is Load for a file system, such as that of a program's embedded files: config.json, generation_config.json if
// present and model.safetensors, read into memory. name is what errors call it.
func LoadFS(files fs.FS, name string, opts Options) (*Model, error) {
	m, err := load(func() (Config, checkpoint, error) { return readCheckpoint(files) }, true, opts)
	if err != nil {
		return nil, fmt.Errorf("load model %s: %w", name, err)
	}
	return m, nil
}

func load(open func() (Config, checkpoint, error), inMemory bool, opts Options) (*Model, error) {
	begin := time.Now()
	k, err := opts.complete()
	if err != nil {
		return nil, err
	}
	config, checkpoint, err := open()
	if err != nil {
		return nil, err
	}
	m := &Model{config: config, checkpoint: checkpoint, batchMax: opts.MaxBatchTokens, reuse: !opts.NoPrefixReuse, kernel: k, packed: &kernel.Memory{}, sum: opts.Sum, inMemory: inMemory}
	if err := m.prepare(opts); err != nil {
		if m.pool != nil {
			m.pool.close()
		}
		return nil, joined(err, m.packed.Release(), checkpoint.Close())
	}
	m.pass = newPass(m)
	m.loadTime = time.Since(begin)
	return m, nil
}

// joined is an error that names all causes on one line.
func joined(err error, others ...error) error {
	for _, other := range others {
		switch {
		case other == nil:
		case err == nil:
			err = other
		default:
			err = fmt.Errorf("%w; %w", err, other)
		}
	}
	return err
}

// complete sets defaults and returns the kernel that is asked for.
func (o *Options) complete() (*kernel.Kernel, error) {
	if o.DType == "" {
		o.DType = F32
	}
	if _, err := o.DType.mode(); err != nil {
		return nil, err
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.MaxBatchTokens == 0 {
		o.MaxBatchTokens = defaultBatchTokens
	}
	if o.Threads < 0 || o.MaxBatchTokens < 0 || o.MemoryLimit < 0 {
		return nil, fmt.Errorf("negative option: threads %d, batch tokens %d, memory limit %d", o.Threads, o.MaxBatchTokens, o.MemoryLimit)
	}
	for _, k := range kernel.Available() {
		if o.Kernel == "" || o.Kernel == k.Name() {
			return k, nil
		}
	}
	return nil, fmt.Errorf("no kernel %q on this machine, only %s", o.Kernel, strings.Join(Kernels(), ", "))
}

func (m *Model) prepare(opts Options) (err error) {
	if m.weights, err = readWeights(m.checkpoint, m.config); err != nil {
		return err
	}
	m.config.StoredDType = m.weights.stored
	if m.mode, err = opts.DType.mode(); err != nil {
		return err
	}
	packed := m.arrange()
	var pack bool
	if m.cacheLimit, pack, err = m.budget(opts, packed); err != nil {
		return err
	}
	m.pool = newPool(opts.Threads)
	if pack {
		if err := m.packWeights(packed); err != nil {
			return err
		}
		m.packedSize = packed
	}
	m.rope = newRope(m.config)
	m.long.cacheShape, m.brief.cacheShape = m.cacheShape(false), m.cacheShape(true)
	m.turn = make(chan struct{}, 1)
	m.turn <- struct{}{}
	m.digest = sync.OnceValue(m.computeDigest)
	return nil
}

// acquire waits for the model's turn; release gives it up.
func (m *Model) acquire(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-m.turn:
	}
	if m.closed {
		m.release()
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		m.release()
		return err
	}
	return nil
}

func (m *Model) release() { m.turn <- struct{}{} }

// Close waits for a running Score or Generate, ends the model's goroutines and gives back the weights. It returns an error
// when a weight file has changed since Load: answers given in between are in doubt. A second Close returns ErrClosed.
func (m *Model) Close() error {
	if err := m.acquire(context.Background()); err != nil {
		return err
	}
	defer m.release()
	m.closed = true
	m.pool.close()
	m.rope, m.pass = rope{}, nil
	return joined(m.buffer.release(), m.long.close(), m.brief.close(), m.packed.Release(), m.checkpoint.Close())
}

// Verify returns an error when a weight file has changed since Load.
func (m *Model) Verify() error {
	if err := m.acquire(context.Background()); err != nil {
		return err
	}
	defer m.release()
	return m.checkpoint.Verify()
}

// Config returns the model's configuration.
func (m *Model) Config() Config {
	c := m.config
	c.BOS, c.EOS = append([]int32(nil), c.BOS...), append([]int32(nil), c.EOS...)
	return c
}

// Parameters returns the number of weights, with a tied matrix counted once.
func (m *Model) Parameters() int64 { return m.weights.parameters }

// Warnings returns doubts about the weight files that do not prevent their use, one line each.
func (m *Model) Warnings() []string { return m.checkpoint.Warnings() }

// KernelName returns the name of the kernel in use, one of Kernels.
func (m *Model) KernelName() string { return m.kernel.Name() }

// Threads returns the number of goroutines that compute.
func (m *Model) Threads() int { return len(m.pool.workers) }

// group is the number of query heads that share one key-value head.
func (m *Model) group() int { return m.config.Heads / m.config.KVHeads }
