package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
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
	return fmt.Errorf("%s: %w", f.flagName(), advised(err))
}

// advised is an error with the flags that help.
func advised(err error) error {
	var adapter *engine.AdapterError
	switch {
	case !errors.As(err, &adapter):
		return err
	case adapter.Beside:
		return fmt.Errorf("%w; --adapter names that folder", err)
	}
	return fmt.Errorf("%w: name its base with --model and this folder with --adapter", err)
}

// bring brings the model to this machine where it is not there yet. What a name of the hub stands for is told once.
func (f *modelFlags) bring(ctx context.Context, c console, m local.Model, need local.Part) (place embedded.Location, name string, err error) {
	var client *hub.Client
	if m.Remote() {
		if client, _, err = hubClient(c, f.network); err != nil {
			return place, "", err
		}
		if f.model != m.Address.Repo.ID && !f.announced {
			if _, err := fmt.Fprintf(c.err, "model %s is %s\n", textsafe.Terminal(f.model), textsafe.Terminal(m.Address.Repo.String())); err != nil {
				return place, "", err
			}
		}
		f.announced = true
	}
	if place, name, err = m.Bring(ctx, client, need); err != nil {
		return place, "", fmt.Errorf("%s %w", f.flagName(), advised(err))
	}
	return place, name, nil
}
