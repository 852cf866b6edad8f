package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/progress"
)

// network is what the user permits of it.
type network struct {
	offline       bool
	insecureToken bool
}

func (n *network) register(f *pflag.FlagSet) {
	f.BoolVar(&n.offline, "offline", false, "open no network connection")
	f.BoolVar(&n.insecureToken, "allow-insecure-token", false, "send the hub's token to an HF_ENDPOINT that is not encrypted and not on this machine")
}

// hubClient talks to the hub, and to the places the data sets are published at, as the environment says.
// The second result tells that no connection may be opened.
func hubClient(c console, n network) (*hub.Client, bool, error) {
	o, err := hub.FromEnv(os.Getenv)
	if err != nil {
		return nil, false, err
	}
	o.Offline = o.Offline || n.offline
	o.InsecureToken = n.insecureToken
	o.UserAgent = "swallow-eval/" + tool().Version
	o.Transport = c.wire
	if !o.Quiet {
		o.Progress = progress.Downloads(c.err)
	}
	client, err := hub.New(o)
	return client, o.Offline, err
}

// modelPart is how much of a model a command needs.
type modelPart int

// The parts, from the smallest to the whole.
const (
	tokenizerOnly modelPart = iota
	encoderOnly             // configuration and tokenizer
	engineOnly              // configuration and weights; the tokenizer may be anything
	wholeModel
)

// find reads the value of the model's flag where it is no server.
func (f *modelFlags) find() (a locate.Address, err error) {
	if f.model == "" {
		return a, fmt.Errorf("no %s given: name a directory in Hugging Face layout, a GGUF file, an alias (swallow-eval list models), a hub id org/name[@revision], or smoke for the model within this program", f.flagName())
	}
	if isServer(f.model) {
		return a, f.errServer()
	}
	if a, err = locate.Find(f.model); err != nil {
		return a, fmt.Errorf("%s %w", f.flagName(), err)
	}
	return a, nil
}

// flagName is the flag that named the model, for errors.
func (f *modelFlags) flagName() string {
	if f.flag == "" {
		return "--model"
	}
	return f.flag
}

// flagged is an error about the model that the flag named, nil for nil.
func (f *modelFlags) flagged(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.flagName(), err)
}

// bring brings the model to this machine where it is not there yet, and returns where it lies and the name that the results call
// it by: the path as given, or the hub id with the commit it stood for. What the name stands for is told once.
func (f *modelFlags) bring(ctx context.Context, c console, a locate.Address, need modelPart, checks []hub.Step) (place embedded.Location, name string, err error) {
	if a.Within != nil {
		return embedded.Location{Path: f.model, Files: a.Within}, f.model, nil
	}
	if a.Dir != "" {
		return embedded.Location{Path: a.Dir}, filepath.ToSlash(filepath.Clean(f.model)), nil
	}
	client, _, err := hubClient(c, f.network)
	if err != nil {
		return place, "", err
	}
	if f.model != a.Repo.ID && !f.announced {
		if _, err := fmt.Fprintf(c.err, "model %s is %s\n", textsafe.Terminal(f.model), textsafe.Terminal(a.Repo.String())); err != nil {
			return place, "", err
		}
	}
	f.announced = true
	place.Path, name, err = a.Fetch(ctx, locate.Fetching{Client: client, Checks: checks, Weights: need >= engineOnly}, f.model)
	if err != nil {
		return place, "", fmt.Errorf("%s %w", f.flagName(), err)
	}
	return place, name, nil
}
