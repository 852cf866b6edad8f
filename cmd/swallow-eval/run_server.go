package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/openai"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
)

// openaiKeyEnv holds the key of servers that are asked.
const openaiKeyEnv = "OPENAI_API_KEY"

// serverFlags say how a model that is a server is asked.
type serverFlags struct {
	tokenizer  string
	concurrent int
	timeout    time.Duration
}

func (f *serverFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.tokenizer, "tokenizer", "", "with --model openai:...: where tokenizer and config.json of the served model are, as for --model (default: the server's own, if it tells all that is needed)")
	fl.IntVar(&f.concurrent, "num-concurrent", 64, "with --model openai:...: the most requests to one server at one time; how many there are adapts to what it takes")
	fl.DurationVar(&f.timeout, "request-timeout", 10*time.Minute, "with --model openai:...: how long one request may take")
}

// modelValue is the value of --model. Servers may be several, which are a pool; of other values the last one counts.
type modelValue struct{ name *string }

func (v modelValue) String() string {
	if v.name == nil {
		return ""
	}
	return *v.name
}
func (v modelValue) Type() string { return "string" }

func (v modelValue) Set(s string) error {
	if isServer(*v.name) && isServer(s) {
		s = *v.name + " " + s
	}
	*v.name = s
	return nil
}

// isServer says whether a model is one or more servers.
func isServer(model string) bool { return strings.HasPrefix(model, openai.Prefix) }

// errServer refuses servers where tokens and logits are needed, or nothing but files.
func (f *modelFlags) errServer() error {
	return fmt.Errorf("%s %s is a server: run asks servers, this command reads a model's files", f.flagName(), textsafe.Terminal(f.model))
}

// servers are the addresses of --model.
func (f *modelFlags) servers() (list []openai.Address, err error) {
	for _, name := range strings.Fields(f.model) {
		a, err := openai.ParseAddress(name)
		if err != nil {
			return nil, f.flagged(err)
		}
		list = append(list, a)
	}
	return list, nil
}

// checkServers finds what is wrong with the flags of a model that is a server.
func (f *modelFlags) checkServers() error {
	if _, err := f.servers(); err != nil {
		return err
	}
	switch {
	case !f.asksServers:
		return f.errServer()
	case isServer(f.server.tokenizer):
		return errors.New("--tokenizer is a server: name a directory, an alias or a hub id")
	case f.dtype != string(engine.F32):
		return errors.New("--dtype is the arithmetic of the engine in this program; a server has its own")
	case f.adapter != "":
		return errors.New("--adapter is merged by the engine in this program; a server has its own weights")
	case f.memory != "":
		return errors.New("--memory is for the engine in this program; a server has its own")
	case f.server.concurrent < 1:
		return fmt.Errorf("--num-concurrent %d is not positive", f.server.concurrent)
	case f.server.timeout <= 0:
		return fmt.Errorf("--request-timeout %v is not positive", f.server.timeout)
	}
	if f.server.tokenizer == "" {
		return nil
	}
	_, err := f.ofTokenizer().find()
	return err
}

// arithmetic is what the answers will be computed in, as results have it.
func (f *modelFlags) arithmetic() string {
	if isServer(f.model) {
		return openai.DType
	}
	return f.dtype
}

// ofTokenizer are the flags with the tokenizer's place for the model's.
func (f *modelFlags) ofTokenizer() *modelFlags {
	g := *f
	g.model, g.flag, g.announced = f.server.tokenizer, "--tokenizer", true
	return &g
}

// servedEncoder reads the tokenizer that --tokenizer names, or asks the first server for its own.
func (f *modelFlags) servedEncoder(ctx context.Context, c console, first openai.Address, o openai.Options) (*wrapper.Encoder, error) {
	if f.server.tokenizer == "" {
		e, err := openai.OpenEncoder(ctx, first, o)
		if err != nil {
			return nil, f.flagged(err)
		}
		return e, nil
	}
	return f.ofTokenizer().encoder(ctx, c)
}

// openServers meets the servers of --model.
func (f *modelFlags) openServers(ctx context.Context, c console) (*openai.Model, error) {
	list, err := f.servers()
	if err != nil {
		return nil, err
	}
	o := openai.Options{
		Key: os.Getenv(openaiKeyEnv), Concurrent: f.server.concurrent, Timeout: f.server.timeout, Wire: c.wire,
		Say: c.say,
	}
	e, err := f.servedEncoder(ctx, c, list[0], o)
	if err != nil {
		return nil, err
	}
	m, err := openai.Open(ctx, list, e, o)
	if err != nil {
		return nil, f.flagged(err)
	}
	notes := m.Notes()
	if reason := m.CannotScore(); reason != nil {
		notes = append(notes, reason.Error())
	}
	if err := c.notes(notes); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}
