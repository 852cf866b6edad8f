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

	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// ErrClosed is returned by methods of a Model that has been closed.
var ErrClosed = errors.New("engine: model is closed")

// Options choose how a model runs. None of them but DType and Adapter changes a bit of any answer.
type Options struct {
	Threads        int    // goroutines that compute; 0 means GOMAXPROCS
	DType          DType  // "" means F32
	MaxBatchTokens int    // token positions computed together; 0 means 1024, or what the memory makes sensible
	MemoryLimit    int64  // bytes for all of the engine but mapped weights; 0 means what ProcessLimit and the system leave
	ProcessLimit   int64  // bytes that the process may take in all, what it has already included; 0 means any
	NoPrefixReuse  bool   // computes what sequences have in common for each of them anew, for measurements
	NoDrafts       bool   // guesses no tokens of continuations, for measurements; see Drafts
	Draft          *Model // a smaller model with the same vocabulary, which guesses too; it becomes this one's, Close included
	Kernel         string // one of Kernels, for tests and measurements; "" means the one that is measured to be the fastest
	Reading        string // how weights are read that are not kept, one of Readings, for tests and measurements; "" means what is found to be the fastest
	Sum            Summer // digests of weight files for Digest, from whoever remembers them; nil computes
	SpillDir       string // where keys and values go that memory has no room for; "" means the system's temporary folder

	// Adapter is the folder of a LoRA adapter, as PEFT writes them, that is merged into the weights: each element is the exact
	// sum rounded to float32, and then treated as any stored weight by DType. "" is none.
	Adapter string

	// IgnoreConfig are keys of config.json, or of a GGUF file's metadata, that the engine does not know and that change
	// nothing on the caller's word. Config.Ignored has those that were there. A key that the engine knows is an error.
	IgnoreConfig []string
}

// Kernels returns the names that Options.Kernel accepts on this machine, those that use most of its instructions first.
func Kernels() []string {
	var names []string
	for _, k := range kernel.Available() {
		names = append(names, k.Name())
	}
	return names
}

// Model is a loaded model. Its methods may be called from several goroutines; Score, Generate and Close take turns.
type Model struct {
	checkpoint *checkpoint.Checkpoint
	net        *graph.Network
	schedule   *schedule.Scheduler
	reuse      bool   // not Options.NoPrefixReuse
	draft      *Model // nil for none
	loadTime   time.Duration
	// cacheMemory is the most bytes of key-value caches in memory.
	cacheMemory int64

	turn   chan struct{} // holds one token: whoever has it may use everything above
	closed bool          // guarded by turn
	sum    Summer
	digest func() (digests, error)
}

// Summer returns the SHA-256 of a weight file's content, which it may know from an earlier run: path and info say which
// file it is and in what state. It may be called from several goroutines.
type Summer = checkpoint.Summer

// Load opens a Llama model: a directory in Hugging Face layout (config.json, generation_config.json if present, and
// safetensors) or a GGUF file. What it does not understand it refuses. Errors are one line, begin with "load" and the
// directory or file, and name the file and the key or tensor.
func Load(dir string, opts Options) (*Model, error) {
	m, err := load(func() (*checkpoint.Checkpoint, error) { return checkpoint.Open(dir, opts.IgnoreConfig) }, opts)
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
	m, err := load(func() (*checkpoint.Checkpoint, error) { return checkpoint.OpenFS(files, opts.IgnoreConfig) }, opts)
	if err != nil {
		return nil, fmt.Errorf("load model %s: %w", name, err)
	}
	return m, nil
}

func load(open func() (*checkpoint.Checkpoint, error), opts Options) (*Model, error) {
	begin := time.Now()
	kernels, err := opts.complete()
	if err != nil {
		return nil, err
	}
	opened, err := open()
	if err != nil {
		return nil, err
	}
	m := &Model{checkpoint: opened, reuse: !opts.NoPrefixReuse, sum: opts.Sum, turn: make(chan struct{}, 1)}
	verify := func() error { return opened.Files.Verify() }
	if err := mapfile.Guarded(verify, func() error { return m.prepare(kernels, opts) }); err != nil {
		if m.net != nil {
			err = graph.Joined(err, m.net.Close())
		}
		return nil, graph.Joined(err, opened.Files.Close())
	}
	if m.draft = opts.Draft; m.draft != nil {
		m.schedule.Follower = schedule.NewFollower(m.draft.schedule)
	}
	m.turn <- struct{}{}
	m.digest = sync.OnceValues(m.computeDigests)
	m.loadTime = time.Since(begin)
	return m, nil
}

// complete sets defaults and returns the kernels to choose from: the one that is asked for, or all.
func (o *Options) complete() ([]*kernel.Kernel, error) {
	if o.DType == "" {
		o.DType = F32
	}
	if _, err := o.DType.mode(); err != nil {
		return nil, err
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Threads < 0 || o.MaxBatchTokens < 0 || o.MemoryLimit < 0 || o.ProcessLimit < 0 {
		return nil, fmt.Errorf("negative option: threads %d, batch tokens %d, memory limit %d", o.Threads, o.MaxBatchTokens, o.MemoryLimit)
	}
	if o.Reading != "" {
		if _, err := graph.ReadingOf(o.Reading); err != nil {
			return nil, err
		}
	}
	all := kernel.Available()
	if o.Kernel == "" {
		return all, nil
	}
	for i, k := range all {
		if o.Kernel == k.Name() {
			return all[i : i+1], nil
		}
	}
	return nil, fmt.Errorf("no kernel %q on this machine, only %s", o.Kernel, strings.Join(Kernels(), ", "))
}

// forced refuses another kernel than the one asked for: what gives wrong bits is not chosen, and not replaced in silence.
func forced(name string, k *kernel.Kernel) error {
	if name != "" && name != k.Name() {
		return fmt.Errorf("kernel %q does not give the same bits as the portable one on this machine", name)
	}
	return nil
}

func (m *Model) prepare(kernels []*kernel.Kernel, opts Options) error {
	mode, err := opts.DType.mode()
	if err != nil {
		return err
	}
	if opts.Adapter != "" {
		if err := m.checkpoint.Adapt(opts.Adapter); err != nil {
			return err
		}
	}
	if m.net, err = graph.New(m.checkpoint.Config, m.checkpoint.Tensors, kernels[0], mode); err != nil {
		return err
	}
	m.net.Choose(kernels)
	if err := forced(opts.Kernel, m.net.Kernel()); err != nil {
		return err
	}
	plan, err := makePlan(m.net, opts)
	if err != nil {
		return err
	}
	m.net.Start(opts.Threads)
	if err := plan.carryOut(m.net, m.checkpoint.InMemory, opts.Reading); err != nil {
		return err
	}
	m.schedule = schedule.New(m.net, plan.batch, plan.cache, plan.spill)
	m.schedule.NoDrafts = opts.NoDrafts
	if m.cacheMemory = plan.cache; plan.spill.Dir != "" {
		m.cacheMemory = plan.spill.Memory
	}
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
	err := graph.Joined(m.schedule.Close(), m.net.Close(), m.checkpoint.Files.Close())
	if m.draft != nil {
		err = graph.Joined(err, m.draft.Close())
	}
	return err
}

// Verify returns an error when a weight file has changed since Load.
func (m *Model) Verify() error {
	if err := m.acquire(context.Background()); err != nil {
		return err
	}
	defer m.release()
	return m.checkpoint.Files.Verify()
}

// Config returns the model's configuration.
func (m *Model) Config() Config {
	c := m.net.Config()
	c.BOS, c.EOS = append([]int32(nil), c.BOS...), append([]int32(nil), c.EOS...)
	return c
}

// Parameters returns the number of weights, with a tied matrix counted once.
func (m *Model) Parameters() int64 { return m.net.Parameters() }

// Warnings returns doubts about the weight files that do not prevent their use, one line each.
func (m *Model) Warnings() []string { return m.checkpoint.Files.Warnings() }

// KernelName returns the name of the kernel in use, one of Kernels.
func (m *Model) KernelName() string { return m.net.Kernel().Name() }

// Threads returns the number of goroutines that compute.
func (m *Model) Threads() int { return m.net.Pool().Size() }

// WeightBytes is the size of the weight files.
func (m *Model) WeightBytes() int64 { return m.checkpoint.Files.Bytes() }

// LoadTime is how long Load took. Weights are packed later, when they are reached.
func (m *Model) LoadTime() time.Duration { return m.loadTime }

// Measure gives package bench, which alone can name the types, what the model consists of while nobody else uses it.
func (m *Model) Measure(ctx context.Context, do func(n *graph.Network, s *schedule.Scheduler) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	return do(m.net, m.schedule)
}
