package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/filesum"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/memory"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// modelFlags choose and load a model.
type modelFlags struct {
	model   string
	flag    string // that named the model, "" for --model
	dtype   string
	threads int
	kernel  string
	batch   string
	memory  string
	window  int
	ignored []string // keys of config.json
	adapter string   // LoRA
	draft   string   // a model that guesses, noDraft, or ""
	server  serverFlags
	cluster clusterFlags
	network

	// asksServers says that the command may ask servers.
	asksServers bool

	announced bool // the user was told what the name stands for
}

func (f *modelFlags) register(cmd *cobra.Command) {
	f.registerModel(cmd)
	f.registerAdapter(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.dtype, "dtype", string(engine.F32), "arithmetic of the engine: f32, bf16, or q8 (lossy)")
	fl.IntVar(&f.threads, "threads", 0, "processor threads (default: all)")
	fl.StringVar(&f.kernel, "kernel", autoKernel, "kernel of the engine: auto measures at load which is the fastest; bench lists the names; never changes a result")
	fl.StringVar(&f.memory, "memory", "", "most memory to take, such as 12GiB (default: what the machine and its container leave); weights that do not fit are read for every batch; never changes a result")
	fl.StringVarP(&f.batch, "batch-size", "b", "auto", "sequences computed together, or auto; never changes a result")
}

func (f *modelFlags) registerModel(cmd *cobra.Command) {
	cmd.Flags().VarP(modelValue{&f.model}, "model", "M", "model: a directory in Hugging Face layout, a GGUF file, an alias such as 7b, or a hub id org/name[@revision] or org/name/file.gguf; smoke and smoke-damaged are within this program")
	cmd.Flags().StringArrayVar(&f.ignored, "ignore-config", nil, "a key of config.json that the engine does not know and that changes nothing on your word (repeatable; recorded with every number)")
	f.network.register(cmd.Flags())
}

// local brings what is needed of what --model names to this machine and returns where it lies and its name in results.
func (f *modelFlags) local(ctx context.Context, c console, need local.Part) (place embedded.Location, name string, err error) {
	address, err := f.find()
	if err != nil {
		return place, "", err
	}
	dir, adapter, err := f.localAdapter(ctx, c, need)
	if err != nil {
		return place, "", err
	}
	place, name, err = f.bring(ctx, c, local.Model{Given: f.model, Address: address, Adapter: dir, IgnoreConfig: f.ignored, Window: f.window}, need)
	place.Adapter, place.AdapterName = dir, adapter
	if err != nil || dir == "" {
		return place, name, err
	}
	if err := place.CheckConfig(); err != nil { // the shapes of both, before the weights are packed
		return place, "", fmt.Errorf("--adapter: %w", err)
	}
	return place, name + " + " + adapter, nil
}

// check finds what is wrong with the flags and the model's name, without a look at any file of the model.
func (f *modelFlags) check() error {
	if err := errors.Join(f.cluster.check(), f.checkDraft()); err != nil {
		return err
	}
	if isServer(f.model) {
		return f.checkServers()
	}
	if err := f.checkAdapter(); err != nil {
		return err
	}
	if _, err := f.find(); err != nil || f.batch == "" { // without --batch-size the command computes nothing
		return err
	}
	_, err := f.options()
	return err
}

// prepare brings of the model what is small, and checks it. A GGUF file is in one piece: of it only the name is checked.
func (f *modelFlags) prepare(ctx context.Context, c console) error {
	if err := f.check(); err != nil {
		return err
	}
	if isServer(f.model) {
		if f.server.tokenizer == "" {
			return nil
		}
		return f.ofTokenizer().prepare(ctx, c)
	}
	if address, err := f.find(); err != nil || address.File != "" {
		return err
	}
	_, err := f.encoder(ctx, c)
	return err
}

// model is what an evaluation needs of a model, whoever answers.
type model interface {
	eval.Model
	// Pieces are the token strings of a text, for the metrics that count in them.
	Pieces(text string) []string
	Close() error
}

// open opens what --model names, to be evaluated.
func (f *modelFlags) open(ctx context.Context, c console) (model, error) {
	if f.cluster.url != "" {
		if f.draft != "" {
			return nil, errors.New("--draft is for the workers of a cluster: name it there")
		}
		return f.openCluster(ctx, c)
	}
	if isServer(f.model) {
		m, err := f.openServers(ctx, c)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	m, err := f.openIdentified(ctx, c)
	if err != nil {
		return nil, err // an interface that holds a nil pointer is not nil
	}
	return m, nil
}

// openIdentified is openEngine for whoever keeps or passes on what the model answers, under its digest.
func (f *modelFlags) openIdentified(ctx context.Context, c console) (*embedded.Model, error) {
	m, err := f.openEngine(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := m.Identify(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// openEngine opens a model of the engine in this program, for the tools that speak tokens and logits.
func (f *modelFlags) openEngine(ctx context.Context, c console) (*embedded.Model, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	place, name, err := f.local(ctx, c, local.Whole)
	if err != nil {
		return nil, err
	}
	o.NoDrafts = f.draft == noDraft
	if o.Draft, err = f.openDraft(ctx, c, place); err != nil {
		return nil, err
	}
	m, err := embedded.OpenAt(place, name, f.window, o)
	if err != nil {
		return nil, errors.Join(f.flagged(err), closeDraft(o.Draft))
	}
	said := m.Notes()
	for _, note := range []string{notes.Generation(m.Generation()), m.Engine().Streaming()} {
		if note != "" {
			said = append(said, note)
		}
	}
	if err := c.notes(said); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// encoder opens only what turns text into tokens.
func (f *modelFlags) encoder(ctx context.Context, c console) (*wrapper.Encoder, error) {
	place, _, err := f.local(ctx, c, local.Encoder)
	if err != nil {
		return nil, err
	}
	return f.encoderAt(place)
}

func (f *modelFlags) encoderAt(place embedded.Location) (*wrapper.Encoder, error) {
	e, err := embedded.OpenEncoderAt(place, f.window)
	return e, f.flagged(err)
}

func (f *modelFlags) options() (engine.Options, error) {
	o := engine.Options{Threads: f.threads, DType: engine.DType(f.dtype), Sum: filesum.Memory{Dir: folders.Digests()}.Sum}
	if f.kernel != autoKernel {
		if !slices.Contains(engine.Kernels(), f.kernel) {
			return o, fmt.Errorf("--kernel %q: this machine has %s, and auto", f.kernel, strings.Join(engine.Kernels(), ", "))
		}
		o.Kernel = f.kernel
	}
	var err error
	if o.ProcessLimit, err = memoryLimit(f.memory); err != nil {
		return o, err
	}
	if f.threads < 0 {
		return o, fmt.Errorf("--threads %d is negative", f.threads)
	}
	if f.dtype != "" && engine.NumericsOf(o.DType) == "" {
		return o, fmt.Errorf("dtype %q is not supported, only %q, %q and %q", f.dtype, engine.F32, engine.BF16, engine.Q8)
	}
	if f.batch != "auto" && !strings.HasPrefix(f.batch, "auto:") {
		n, err := strconv.Atoi(f.batch)
		if err != nil || n < 1 {
			return o, fmt.Errorf("--batch-size %q is neither auto nor a positive number", f.batch)
		}
		// Harness users think of sequences; a sequence is worth some hundred tokens.
		o.MaxBatchTokens = n * tokensPerSequence
	}
	return o, nil
}

// memoryLimit reads --memory, and refuses more than there is.
func memoryLimit(flag string) (int64, error) {
	if flag == "" {
		return 0, nil
	}
	limit, err := memory.ParseSize(flag)
	if err != nil {
		return 0, fmt.Errorf("--memory: %w", err)
	}
	for _, b := range memory.Bounds() {
		if limit > b.Limit {
			return 0, fmt.Errorf("--memory %s: at most %s can be had here (%s)", flag, memory.Size(b.Limit), b.Who)
		}
	}
	return limit, nil
}

const tokensPerSequence = 512

// autoKernel is the kernel that is measured to be the fastest.
const autoKernel = "auto"
