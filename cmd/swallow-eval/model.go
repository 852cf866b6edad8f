package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/filesum"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

// modelFlags choose and load a model.
type modelFlags struct {
	model   string
	dtype   string
	threads int
	batch   string
	window  int
	network
}

func (f *modelFlags) register(cmd *cobra.Command) {
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.dtype, "dtype", string(engine.F32), "arithmetic of the engine: f32, bf16, or q8 (lossy)")
	fl.IntVar(&f.threads, "threads", 0, "processor threads (default: all)")
	fl.StringVarP(&f.batch, "batch-size", "b", "auto", "sequences computed together, or auto; never changes a result")
}

func (f *modelFlags) registerModel(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.model, "model", "M", "", "model: a directory in Hugging Face layout, a GGUF file, an alias such as 7b, or a hub id org/name[@revision] or org/name/file.gguf; smoke and smoke-damaged are within this program")
	f.network.register(cmd.Flags())
}

// local brings what --model names to this machine and returns where it lies and its name in results. weights tells
// whether more than the tokenizer and the configuration are needed.
func (f *modelFlags) local(ctx context.Context, c console, weights bool) (place embedded.Location, name string, err error) {
	address, err := findModel(f.model)
	if err != nil {
		return place, "", err
	}
	return address.local(ctx, c, f.model, f.network, weights)
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
	m, err := f.openEngine(ctx, c)
	if err != nil {
		return nil, err // an interface that holds a nil pointer is not nil
	}
	return m, nil
}

// openEngine opens a model of the engine in this program, for the tools that speak tokens and logits.
func (f *modelFlags) openEngine(ctx context.Context, c console) (*embedded.Model, error) {
	place, name, err := f.local(ctx, c, true)
	if err != nil {
		return nil, err
	}
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	m, err := embedded.OpenAt(place, name, f.window, o)
	if err != nil {
		return nil, fmt.Errorf("--model: %w", err)
	}
	if note := results.GenerationNote(m.Generation()); note != "" {
		if _, err := fmt.Fprintln(c.err, textsafe.Terminal(note)); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, nil
}

// encoder opens only what turns text into tokens.
func (f *modelFlags) encoder(ctx context.Context, c console) (*wrapper.Encoder, error) {
	place, _, err := f.local(ctx, c, false)
	if err != nil {
		return nil, err
	}
	e, err := embedded.OpenEncoderAt(place, f.window)
	if err != nil {
		return nil, fmt.Errorf("--model: %w", err)
	}
	return e, nil
}

func (f *modelFlags) options() (engine.Options, error) {
	o := engine.Options{Threads: f.threads, DType: engine.DType(f.dtype), Sum: filesum.Memory{Dir: digestsFolder()}.Sum}
	if f.threads < 0 {
		return o, fmt.Errorf("--threads %d is negative", f.threads)
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

const tokensPerSequence = 512

// digestsEnv overrides the folder of remembered digests of weight files.
const digestsEnv = "SWALLOW_EVAL_DIGESTS"

// digestsFolder is where digests of weight files are remembered, "" where there is no place: then they are computed anew.
func digestsFolder() string {
	dir, err := ownFolder("", digestsEnv, "digests", "")
	if err != nil {
		return ""
	}
	return dir
}
